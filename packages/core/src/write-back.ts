import type { z } from 'zod';
import type { PersonAction } from './actions.ts';
import type { NotificationAlert } from './notification.ts';
import type { HttpRequest, HttpResponse } from './request.ts';
import type { AttemptOutcome } from './target.ts';
import type { BasicAuthentication } from './verification.ts';

/** What a person did, to be done in the system that raised the alert. */
export interface Wanted {
  action: PersonAction;
  /** Who, by the name that people know. */
  actor: string;
  /** What they said; a sentence of ours where they said nothing. On one line. */
  comment: string;
  /** When a silence ends, in milliseconds since 1970. */
  until?: number;
  /** The group's page. */
  url: string;
  /** Each alert of a group is wanted for itself. */
  alert: NotificationAlert;
  /** Milliseconds since 1970. */
  now: number;
}

/** How what a person does gets to the system that raised the alert. It has happened there before it is told anywhere. */
export type WriteBack = HttpWriteBack | CommandFileWriteBack;

/** By the system's API. */
export interface HttpWriteBack {
  kind: 'http';
  /** What an operator gives as `writeBack` of a source; `secret()` for what people must not see. */
  settings: z.ZodType;
  /** How the host proves itself, by names of these settings. Default: by nothing but what `request` builds. */
  auth?: BasicAuthentication;
  /** What the system can be told; anything else stays in the hub. */
  actions: readonly PersonAction[];
  /** The next request; nothing once the answers so far show that the system has done it. */
  request: (wanted: Wanted, settings: unknown, answers: readonly HttpResponse[]) => HttpRequest | undefined;
  /**
   * What an answer means: on with the next request, the same again after a while, or why it can't be done. A reason is
   * told to whoever acted. Default: as for targets.
   */
  outcome?: (response: HttpResponse, settings: unknown) => AttemptOutcome;
  /** For a system that says nothing more of what it was told, not even that it is over: how the host sees that. */
  watch?: Watch;
}

/** The host looks while people have alerts of the source; what is over is resolved. */
export interface Watch {
  /** Milliseconds from one look to the next. */
  every: number;
  /** The next request of a look, or nothing when the answers are all of it. */
  request: (settings: unknown, answers: readonly HttpResponse[]) => HttpRequest | undefined;
  /**
   * The fingerprints of those of these alerts that are over: two successive looks don't show them. A throw says that
   * nothing can be known from these answers. Times are in milliseconds since 1970; `since` is when the system told us.
   */
  over: (
    alerts: readonly { fingerprint: string; since: number }[],
    looks: { earlier: readonly HttpResponse[]; later: readonly HttpResponse[]; now: number },
    settings: unknown,
  ) => string[];
}

/**
 * By the command file of Nagios and its kin, confirmed by the status file: an acknowledgement, or taking it back. The
 * settings are the host's: `commandFile`, `statusFile`.
 * https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/extcommands.html
 */
export interface CommandFileWriteBack {
  kind: 'command-file';
  /** What the alert is about, as the monitor names it. */
  object: (alert: NotificationAlert) => { host: string; service?: string };
}
