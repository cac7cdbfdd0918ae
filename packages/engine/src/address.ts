import type { Labels } from '@tocsin/core/base';
import { labelValue } from './matcher.ts';

/**
 * Whom a target tells, worked out from the labels of an alert: `#team-{{labels.team}}`. A payload never chooses freely
 * whom we reach, so the result has to be allowed, and so does what takes its place where it isn't.
 */
export interface AddressTemplate {
  parts: (string | { label: string })[];
  /** Where a label is missing, or the result is not allowed. */
  else: string;
  /** Addresses, in which `*` stands for anything. */
  allowed: string[];
}

/** Longest address. */
const longest = 256;

const hole = /\{\{\s*labels\.(?:([A-Za-z_][A-Za-z0-9_]*)|\[([^\][{}]+)\])\s*\}\}/g;

/**
 * The parts of a written address, one text alone if it has no `{{`. Labels stand as `{{labels.team}}`, or as
 * `{{labels.[team name]}}` where the name has other characters. Undefined for any other `{{`.
 */
export function parseAddress(text: string): AddressTemplate['parts'] | undefined {
  const parts: AddressTemplate['parts'] = [];
  let end = 0;
  for (const found of text.matchAll(hole)) {
    if (found.index > end) parts.push(text.slice(end, found.index));
    parts.push({ label: found[1] ?? (found[2] as string) });
    end = found.index + found[0].length;
  }
  if (end < text.length || parts.length === 0) parts.push(text.slice(end));
  return parts.some((part) => typeof part === 'string' && part.includes('{{')) ? undefined : parts;
}

export function addressOf(template: AddressTemplate, labels: Labels): string {
  let address = '';
  for (const part of template.parts) {
    const text = typeof part === 'string' ? part : labelValue(labels, part.label);
    if (text === '') return template.else;
    address += text;
  }
  return isAllowed(address, template.allowed) ? address : template.else;
}

export function isAllowed(address: string, allowed: readonly string[]): boolean {
  if (address === '' || address.length > longest || /\p{Cc}/u.test(address)) return false;
  return allowed.some((pattern) => fits(address, pattern));
}

/** In steps that grow with the lengths' product at most: `*` is the only thing that a pattern knows. */
function fits(text: string, pattern: string): boolean {
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop();
  if (end === undefined) return text === pattern;
  if (!text.startsWith(start)) return false;
  let at = start.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - end.length >= at && text.endsWith(end);
}
