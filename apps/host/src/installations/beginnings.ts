import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** An installation that somebody has begun. */
export interface Beginning {
  target: string;
  /** Who. */
  actor: string;
}

/** Milliseconds between the page of ours and the vendor's answer. */
export const beginningLifetime = 10 * 60_000;

/** Those that are open at once; the oldest leave first. */
const most = 200;

/**
 * The installations that were begun and not finished. Each has a `state` that the vendor brings back, and is bound to the
 * browser that began it: good once, in that browser, for ten minutes. A restart forgets them all.
 * https://www.rfc-editor.org/rfc/rfc6749#section-10.12
 */
export class Beginnings {
  readonly #open = new Map<string, Beginning & { browser: Buffer; end: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `browser` is for the browser alone, `state` goes through the vendor. */
  begin(beginning: Beginning): { state: string; browser: string } {
    const [state, browser] = [randomText(), randomText()];
    this.#open.set(digest(state).toString('hex'), {
      ...beginning,
      browser: digest(browser),
      end: this.#now() + beginningLifetime,
    });
    for (const [key, { end }] of this.#open) {
      if (end > this.#now() && this.#open.size <= most) break;
      this.#open.delete(key);
    }
    return { state, browser };
  }

  /** What this browser began at that target; nothing where it began none, or too long ago. It is over with that. */
  finish(target: string, state: string, browser: string): Beginning | undefined {
    const key = digest(state).toString('hex');
    const found = this.#open.get(key);
    this.#open.delete(key);
    if (!found || found.target !== target || found.end <= this.#now()) return undefined;
    return timingSafeEqual(found.browser, digest(browser)) ? { target, actor: found.actor } : undefined;
  }
}

function randomText(): string {
  return randomBytes(32).toString('base64url');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
