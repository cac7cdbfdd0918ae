import { decisionNames, plainWord, readTemplateName, type TemplateText, TocsinError, textsOf } from '@tocsin/core';
import type { Product } from '../draft/definition.ts';
import type { Draft } from '../draft/draft.ts';
import { type Guess, guessAbout, guessOn } from '../draft/guess.ts';
import { type Replacement, redact } from '../redact/redact.ts';
import { chooseRequests } from './choose.ts';
import { type ConfiguredSource, readAlerts, wordsOf } from './configured.ts';
import { readDecisions } from './decision.ts';
import { printReading } from './definition.ts';
import { exampleFiles } from './examples.ts';
import { type Place, type Reading, readingOf } from './reading.ts';
import { type ReadRequest, toldSamples } from './samples.ts';
import { ownWords, readWebhookSettings } from './settings.ts';

export interface SourceDraft extends Draft {
  /** What is another now than in the requests and templates. */
  replacements: Replacement[];
  /** The requests that it was drafted from, without that. */
  requests: ReadRequest[];
  /** Why others were left out. */
  leftOut: string[];
  /** The source as it would be with the words of the draft. */
  source: ConfiguredSource;
}

/** Makes a package's files of a source that an operator has configured: its settings as code, its words as they are. */
export function draftFromSource(given: ConfiguredSource, product: Product): SourceDraft {
  const { integration } = given;
  if (integration.id !== 'webhook') throw notDraftable(given);
  const settings = readWebhookSettings(given.settings, integration.name);
  const chosen = chooseRequests(given, settings);
  const words = [...decisionTexts(given), ...textsOf(wordsOf(given))];
  const redacted = redact({
    bodies: chosen.requests.map(({ body }) => body),
    texts: new Map(words.map(({ name, source }) => [name, source])),
    kept: new Set([...ownWords(settings).keys(), ...Object.keys(given.severity).map(plainWord)]),
  });
  const templates = words.map((text) => ({ ...text, source: redacted.texts.get(text.name) ?? text.source }));
  const source = { ...given, templates };
  const requests = chosen.requests.map((request, index): ReadRequest => {
    const body = redacted.bodies[index];
    return { ...request, body, alerts: readAlerts(source, body) };
  });
  const samples = toldSamples(source, requests, chosen.shape);
  const reading = readingOf({ source, settings, samples, shape: chosen.shape });
  const { decisions, unread } = readDecisions(templates, reading);
  const spoken = templates.filter(({ name }) => readTemplateName(name)).map((text) => withPage(text, reading));
  const needsBody = spoken.some(({ source }) => /\bbody\b/.test(source));
  const examples = exampleFiles(source, reading, requests, product);
  return {
    files: new Map([
      ['src/index.ts', printReading(product, reading, decisions, needsBody)],
      ...spoken.map(({ name, source }) => [`templates/${name}.hbs`, source] as const),
      ...examples.files,
    ]),
    guesses: [
      ...guessesOf(given, reading, settings),
      ...unread.map(aboutUnread),
      ...wordGuesses(given, reading),
      ...examples.guesses,
    ],
    replacements: redacted.replacements,
    requests,
    leftOut: chosen.leftOut,
    source: { ...source, templates: [...decisionTexts(source), ...spoken] },
  };
}

function notDraftable({ id, integration }: ConfiguredSource): TocsinError {
  return new TocsinError('integration', `${id} is a source of ${integration.name}, which is a package already`, {
    remedy:
      'Change that package, or name a source of the integration `webhook`: what that was set to becomes a package.',
  });
}

function decisionTexts({ templates }: ConfiguredSource): TemplateText[] {
  return templates.filter(({ name }) => (decisionNames as readonly string[]).includes(name));
}

/** A link that no request has would be shown by no example: the page of the group is. */
function withPage(text: TemplateText, { link }: Reading): TemplateText {
  return text.name === 'link' && link.length === 0 && text.source.trim() === '{{payload.link}}'
    ? { ...text, source: '{{group.url}}\n' }
    : text;
}

function guessesOf(
  { id }: ConfiguredSource,
  reading: Reading,
  settings: ReturnType<typeof readWebhookSettings>,
): Guess[] {
  const { samples, title, status, flag, titleSays, severity, severities, fingerprint, identity, group, labels, words } =
    reading;
  const from = (places: readonly Place[], setting: keyof typeof settings) =>
    `${places.map(placeOf).join(', then ')}${settings[setting] === undefined ? ', found by its name' : `, as \`${setting}\` of ${id} says`}`;
  const says = [...status, ...(flag ? [flag.place] : [])];
  const seen = [...new Set(samples.map(({ told }) => told.status))].join(', ');
  const lost = samples.flatMap(({ told }) => Object.keys(told.labels)).filter((name) => labels.get(name)?.length === 0);
  return [
    guessAbout(
      'status',
      `${says.length > 0 ? from(says, 'status') : 'Nothing'}${titleSays ? ', and else a word in the title' : ''} says how it stands; ` +
        `the requests were ${seen}${words.size > 0 ? `; ${[...words].map(([word, meaning]) => `${JSON.stringify(word)} is ${meaning}`).join(', ')}` : ''}. Are there other words?`,
    ),
    guessAbout(
      'fingerprint',
      `${fingerprint.length > 0 ? from(fingerprint, 'fingerprint') : `The title${identity.length > 0 ? ` with ${identity.join(', ')}` : ''}`}: is it the same when it fires and when it is over, and another for another object?`,
    ),
    guessAbout(
      'group',
      `${group.length > 0 ? from(group, 'key') : 'Each alert is a group of its own'}. Which of them are one problem to people?`,
    ),
    ...(labels.size > 0
      ? [
          guessAbout(
            'labels',
            `${settings.labels === undefined ? 'Every short value that was left' : `What \`labels\` of ${id} says`}. What do people route by?` +
              (lost.length > 0 ? ` Not read yet: ${[...new Set(lost)].join(', ')}, which stand in a list.` : ''),
          ),
        ]
      : []),
    ...(severity.length > 0
      ? [
          guessAbout(
            'severity',
            `${from(severity, 'severity')}.${severities.size > 0 ? ` ${id} maps ${[...severities].map(([word, own]) => `${JSON.stringify(word)} to ${own}`).join(', ')}.` : ''} Does it have words of its own?`,
          ),
        ]
      : []),
    guessAbout(
      'data',
      `What templates show: the title is ${title.length > 0 ? from(title, 'title') : 'put together from labels'}.`,
    ),
  ];
}

function aboutUnread({ name, source }: TemplateText): Guess {
  const part = name === 'group' ? 'group' : 'status';
  return guessAbout(
    part,
    `The template \`${name}\` decides it too, and is not in the package: write ${JSON.stringify(source.trim())} as code.`,
  );
}

function wordGuesses({ id, labels, recorded }: ConfiguredSource, { link }: Reading): Guess[] {
  const added = Object.keys(labels);
  return [
    guessOn('templates/title.hbs', `The words of ${id}. Does the title name the object and the problem?`),
    guessOn('templates/message.hbs', 'What else helps at night?'),
    ...recorded.map((name) =>
      guessOn(
        `templates/${name}.hbs`,
        `${id} says this in the words of an older release: see \`tocsin templates diff ${id}\`.`,
      ),
    ),
    ...(link.length === 0
      ? [
          guessOn(
            'templates/link.hbs',
            "No request has the address of a page, so it leads to the group's. Can the address be put together?",
          ),
        ]
      : []),
    ...(added.length > 0
      ? [
          guessAbout(
            'labels',
            `${added.join(', ')}: ${id} adds what is true of this one system; that stays in its configuration.`,
          ),
        ]
      : []),
  ];
}

function placeOf({ path }: Place): string {
  return path.map((key) => (/^[\w$-]+$/.test(String(key)) ? key : JSON.stringify(key))).join('.');
}
