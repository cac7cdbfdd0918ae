import { formatMoment, type Reader } from './moment.ts';
import { linked, safeLink, type ViewElement, type ViewNode, view } from './view.ts';

/**
 * What a reader sees of the inside of `<…>`; undefined where it means nothing to Slack.
 * https://docs.slack.dev/messaging/formatting-message-text#linking
 */
export function controlNode(inside: string, reader: Reader): ViewNode | undefined {
  const bar = inside.indexOf('|');
  const target = decodeEntities(bar === -1 ? inside : inside.slice(0, bar));
  const label = bar === -1 ? undefined : decodeEntities(inside.slice(bar + 1)) || undefined;
  if (/^@[UW][A-Z0-9]+$/.test(target)) return mention(`@${label ?? target.slice(1)}`, 'user');
  if (/^#[CGD][A-Z0-9]+$/.test(target)) return mention(`#${label ?? target.slice(1)}`, 'channel');
  if (target.startsWith('!')) return specialNode(target.slice(1), label, reader);
  if (safeLink(target)) return linked(target, [label ?? target.replace(/^mailto:/, '')]);
  return undefined;
}

/** `&amp;`, `&lt;` and `&gt;`, the only entities that Slack knows. */
export function decodeEntities(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function specialNode(command: string, label: string | undefined, reader: Reader): ViewNode | undefined {
  const [name, ...rest] = command.split('^');
  if (name === 'here' || name === 'channel' || name === 'everyone') return mention(`@${name}`, 'everybody');
  if (name === 'subteam' && rest[0]) return mention(`@${(label ?? rest[0]).replace(/^@/, '')}`, 'group');
  if (name === 'date') return dateNode(rest, label, reader);
  return label;
}

/** `<!date^timestamp^format^link|fallback>`; the link is optional. */
function dateNode([stamp, format, link]: string[], fallback: string | undefined, reader: Reader): ViewNode | undefined {
  const seconds = Number(stamp);
  const moment = new Date(seconds * 1000);
  // Years of five digits have no place in ISO 8601, and no alert comes from there.
  if (!stamp || !(Math.abs(seconds) < 2e11)) return fallback;
  const text = formatMoment(moment, format ?? '', reader) || fallback;
  if (!text) return undefined;
  const time = view('time', [text], { moment: moment.toISOString(), hint: moment.toISOString() });
  return link && safeLink(link) ? linked(link, [time]) : time;
}

function mention(name: string, whom: 'user' | 'channel' | 'group' | 'everybody'): ViewElement {
  const hint =
    whom === 'channel' ? 'Links to a channel' : `Notifies ${whom === 'everybody' ? 'everybody there' : `a ${whom}`}`;
  return view('span', [name], { style: 'mention', hint });
}
