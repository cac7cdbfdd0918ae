// For the evidence on a real Icinga 2.
export {
  acknowledgeRequest,
  permissions,
  readAction,
  readStatus,
  removeAcknowledgementRequest,
  statusRequest,
} from '../../src/api.ts';
