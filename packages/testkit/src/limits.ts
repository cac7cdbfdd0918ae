import {
  type Medium,
  mediumOf,
  type NotificationInput,
  parseTemplate,
  renderNotification,
  type SourceTemplates,
  standardNotifications,
  standardNow,
} from '@tocsin/core';
import { type ReadyTarget, runTargetCase, wordsOf } from './target-case.ts';
import { controls } from './wording.ts';

const parts = ['title', 'message'] as const;
type Part = (typeof parts)[number];

/** Characters of several bytes, units and code points, none of which any medium escapes or spells out. */
const characters = '漢字é👩‍👩‍👧‍👦ß';

/** The last word of a text: whoever cuts a text loses it. */
const last = 'ende';

const templates: SourceTemplates = {
  title: parseTemplate('{{payload.title}}', { file: 'limits/title.hbs' }),
  message: parseTemplate('{{payload.message}}', { file: 'limits/message.hbs' }),
  link: parseTemplate('', { file: 'limits/link.hbs' }),
  overrides: {},
};

/**
 * Tells the target texts that are one short of each of its limits, at it, and one over: the first two arrive whole, of
 * the third the beginning, cut between characters. A target without limits takes all.
 */
export function limitFaults(target: ReadyTarget): string[] {
  const { definition } = target.integration;
  const name = typeof definition.medium === 'function' ? definition.medium(target.settings) : definition.medium;
  const medium = mediumOf(name);
  return parts.flatMap((part) => {
    const limit = definition.limits[part];
    if (limit === undefined) return [];
    return [-1, 0, 1].flatMap((over) => {
      const at = `a ${part} of ${limit}${over === 0 ? '' : over < 0 ? ' − 1' : ' + 1'}`;
      const text = textOfLength(medium, part, limit + over);
      if (text === undefined) return [`no text has the length of ${at}: the limit is too small`];
      const { notification, request } = runTargetCase(target, inputOf(part, text), templates, standardNow);
      const words = wordsOf(request);
      const length = medium.length(notification[part]);
      const isWhole = words.some((word) => word.includes(last));
      return [
        ...(length > limit ? [`${at} is told with ${length}`] : []),
        ...(over > 0 || isWhole ? [] : [`${at} fits, and its end does not arrive`]),
        ...(over > 0 && isWhole && part === 'title' ? [`${at} arrives whole`] : []),
        ...(over > 0 && !words.some((word) => word.includes('…')) ? [`${at} is cut without "…"`] : []),
        ...(words.some((word) => controls.test(word) || /\u200d(?!\p{L}|\p{S})/u.test(word))
          ? [`${at} is cut inside of a character`]
          : []),
      ];
    });
  });
}

function inputOf(part: Part, text: string): NotificationInput {
  const { alert, ...input } = standardNotifications.minimal;
  const data = { title: 'Title', message: '', [part]: text };
  return { ...input, alert: { ...alert, data }, alerts: [{ ...alert, data }] };
}

/** Text that is rendered with exactly that length; undefined where none is. */
function textOfLength(medium: Medium, part: Part, length: number): string | undefined {
  const rendered = (text: string) => {
    const limits = { title: length + 100, message: length + 100 };
    const told = renderNotification(
      inputOf(part, text),
      templates,
      { medium: medium.name, limits },
      { now: standardNow },
    );
    return medium.length(told[part]);
  };
  const made = (count: number, fill: number) => `${`${characters} `.repeat(count)}${'a'.repeat(fill)} ${last}`;
  const one = (rendered(made(11, 1)) - rendered(made(1, 1))) / 10;
  // A little fewer than would fit, and letters for the rest.
  const count = Math.max(0, Math.floor((length - rendered(made(0, 1))) / one) - 2);
  for (let fill = 1; fill <= 4 * one + 20; fill++) {
    const found = rendered(made(count, fill));
    if (found === length) return made(count, fill);
    if (found > length) return undefined;
  }
  return undefined;
}
