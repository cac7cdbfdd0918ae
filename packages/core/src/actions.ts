import type { HttpRequest, HttpResponse, SourceRequest } from './request.ts';
import type { HmacVerification } from './verification.ts';

/** What a person may do to a group. */
export const personActions = ['acknowledge', 'unacknowledge', 'resolve', 'silence', 'unsilence'] as const;

export type PersonAction = (typeof personActions)[number];

/** What can be done from within a message, as the group is now. */
export interface Offer {
  /** At most 100 letters, digits, `-` and `_`: what a press brings back. It says nothing, and nobody else can make one. */
  handle: string;
  actions: PersonAction[];
}

/** One thing that somebody pressed. */
export interface Press {
  handle: string;
  action: PersonAction;
  /** How long a silence lasts. */
  minutes?: number;
}

/** What a verified callback says. */
export type Callback =
  | {
      kind: 'presses';
      presses: Press[];
      person: { id: string; name: string };
      /** The vendor's workspace that it comes from, as `address` and `installations` name it. */
      installation?: string;
      /** What `reply` needs to reach whoever pressed; at most 2,000 characters. */
      replyTo?: string;
    }
  /** The vendor tries the address: this is what it wants to read. */
  | { kind: 'answer'; contentType: string; body: string }
  /**
   * A workspace that took us in has let us go: nothing is sent there any more. `at`: when, in milliseconds since 1970,
   * where the vendor says so; whoever has let us in again since then has not let us go.
   */
  | { kind: 'ended'; installation: string; reason: string; at?: number }
  /** Nothing that concerns us. */
  | { kind: 'nothing' };

/** How people act from within the messages of a target. What they press reaches the host at `/callbacks/<target>`. */
export interface TargetActions<Settings> {
  /** Whether messages have something to press, with these settings. */
  offered: (settings: Settings) => boolean;
  /** How the vendor signs its callbacks; `secret` names the setting with the key. Others never reach `read`. */
  verify: HmacVerification & { secret: string };
  /** What a callback says. A throw is a bad request. */
  read: (request: SourceRequest, settings: Settings) => Callback;
  /** Tells whoever pressed, and nobody else, why nothing came of it. Nothing where the vendor has no such thing. */
  reply?: (to: string, text: string, settings: Settings) => HttpRequest | undefined;
  /** Asks for the name that people know somebody by; the one of the callback stands where it can't be had. */
  person?: {
    request: (id: string, settings: Settings, installation: string | undefined) => HttpRequest | undefined;
    name: (response: HttpResponse) => string | undefined;
  };
}
