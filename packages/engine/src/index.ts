export {
  type CompiledRules,
  type DecideOptions,
  type Decision,
  decide,
  mostChanged,
  personHolds,
  reopenWithin,
  replayWithin,
  routingLabels,
  snapshot,
} from './decide.ts';
export {
  backoff,
  claimed,
  crashed,
  givesUpAfter,
  mostClaims,
  nextStep,
  owe,
  reschedule,
  type SendResult,
  type Step,
  settled,
  skipped,
  subscriptionId,
} from './delivery.ts';
export { compileMatchers, formatMatcher, type Matcher } from './matcher.ts';
export { parseMatchers } from './matcher-parser.ts';
export { packSignals, unpackSignals } from './packed.ts';
export { compileRoutes, type Route, type Router, type RouteStep, type Subscription, type To } from './routing.ts';
export { compileRules } from './rules.ts';
export type {
  Action,
  Attempt,
  AttemptRecord,
  Due,
  Finding,
  GroupFilter,
  GroupSummary,
  LaneBudget,
  Lease,
  Page,
  PageRequest,
  PinnedTemplates,
  Queries,
  Settled,
  Signals,
  Store,
  StoredRequest,
} from './store.ts';
export type { Timer, TimerSignal } from './timer.ts';
export type {
  ActionSignal,
  AlertSignal,
  Delivery,
  EventKind,
  Group,
  GroupEvent,
  GroupStatus,
  IgnoreReason,
  Labels,
  Member,
  MemberSnapshot,
  OnNewMember,
  Outcome,
  RequestSignal,
  Rules,
  Severity,
  Signal,
} from './types.ts';
export { type Changes, type State, type TimerChange, WorkingSet } from './working-set.ts';
