// For the evidence on a real Alertmanager.
export {
  alertsRequest,
  endSilenceRequest,
  goneMembers,
  isSilenced,
  readAlerts,
  readEndedSilence,
  readSilence,
  readStartedAt,
  silenceRequest,
  statusRequest,
} from '../../src/api.ts';
