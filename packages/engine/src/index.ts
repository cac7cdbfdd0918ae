export { type AddressTemplate, addressOf, isAllowed, parseAddress } from './address.ts';
export { type Channel, type ChannelSubscription, cancelled, underRules } from './channel.ts';
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
  causeOf,
  claimed,
  crashed,
  givesUpAfter,
  isDigestible,
  isTold,
  longestPause,
  mostClaims,
  mostPosts,
  nextStep,
  owe,
  rearmed,
  replayStep,
  reschedule,
  type SendResult,
  type Step,
  settled,
  skipped,
  subscriptionId,
  tellsChanged,
} from './delivery.ts';
export {
  type HeldStep,
  type Hold,
  type Holding,
  heldStep,
  holdMembers,
  type Muter,
  parked,
  recheckAfter,
} from './hold.ts';
export {
  compileInhibition,
  type Inhibition,
  InhibitionIndex,
  type InhibitionRule,
  type Inhibitor,
} from './inhibition.ts';
export { compileMatchers, formatMatcher, type Matcher } from './matcher.ts';
export { parseMatchers } from './matcher-parser.ts';
export { packSignals, unpackSignals } from './packed.ts';
export { compileRoutes, type Route, type Router, type RouteStep, type Subscription, type To } from './routing.ts';
export { compileRules } from './rules.ts';
export {
  checkSilence,
  compileSilences,
  type Silence,
  type Silencer,
  type SilenceState,
  silenceState,
} from './silence.ts';
export {
  type Action,
  type Attempt,
  type AttemptRecord,
  type DeadCause,
  type DeadFilter,
  type DeadLetter,
  type Due,
  type Finding,
  type GroupFilter,
  type GroupSummary,
  type LaneBudget,
  type LaneState,
  type Lease,
  mostRetried,
  mostSilences,
  type OldestOwed,
  type OpenGroups,
  type Page,
  type PageRequest,
  type PinnedTemplates,
  type Queries,
  type Settled,
  type Signals,
  type Store,
  type StoredRecord,
  type StoredRequest,
} from './store.ts';
export { compileTimeIntervals, type TellingTimes, type TimeGate } from './time-gate.ts';
export { horizon, isWithin, nextChange, type Range, type TimeInterval } from './time-interval.ts';
export { type IntervalFault, type ReadTimeIntervals, readTimeIntervals } from './time-interval-reader.ts';
export type { Timer, TimerSignal } from './timer.ts';
export type {
  ActionSignal,
  AlertSignal,
  Delivery,
  Escalation,
  EventKind,
  Group,
  GroupEvent,
  GroupStatus,
  IgnoreReason,
  Labels,
  Limits,
  Member,
  MemberSnapshot,
  OnNewMember,
  Outcome,
  RequestSignal,
  Retention,
  Rules,
  Severity,
  Signal,
} from './types.ts';
export { usualLimits, usualRetention } from './types.ts';
export { noUsage, type Usage, usageAfter } from './usage.ts';
export { type Changes, type State, type TimerChange, WorkingSet } from './working-set.ts';
