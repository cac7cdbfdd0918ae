import { z } from 'zod';
import type { TargetActions } from './actions.ts';
import type { TargetInstallation } from './installation.ts';
import type { MediumName } from './media/medium.ts';
import type { NotOffered } from './not-offered.ts';
import type { Notification } from './notification.ts';
import type { HttpRequest, HttpResponse } from './request.ts';
import { contractVersion } from './source.ts';
import type { Authentication } from './verification.ts';

/** A setting that people must not see: the host keeps it as a reference and resolves it only when it sends. */
export function secret(): z.ZodString {
  return z.string().min(1).meta({ secret: true });
}

/** The same for where requests go: an address often holds a token. The host sees to it that it is http or https. */
export function secretUrl(): z.ZodString {
  return secret().meta({ url: true });
}

/** An address that is no secret: the host fills in references before anything else, and people see it. */
export function openUrl(): z.ZodURL {
  return z.url({ protocol: /^https?$/ }).meta({ open: true, url: true });
}

/** How an attempt ended. `ref` is the vendor's handle of the message: what is told of the group next has it as `ref`. */
export type AttemptOutcome =
  | { outcome: 'delivered'; ref?: string }
  /** `after`: milliseconds that the vendor asked for. */
  | { outcome: 'retry'; reason: string; after?: number }
  /** `setUp`: what is wrong with the set-up and what to do, in words of the integration's own: an alarm repeats them. */
  | { outcome: 'refused'; reason: string; setUp?: string }
  /** What is posted to is no more: nothing goes there until somebody mends it, and nothing that is owed is lost. */
  | { outcome: 'disabled'; reason: string; setUp?: string };

export interface TargetLimits {
  /** Longest title in the medium's unit. */
  title?: number;
  /** Longest message in the medium's unit. */
  message?: number;
  /** Requests at a time to one endpoint. Default 8. */
  concurrency?: number;
  /** Requests a second to one endpoint, on average; bursts of five seconds' worth go at once. Default: as many as it takes. */
  rate?: number;
}

/** One external system that is told. It builds requests and never sends them: the host does. */
export interface TargetDefinition<Settings = unknown> {
  /** The vendor's own name of the product. */
  title: string;
  /** One sentence for the list of integrations. */
  summary: string;
  /** The vendor's page that describes the request. */
  docs: string;
  /** What an operator sets; `secret()` for what people must not see. */
  settings: z.ZodType<Settings>;
  /** How `title` and `message` of a notification are rendered for this target. */
  medium: MediumName | ((settings: Settings) => MediumName);
  /** `latest` tells the present state, `every` tells each change in its order. */
  mode: 'latest' | 'every';
  limits: TargetLimits;
  /**
   * What a route may give as `address`: whom the target tells, such as a channel or a number. A notification has it as
   * `address`. A target without this one tells whom its settings say.
   */
  address?: z.ZodType<string>;
  /** How the host proves itself to the target, after preview and logging. Default: by nothing but what `request` builds. */
  auth?: Authentication;
  /** The next request, or nothing when the answers so far complete the delivery. */
  request: (
    notification: Notification,
    settings: Settings,
    answers: readonly HttpResponse[],
  ) => HttpRequest | undefined;
  /**
   * Whether what was sent is edited as its group changes, with these settings: `outcome` gives a `ref`, and what comes
   * next has it. Every change is told to such a target then, with `quiet` where the route doesn't ask for it.
   */
  edits?: (settings: Settings) => boolean;
  /** How people act from within its messages. */
  actions?: TargetActions<Settings>;
  /** How workspaces of the vendor let it in, where it is an app that several of them install. */
  installation?: TargetInstallation<Settings>;
  /** What an answer means. Default: 2xx delivered; 408, 425, 429 and 5xx retry; 410 disabled; anything else refused. */
  outcome?: (response: HttpResponse, settings: Settings) => AttemptOutcome;
  /** What the vendor doesn't have, each with the https page that shows it; it doesn't count against the quality. */
  notOffered?: NotOffered<'target'>;
}

export type Target<Settings = unknown> = TargetDefinition<Settings> & {
  readonly kind: 'target';
  readonly contract: typeof contractVersion;
};

/** Declares a target; the default export of its package. */
export function defineTarget<Settings>(definition: TargetDefinition<Settings>): Target<Settings> {
  return { ...definition, kind: 'target', contract: contractVersion };
}

/** What a status says where the vendor's page doesn't say more. RFC 9110, RFC 8470 (425), RFC 6585 (429). */
export function outcomeOf(response: HttpResponse): AttemptOutcome {
  const { status } = response;
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  const reason = `HTTP ${status}${response.body ? `: ${response.body.slice(0, 200)}` : ''}`;
  const again = status === 408 || status === 425 || status === 429 || status >= 500;
  if (status === 410) return { outcome: 'disabled', reason };
  const setUp = Object.hasOwn(setUps, status) ? setUps[status] : undefined;
  if (!again) return { outcome: 'refused', reason, ...(setUp === undefined ? {} : { setUp }) };
  const after = retryAfter(response);
  return { outcome: 'retry', reason, ...(after === undefined ? {} : { after }) };
}

const setUps: Readonly<Record<number, string>> = {
  401: 'it does not know who we are; replace the credentials in its settings',
  403: 'it does not let us in; replace the credentials in its settings, or allow them there what they need',
};

/** Milliseconds that `Retry-After` asks for: seconds, or a date that counts from the answer's own. RFC 9110, 10.2.3. */
function retryAfter({ headers }: HttpResponse): number | undefined {
  const value = headers['retry-after']?.trim();
  if (!value) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const pause = Date.parse(value) - Date.parse(headers.date ?? '');
  return pause > 0 ? pause : undefined;
}
