export { z } from 'zod';
export {
  type Callback,
  type Offer,
  type PersonAction,
  type Press,
  personActions,
  type TargetActions,
} from './actions.ts';
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
  toSeverity,
} from './alert.ts';
export { basicLogin, nextRequest, signingSecrets } from './authentication.ts';
export { type DecisionName, type Decisions, decided, decisionNames } from './decisions.ts';
export { durationPattern, toMilliseconds } from './duration.ts';
export { type ErrorCode, type Fault, formatFault, TocsinError, type TocsinErrorOptions } from './errors.ts';
export { exactJson } from './exact-json.ts';
export { longestHeadline } from './headline.ts';
export {
  type AppAddresses,
  type Installed,
  type Place,
  type PlacePage,
  type TargetInstallation,
  type VendorRefusal,
  workspaceOf,
} from './installation.ts';
export {
  type Integration,
  readDefinition,
  type SourceIntegration,
  type SourceTemplates,
  type TargetIntegration,
  type TemplateField,
  templateFields,
} from './integration.ts';
export { jsonText } from './json-text.ts';
export {
  layerOf,
  overlay,
  readTemplateName,
  sourceTemplatesOf,
  type TemplateLayer,
  type TemplateText,
  templateFor,
  textsOf,
  type WordingField,
  wordingFields,
} from './layers.ts';
export {
  type Macros,
  type MacroView,
  type MonitoredObject,
  macroDecisions,
  macros,
  macroView,
  monitoredObject,
  requiredObject,
} from './macros.ts';
export { media, mediumOf } from './media/media.ts';
export { createMedium, type Dialect, type Medium, type MediumName, mediumNames } from './media/medium.ts';
export type { MarkdownBlock, MarkdownInline, MarkdownNode, MarkdownRoot } from './media/tree.ts';
export { boundedIdentity, canonicalJson, type Normalised, type NormaliseOptions, normalise } from './normalise.ts';
export { type NotOffered, notOfferedParts } from './not-offered.ts';
export type {
  Notification,
  NotificationAlert,
  NotificationEvent,
  NotificationGroup,
  NotificationInput,
} from './notification.ts';
export { payloadBody, payloadFault, payloadTemplate } from './payload-template.ts';
export { type NotificationOptions, renderNotification } from './render.ts';
export {
  formatCurl,
  formatRequest,
  type HttpRequest,
  type HttpResponse,
  impossibleHeaders,
  type SourceRequest,
} from './request.ts';
export {
  type AlertContext,
  contractVersion,
  defineSource,
  type Identity,
  type Source,
  type SourceContext,
  type SourceDefinition,
  type SourceResult,
  takesNoBody,
  type VendorTime,
} from './source.ts';
export {
  digestTemplates,
  type StandardNotification,
  standardNotifications,
  standardNow,
  standardTemplates,
} from './standard.ts';
export {
  type AttemptOutcome,
  defineTarget,
  openUrl,
  outcomeOf,
  secret,
  secretUrl,
  type Target,
  type TargetDefinition,
  type TargetLimits,
} from './target.ts';
export { type Budget, defaultBudget } from './template/budget.ts';
export { blockHelpers, type HelperDescription, valueHelpers } from './template/helpers.ts';
export { nearest } from './template/nearest.ts';
export { readSegments, type Segment, type Token } from './template/tags.ts';
export { type MarkdownOptions, parseTemplate, type RenderOptions, type Template } from './template/template.ts';
export { wellFormed, wellFormedJson } from './text.ts';
export {
  type Authentication,
  type BasicAuthentication,
  type HmacVerification,
  isSigned,
  namedSettings,
  type SignedPart,
  type SigningAuthentication,
  secretSettings,
  type Verification,
} from './verification.ts';
export { isIdentifying, usualNames } from './vocabulary/names.ts';
export { objectOf } from './vocabulary/object.ts';
export { plainWord, splitTitle, statusWords } from './vocabulary/words.ts';
export type { CommandFileWriteBack, HttpWriteBack, Wanted, Watch, WriteBack } from './write-back.ts';
