import { type DecisionName, decisionNames, type TemplateText } from '@tocsin/core';
import { literal, type Path, quoted } from '../draft/code.ts';
import { type Place, placeAt, type Reading } from './reading.ts';
import type { ReadingCode } from './reading-code.ts';

/** What a template of the operator decides, as far as code can be written from it. */
export type DecisionCode = Partial<Record<DecisionName, Decision>>;

interface Decision {
  name: DecisionName;
  parts: (string | Reference)[];
  /** The one reference is to be this. */
  equals?: string;
  /** What it reads of the payload. */
  places: Place[];
}

/** `payload.body.team`, `payload.title`, `alert.labels.team`. */
interface Reference {
  of: 'body' | 'title' | 'label';
  name: string;
  place?: Place;
}

/** The operator's decisions, and those that are more than values, texts and `eq`, which a person has to write. */
export function readDecisions(
  templates: readonly TemplateText[],
  reading: Reading,
): { decisions: DecisionCode; unread: TemplateText[] } {
  const decisions: DecisionCode = {};
  const unread: TemplateText[] = [];
  for (const name of decisionNames) {
    const template = templates.find((one) => one.name === name);
    if (!template) continue;
    const decision = readDecision(name, template.source.trim(), reading);
    if (decision) decisions[name] = decision;
    else unread.push(template);
  }
  return { decisions, unread };
}

function readDecision(name: DecisionName, text: string, reading: Reading): Decision | undefined {
  const [, compared, word] = /^\{\{\s*eq\s+([^\s"(){}]+)\s+(?:"([^"{}]*)"|\S+)\s*\}\}$/.exec(text) ?? [];
  if (compared !== undefined) {
    const reference = word === undefined ? undefined : referenceOf(compared, reading);
    return reference && name !== 'group'
      ? { name, parts: [reference], equals: word as string, places: placesOf([reference], reading) }
      : undefined;
  }
  const parts = text.split(/\{\{\s*([^\s"(){}#/!~&^>]+)\s*\}\}/).map((part, index) => {
    if (index % 2 === 1) return referenceOf(part, reading);
    return part.includes('{{') ? undefined : part;
  });
  if (parts.some((part) => part === undefined)) return undefined;
  const known = (parts as (string | Reference)[]).filter((part) => part !== ''); // as was just seen
  if (name !== 'group' && (known.length !== 1 || typeof known[0] === 'string')) return undefined;
  return { name, parts: known, places: placesOf(known, reading) };
}

function referenceOf(text: string, reading: Reading): Reference | undefined {
  if (text === 'payload.title') return { of: 'title', name: 'title' };
  const [, label] = /^alert\.labels\.(\w+|\[[^\]]+\])$/.exec(text) ?? [];
  if (label !== undefined) return { of: 'label', name: label.replace(/^\[|\]$/g, '') };
  const [, keys] = /^payload\.body\.(.+)$/.exec(text) ?? [];
  const path = keys && pathOf(keys);
  return path ? { of: 'body', name: keys, place: placeAt('alert', path, reading.samples) } : undefined;
}

function pathOf(keys: string): Path | undefined {
  const path = [...keys.matchAll(/(?:^|\.)(?:(\w+)|\[([^\]]+)\])/g)].map(
    ([, word, bracketed]) => word ?? bracketed ?? '',
  );
  const isWhole = path.length > 0 && path.every((key) => !/^\d+$/.test(key));
  return isWhole ? path : undefined;
}

function placesOf(parts: readonly (string | Reference)[], { title, pieces, labels }: Reading): Place[] {
  return parts.flatMap((part) => {
    if (typeof part === 'string') return [];
    if (part.of === 'title') return [...title, ...pieces];
    return part.of === 'label' ? (labels.get(part.name) ?? []) : part.place ? [part.place] : [];
  });
}

/** A condition; of a group a text, empty where the source's own key holds. */
export function printDecision({ name, parts, equals }: Decision, code: ReadingCode): string {
  const values = parts.map((part) => (typeof part === 'string' ? part : textOf(part, code)));
  const [first = "''"] = values;
  if (name === 'group') return parts.length === 1 && typeof parts[0] !== 'string' ? first : joined(parts, values);
  if (equals !== undefined) return `${/ \|\| /.test(first) ? `(${first})` : first} === ${literal(equals)}`;
  const no = ['', '0', 'false', 'no', 'off', 'none', 'null', 'undefined'].map((word) => quoted(word)).join(', ');
  return `![${no}].includes(${/ \|\| /.test(first) ? `(${first})` : first}.trim().toLowerCase())`;
}

function textOf({ of, name, place }: Reference, code: ReadingCode): string {
  if (of === 'title') return code.title();
  return of === 'label' ? code.labelOf(name) : place ? code.text([place]) : "''";
}

function joined(parts: readonly (string | Reference)[], values: readonly string[]): string {
  const text = parts.map((part, index) =>
    typeof part === 'string' ? part.replace(/[`\\]|\$\{/g, '\\$&') : `\${${values[index]}}`,
  );
  return `\`${text.join('')}\``;
}
