import type { Medium, Notification } from '@tocsin/core';

/** What shows that a value was missing or not meant for people. */
const traces = /\bundefined\b|\[object \w+\]|\bNaN\b|\{\{/;

/** What people must not see in a notification's texts; `own` are texts of the payload that may hold it themselves. */
export function wordingFaults(shown: Pick<Notification, 'headline' | 'title' | 'message'>, own: string): string[] {
  const faults: string[] = [];
  if (shown.title === '') faults.push('the title is empty');
  if (/[\r\n]/.test(shown.headline + shown.title)) faults.push('the title has more than one line');
  for (const part of ['headline', 'title', 'message'] as const) {
    const trace = traces.exec(shown[part])?.[0];
    if (trace !== undefined && !own.includes(trace)) faults.push(`the ${part} shows "${trace}"`);
  }
  return faults;
}

/** The same for a request's body, which must be JSON where it says so. */
export function bodyFaults(body: string, contentType: string, own: string): string[] {
  const trace = traces.exec(body)?.[0];
  const faults = trace !== undefined && !own.includes(trace) ? [`the body shows "${trace}"`] : [];
  if (!/[/+]json\b/.test(contentType)) return faults;
  try {
    JSON.parse(body);
    return faults;
  } catch (error) {
    return [...faults, `the body is no JSON: ${error instanceof Error ? error.message : error}`];
  }
}

/** In the medium's unit: what is longer is no title any more. */
const longestTitle = 1000;

/** How much longer than the payload its texts may be: escapes and labels take some room, repetitions too much. */
const growth = 4;

/** What would make texts unreadable, whatever the payload: the faults of their wording, their size, hidden controls. */
export function unreadableFaults(
  told: Pick<Notification, 'headline' | 'title' | 'message'>,
  own: string,
  { length }: Medium,
): string[] {
  const faults = wordingFaults(told, own);
  if (!/[^\s\p{C}\p{M}]/u.test(told.title)) faults.push('the title shows nothing');
  if (length(told.title) > longestTitle) faults.push(`the title is ${length(told.title)} long`);
  if (told.message.length > growth * (own.length + 1000)) {
    faults.push(`the message has ${told.message.length} characters, of a payload that has ${own.length}`);
  }
  for (const part of ['headline', 'title', 'message'] as const) {
    if (controls.test(told[part])) faults.push(`the ${part} holds control characters`);
  }
  return faults;
}

/** But line feed and tab; what reverses the direction of text, and halves of characters, are such too. */
export const controls = /(?![\n\t])[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/u;
