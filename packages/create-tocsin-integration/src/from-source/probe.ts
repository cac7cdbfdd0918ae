import { isDeepStrictEqual } from 'node:util';
import { type AlertStatus, plainWord } from '@tocsin/core';
import { type Field, fieldsOf, type Scalar } from '../draft/fields.ts';
import { type ConfiguredSource, readAlerts } from './configured.ts';
import { pathOf, type Shape, type ToldSample, withValue } from './samples.ts';

/** A part of what the source says, or a label: `label:host`. */
export type Part =
  | 'title'
  | 'piece of the title'
  | 'message'
  | 'link'
  | 'status'
  | 'flag'
  | 'severity'
  | 'fingerprint'
  | 'group'
  | `label:${string}`;

export interface ProbeOptions {
  source: ConfiguredSource;
  samples: readonly ToldSample[];
  shape: Shape;
  /** What the source takes for a status. */
  words: ReadonlyMap<string, AlertStatus>;
}

/**
 * Which fields the source reads for what, found by writing something else into each of them and looking what that
 * changes: the one way to know what a source does with names that nobody has set.
 */
export function probe({ source, samples, shape, words }: ProbeOptions): Map<Part, Field[]> {
  const found = new Map<Part, Field[]>();
  const note = (part: Part, field: Field) => {
    const fields = found.get(part) ?? [];
    if (!fields.includes(field)) found.set(part, [...fields, field]);
  };
  const isInside = ({ of, path }: Field) =>
    of === 'payload' && shape.at.length > 0 && shape.at.every((key, at) => path[at] === key);
  for (const field of fieldsOf(samples, shape.kind !== 'whole')) {
    if (isInside(field)) continue; // It is the alert's own.
    samples.forEach((sample, at) => {
      const value = field.values[at];
      if (value === undefined || value === null || value === '' || sample.index >= mostOfOne) return;
      const { payload: body, index } = sample;
      const path = [...(field.of === 'alert' ? pathOf(shape, index) : []), ...field.path];
      const read = (other: Scalar) =>
        readAlerts(source, withValue(body, path, other), true)[index] as ToldSample['told'] | undefined;
      for (const part of partsOf(sample.told, value, read, words)) note(part, field);
    });
  }
  return found;
}

/** Of a long list the first tell enough. */
const mostOfOne = 3;

const token = 'Probe7';
const page = 'https://probe.example.com/7';
const number = 987_654_321;

function partsOf(
  told: ToldSample['told'],
  value: Scalar,
  read: (other: Scalar) => ToldSample['told'] | undefined,
  words: ReadonlyMap<string, AlertStatus>,
): Part[] {
  const other = typeof value === 'boolean' ? !value : typeof value === 'number' ? number : isPage(value) ? page : token;
  const changed = read(other);
  if (!changed) return [];
  const text = String(other);
  const parts: Part[] = [];
  const { title, message, link } = changed.data;
  if (title === text) parts.push('title');
  else if (title !== told.data.title && title.includes(text)) parts.push('piece of the title');
  else if (changed.fingerprint === text) parts.push('fingerprint');
  if (message === text) parts.push('message');
  if (link === text) parts.push('link');
  if (changed.group === text && changed.fingerprint !== text) parts.push('group');
  for (const [name, label] of Object.entries(changed.labels)) {
    if (label === text && told.labels[name] === String(value)) parts.push(`label:${name}`);
  }
  if (typeof value === 'boolean' && isTurn(told, changed)) parts.push('flag');
  if (typeof value !== 'string' || value.length > longestWord) return parts;
  // Any field of a usual name is taken for the status if such a word is in it.
  const isStatus =
    words.has(plainWord(value)) && read('firing')?.status === 'firing' && read('resolved')?.status === 'resolved';
  if (isStatus) parts.push('status');
  const isSeverity = read('disaster')?.severity === 'critical' && read('major')?.severity === 'error';
  if (isSeverity || (isStatus && read('critical')?.severity === 'critical')) parts.push('severity');
  return parts;
}

const longestWord = 40;

function isTurn(before: ToldSample['told'], after: ToldSample['told']): boolean {
  return isDeepStrictEqual([before.status, after.status].sort(), ['firing', 'resolved']);
}

function isPage(text: string): boolean {
  return /^https?:/i.test(text);
}
