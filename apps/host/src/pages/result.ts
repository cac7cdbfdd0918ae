import type { EventKind, GroupEvent } from '@tocsin/engine';
import type { AccessToken } from '../context.ts';
import { type Html, html } from './html.ts';

const results = {
  acknowledge: { short: 'Acknowledged', text: 'Acknowledged: you are on it.' },
  unacknowledge: { short: 'Taken back', text: 'The acknowledgement is taken back: nobody is on it now.' },
  resolve: { short: 'Resolved', text: 'Resolved by hand.' },
  silence: { short: 'Silenced', text: 'Silenced. Updates are held back until the silence ends.' },
  unsilence: { short: 'Silence ended', text: 'The silence is ended.' },
  unchanged: { short: 'Nothing changed', text: 'Nothing changed: the group was so already.' },
  resolved: {
    short: 'Nothing changed',
    text: 'Nothing was changed: the group is resolved already.',
    isRefusal: true,
  },
  'older-incarnation': {
    short: 'Nothing changed',
    text: 'Nothing was changed: it has fired again since the page that you acted on. Look at it as it is now, and decide again.',
    isRefusal: true,
  },
  'silence-past': {
    short: 'Nothing changed',
    text: 'Nothing was changed: that silence would have ended before now. Choose a time again.',
    isRefusal: true,
  },
} as const satisfies Record<string, { short: string; text: string; isRefusal?: true }>;

/** What became of a form; the only texts that a page shows because its address says so. */
export type ActionResult = keyof typeof results;

/** The event that an act makes. */
const kinds: Partial<Record<ActionResult, EventKind>> = {
  acknowledge: 'acknowledged',
  unacknowledge: 'unacknowledged',
  resolve: 'resolved',
  silence: 'silenced',
  unsilence: 'unsilenced',
};

/** Milliseconds after which an act is no news. */
const newsFor = 5 * 60_000;

/** Whether the log bears the result out: an address that someone made up, or kept, announces nothing. */
export function isBorneOut(
  result: ActionResult,
  events: readonly GroupEvent[],
  token: AccessToken,
  now: number,
): boolean {
  const kind = kinds[result];
  if (kind === undefined) return true;
  return events.some((event) => event.kind === kind && event.actor === token.name && now - event.at < newsFor);
}

export function readResult(text: unknown): ActionResult | undefined {
  return typeof text === 'string' && Object.hasOwn(results, text) ? (text as ActionResult) : undefined;
}

/** The announcement: in the page's title, which screen readers read first, and on top of the page. */
export function resultBanner(result: ActionResult): { short: string; markup: Html } {
  const { short, text, ...rest } = results[result];
  const kind = 'isRefusal' in rest ? 'refusal' : 'done';
  return {
    short,
    markup: html`<p class="banner ${kind}" id="result" role="status" tabindex="-1">${text}</p>`,
  };
}
