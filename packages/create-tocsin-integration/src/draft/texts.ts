import { usualNames } from '@tocsin/core';
import { bestOf, type Field, textsOf } from './fields.ts';
import { type Guess, guessOn, placeOf } from './guess.ts';
import type { IdentityDecision } from './identity.ts';

export interface TextsDecision {
  title: Field | undefined;
  /** Shown behind a title that doesn't hold it. */
  object: Field | undefined;
  message: Field | undefined;
  link: Field | undefined;
}

/** What was seen comes before what somebody once wrote about the thing. */
const messageNames = [
  'message',
  'msg',
  'output',
  'errormessage',
  'alertmessage',
  'info',
  ...usualNames.message,
  'summary',
];

/** Names of titles that are none of a text. */
const headings = usualNames.title.filter((name) => !(usualNames.message as readonly string[]).includes(name));

/** What people read first. */
export function decideTexts(
  fields: readonly Field[],
  { objects, problems }: IdentityDecision,
): { texts: TextsDecision; guesses: Guess[] } {
  const isLine = (field: Field) =>
    textsOf(field).length > 0 && textsOf(field).every((text) => text.length <= 100 && !/\n./.test(text));
  const isPage = (field: Field) =>
    textsOf(field).length > 0 && textsOf(field).every((text) => /^https?:\/\/\S+$/.test(text));
  const isTitle = (field: Field) => isLine(field) && !isPage(field);
  const titles = bestOf(fields, headings, isTitle);
  const [prose] = bestOf(fields, usualNames.title, isTitle);
  const title = titles.find(isProse) ?? titles[0] ?? problems[0] ?? objects[0] ?? prose;
  const object = objects.find((field) => field !== title && !holds(title, field));
  const [message] = bestOf(
    fields,
    messageNames,
    (field) => field !== title && textsOf(field).length > 0 && !isPage(field) && !sameTexts(field, title),
  );
  const named = bestOf(fields, [...usualNames.link, 'problemurl', 'triggerurl', 'monitorurl', 'issueurl'], isPage);
  const isPicture = (field: Field) =>
    field.words.some((word) => /image|picture|icon|avatar|screenshot|logo/.test(word));
  const link = named[0] ?? fields.find((field) => isPage(field) && !isPicture(field));
  return { texts: { title, object, message, link }, guesses: textGuesses(title, object, message, link) };
}

/** Whether it is a text for people rather than a key. */
function isProse(field: Field): boolean {
  return textsOf(field).some((text) => /\s/.test(text.trim()));
}

function holds(title: Field | undefined, field: Field): boolean {
  if (!title) return false;
  return field.values.every((value, index) => {
    const text = title.values[index];
    return typeof text === 'string' && text.toLowerCase().includes(String(value).toLowerCase());
  });
}

function sameTexts(left: Field, right: Field | undefined): boolean {
  return right !== undefined && JSON.stringify(left.values) === JSON.stringify(right.values);
}

function textGuesses(title?: Field, object?: Field, message?: Field, link?: Field): Guess[] {
  const shown = [title, object].filter((field) => field !== undefined).map(placeOf);
  return [
    guessOn(
      'templates/title.hbs',
      shown.length > 0
        ? `${shown.join(' and ')} ${shown.length > 1 ? 'make' : 'makes'} the title. Does it name the object and the problem?`
        : 'Nothing in the payloads is a title. What names the object and the problem?',
    ),
    guessOn(
      'templates/message.hbs',
      message
        ? `${placeOf(message)} is the text under it. What else helps at night?`
        : 'No text tells more about it. What helps at night?',
    ),
    guessOn(
      'templates/link.hbs',
      link
        ? `${placeOf(link)} is taken for the system's page about it.`
        : "Nothing leads to the system's page about it, so it leads to the group's page here. Can the address be put together?",
    ),
  ];
}
