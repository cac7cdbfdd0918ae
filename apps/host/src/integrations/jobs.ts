import type {
  AttemptOutcome,
  Callback,
  ErrorCode,
  Fault,
  HttpRequest,
  HttpResponse,
  Installed,
  MediumName,
  Notification,
  NotificationAlert,
  NotificationInput,
  PlacePage,
  Severity,
  SourceRequest,
  TemplateText,
  VendorRefusal,
  Wanted,
  WordingField,
} from '@tocsin/core';

/** What the threads that run integrations need to know of a configured source or target. Crosses threads. */
/** What can be taken away from the threads, only to see what goes wrong then. */
export type Protection =
  /** What an integration's code throws is its own failure. */
  | 'catch'
  /** Texts are cut to what the target takes. */
  | 'cut'
  /** No key of a payload reaches a prototype. */
  | 'key-check';

export interface WorkerSetup {
  sources: {
    id: string;
    folder: string;
    settings: unknown;
    /** How its vendor is told what people do; undefined where it isn't. */
    writeBack: unknown;
    labels: Record<string, string>;
    severity: Record<string, Severity>;
    /** The words that its package brought, as they were recorded. */
    templates: readonly TemplateText[];
    /** The operator's over them, those that decide among them. */
    words: readonly TemplateText[];
  }[];
  targets: { id: string; folder: string; settings: unknown; words: readonly TemplateText[] }[];
  /** Words of `to` entries, by the name that deliveries carry. */
  wordings: [name: string, words: readonly TemplateText[]][];
  without: readonly Protection[];
  /** [0]: the number of the job that runs an integration's code now, 0 when none does. */
  progress: Int32Array;
}

/** A member whose payload is still JSON text. */
export type PackedAlert = Omit<NotificationAlert, 'data'> & { data: string };

export type PackedInput = Omit<NotificationInput, 'alert' | 'alerts'> & { alerts: PackedAlert[] };

/** What a person wants of a monitor, for one alert. */
export type PackedWanted = Omit<Wanted, 'alert'> & { alert: PackedAlert };

export type Job =
  | {
      kind: 'normalise';
      source: string;
      request: SourceRequest;
      /** Of the delivery, where a signature vouches for it. */
      deliveryId?: string;
      receivedAt: number;
    }
  | {
      kind: 'request';
      /** Null: the hub's own words, for a test or for many groups at once. */
      source: string | null;
      target: string;
      wording: string | null;
      input: PackedInput;
      answers: HttpResponse[];
      now: number;
    }
  | PreviewJob
  | TitleJob
  | { kind: 'outcome'; source: string | null; target: string; response: HttpResponse }
  | { kind: 'callback'; target: string; request: SourceRequest }
  | { kind: 'reply'; target: string; to: string; text: string }
  | { kind: 'person'; target: string; id: string; installation: string | undefined }
  | { kind: 'person-name'; target: string; response: HttpResponse }
  | { kind: 'write-back'; source: string; wanted: PackedWanted; answers: HttpResponse[] }
  | { kind: 'write-back-outcome'; source: string; response: HttpResponse }
  | { kind: 'write-back-object'; source: string; alert: PackedAlert }
  | { kind: 'watch'; source: string; answers: HttpResponse[] }
  | WatchJob
  | { kind: 'installation-request'; target: string; asked: InstallationStep }
  | { kind: 'installation-answer'; target: string; step: 'exchange' | 'revoke' | 'places'; response: HttpResponse }
  /** Whether an answer says that the workspace has let the app go. */
  | { kind: 'installation-end'; target: string; response: HttpResponse };

/** Which alerts are over, by two looks at the monitor. */
export interface WatchJob {
  kind: 'watch-over';
  source: string;
  alerts: { fingerprint: string; since: number }[];
  earlier: HttpResponse[];
  later: HttpResponse[];
  now: number;
}

/** What is asked of a vendor about an installation, or of a browser on its way there. */
export type InstallationStep =
  | { step: 'authorize'; redirectUri: string; state: string }
  | { step: 'exchange'; code: string; redirectUri: string }
  | { step: 'revoke' }
  | { step: 'places'; cursor: string | undefined };

/** The titles alone of what a target is told of many groups at once. */
export interface TitleJob {
  kind: 'titles';
  source: null;
  target: string;
  items: { source: string; wording: string | null; input: PackedInput }[];
  now: number;
}

/** What a message would be, for people to see; nothing of it is sent. */
export interface PreviewJob {
  kind: 'preview';
  source: string;
  /** A target's request is built too. */
  target: string | null;
  wording: string | null;
  /** In place of the target's. */
  medium: MediumName | null;
  /** In place of those that the source's package brought. */
  templates: readonly TemplateText[] | null;
  input: PackedInput;
  now: number;
}

export interface Preview {
  medium: MediumName;
  texts: Pick<Notification, 'headline' | 'title' | 'message' | 'comment' | 'link' | 'image'>;
  /** Which template gave each of them. */
  from: Partial<Record<WordingField, string>>;
  /** The first that would leave; none without a target. */
  request: HttpRequest | null;
  /** What went wrong with a template, or with the request. */
  problems: string[];
}

export interface Results {
  /** `signals`: packed, as the store takes them. `problems`: what went wrong with the operator's templates. */
  normalise: { signals: string; rejected: Fault[]; problems: string[] };
  /** `problems`: what went wrong with a template, for the log. */
  request: { request: HttpRequest | null; problems: string[] };
  preview: Preview;
  /** Plain text, one for each item. */
  titles: { titles: string[] };
  outcome: AttemptOutcome;
  callback: Callback;
  reply: { request: HttpRequest | null };
  person: { request: HttpRequest | null };
  'person-name': { name: string | null };
  'write-back': { request: HttpRequest | null };
  'write-back-outcome': AttemptOutcome;
  watch: { request: HttpRequest | null };
  'watch-over': { over: string[] };
  'write-back-object': { object: { host: string; service?: string } };
  'installation-request': { request: HttpRequest };
  /** Nothing in it: it is done, and there is nothing to say. */
  'installation-answer': { read: Installed | PlacePage | VendorRefusal | Record<string, never> };
  'installation-end': { isEnded: boolean };
}

export interface JobFailure {
  code: ErrorCode;
  message: string;
  faults: Fault[];
  remedy: string | undefined;
}

export type JobAnswer<Kind extends Job['kind'] = Job['kind']> = { result: Results[Kind] } | { failure: JobFailure };

/**
 * Texts cross threads at half the cost of objects: jobs and answers are JSON, and what is large in them, a request's
 * body and the signals that it became, stands beside them as it is.
 */
export interface JobMessage {
  numbers: number[];
  jobs: string[];
  bodies: string[];
}

/** The jobs of a message, or the first of them. */
export interface Answered {
  numbers: number[];
  answers: string[];
  signals: string[];
}

/** From here on the source's package says this. */
export interface PinMessage {
  source: string;
  templates: readonly TemplateText[];
}

export type ToWorker = JobMessage | PinMessage;

export type FromWorker = { ready: true } | Answered;
