import { TocsinError } from '../errors.ts';
import { discord } from './discord.ts';
import { html } from './html.ts';
import { markdown } from './markdown.ts';
import type { Medium, MediumName } from './medium.ts';
import { slack } from './slack.ts';
import { sms } from './sms.ts';
import { speech } from './speech.ts';
import { teams } from './teams.ts';
import { telegram } from './telegram.ts';
import { text } from './text.ts';

/** Every medium by its name. */
export const media = { markdown, slack, html, telegram, teams, discord, text, sms, speech } as const satisfies Record<
  MediumName,
  Medium
>;

/** Throws a TocsinError `not-found` for a word that names no medium. */
export function mediumOf(name: string): Medium {
  if (Object.hasOwn(media, name)) return media[name as MediumName];
  throw new TocsinError('not-found', `there is no medium ${name}`, {
    remedy: `Use one of ${Object.keys(media).join(', ')}.`,
  });
}
