import { type AlertSignal, type Signals, unpackSignals } from '@tocsin/engine';
import type { Action } from '../presses/desk.ts';

/** Milliseconds after which what a monitor says is its own word again. */
const lifetime = 60_000;
/** Of alerts, at most; the oldest are forgotten first. */
const most = 10_000;

type Asked = Pick<Action, 'action' | 'actor' | 'comment' | 'until'>;

/** What each act is about. */
const facets = {
  acknowledge: 'acknowledgement',
  unacknowledge: 'acknowledgement',
  silence: 'silence',
  unsilence: 'silence',
  resolve: 'end',
} as const satisfies Record<Action['action'], string>;

/** What each word of a monitor is about, and the act that makes it true. */
const words: Readonly<Partial<Record<AlertSignal['status'], { facet: string; action?: Action['action'] }>>> = {
  acknowledged: { facet: 'acknowledgement', action: 'acknowledge' },
  unacknowledged: { facet: 'acknowledgement', action: 'unacknowledge' },
  silenced: { facet: 'silence', action: 'silence' },
  unsilenced: { facet: 'silence', action: 'unsilence' },
  resolved: { facet: 'end', action: 'resolve' },
  firing: { facet: 'end' },
};

/**
 * What monitors were asked to do a moment ago. Their own word of it, which may come before their answer, is then that of
 * the person who asked, and the same act is not told twice: once as theirs and once as that person's.
 */
export class Echoes {
  readonly #asked = new Map<string, Asked & { source: string; at: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Before an alert's monitor is asked. */
  expect(source: string, fingerprint: string, { action, actor, comment, until }: Asked): void {
    const key = keyOf(source, fingerprint, facets[action]);
    this.#asked.delete(key);
    this.#forgetOld(most - 1);
    const said = {
      action,
      actor,
      ...(comment === undefined ? {} : { comment }),
      ...(until === undefined ? {} : { until }),
    };
    this.#asked.set(key, { ...said, source, at: this.#now() });
  }

  /** It was not done: what the monitor says of it from now on is its own word. */
  forget(source: string, fingerprint: string, action: Action['action']): void {
    this.#asked.delete(keyOf(source, fingerprint, facets[action]));
  }

  /** What a source says, with the names of those who asked for it where the source gives none. */
  named(source: string, packed: string): Signals {
    this.#forgetOld(most);
    // Hardly ever is anything asked, and what comes in crosses threads as it is.
    if (!this.#isAsked(source)) return { packed };
    return unpackSignals(packed).map((signal) => (signal.kind === 'alert' ? this.#named(signal) : signal));
  }

  #isAsked(source: string): boolean {
    for (const asked of this.#asked.values()) if (asked.source === source) return true;
    return false;
  }

  #forgetOld(left: number): void {
    for (const [oldest, { at }] of this.#asked) {
      if (this.#asked.size <= left && at + lifetime > this.#now()) return;
      this.#asked.delete(oldest);
    }
  }

  #named(signal: AlertSignal): AlertSignal {
    const word = words[signal.status];
    const key = word && keyOf(signal.source, signal.fingerprint, word.facet);
    const asked = key === undefined ? undefined : this.#asked.get(key);
    if (key === undefined || !asked) return signal;
    if (asked.action !== word?.action) {
      // It was undone there: whoever does it again is somebody else.
      this.#asked.delete(key);
      return signal;
    }
    const { actor, comment, until } = asked;
    return {
      ...signal,
      actor: signal.actor ?? actor,
      ...(signal.comment === undefined && comment !== undefined ? { comment } : {}),
      ...(signal.expires === undefined && until !== undefined ? { expires: until } : {}),
    };
  }
}

function keyOf(...parts: [source: string, fingerprint: string, facet: string]): string {
  return parts.join('\n');
}
