// For the evidence on a real Nagios.
export { acknowledgeNagios, unacknowledgeNagios } from '../../src/write-back/nagios.ts';
