/** The words, the errors and the text rules alone, for threads that render nothing: they load in a tenth of the time. */
export {
  type Alert,
  type AlertStatus,
  alertStatuses,
  compareSeverity,
  type EventKind,
  eventKinds,
  type GroupStatus,
  type Labels,
  type Severity,
  severities,
} from './alert.ts';
export { type ErrorCode, type Fault, TocsinError, type TocsinErrorOptions } from './errors.ts';
export { formatDuration } from './template/time.ts';
export { wellFormed, wellFormedJson } from './text.ts';
