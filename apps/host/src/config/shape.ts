import { nearest } from '@tocsin/core';
import { z } from 'zod';
import { lineBreak } from './block.ts';
import { type Finding, quote } from './finding.ts';
import { formatPath, type Path, valueAt } from './path.ts';
import { parseReferences } from './reference.ts';
import { type ConfigShape, configSchema } from './schema.ts';

/**
 * Holds the resolved value against the schema. Messages quote `written`, the value as the file has it, so that what a
 * reference stands for is never repeated.
 */
export function readShape(resolved: unknown, written: unknown): { shape?: ConfigShape; faults: Finding[] } {
  return readAs(configSchema, resolved, written);
}

/** The same by another schema. */
export function readAs<Schema extends z.ZodType>(
  schema: Schema,
  resolved: unknown,
  written: unknown,
): { shape?: z.output<Schema>; faults: Finding[] } {
  const result = schema.safeParse(resolved, { error: describeMissing });
  if (result.success) return { shape: result.data, faults: [] };
  const faults = result.error.issues.flatMap((issue) => findingsOf(issue, [], written));
  // The first that is wrong with a value is enough.
  const told = new Set<string>();
  return { faults: faults.filter(({ path }) => !told.has(formatPath(path)) && told.add(formatPath(path))) };
}

type Issue = z.core.$ZodIssue;

/** What a missing key is for is known to its schema only. */
function describeMissing(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input !== undefined || !(issue.inst instanceof z.ZodType)) return undefined;
  return z.globalRegistry.get(issue.inst)?.description;
}

function findingsOf(issue: Issue, above: Path, written: unknown): Finding[] {
  const path = [...above, ...(issue.path as Path)]; // JSON has no symbols for keys
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split(lineBreak);
    return issue.keys.map((key, index) => ({ path: [...path, key], message: messages[index] as string, at: 'key' }));
  }
  const value = valueAt(written, path);
  if (value === undefined) return [{ path, message: missing(issue.message) }];
  switch (issue.code) {
    case 'invalid_union': {
      const branch = issue.errors.find((issues) => !issues.some(isOfOtherType));
      if (branch) return branch.flatMap((inner) => findingsOf(inner, path, written));
      return [{ path, message: wrongType(value, issue.errors.flat().map(expectedType).join(' or ')) }];
    }
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({
        path,
        message: `${quote(String(path.at(-1)))} ${message}`,
        at: 'key',
      }));
    case 'invalid_type':
      // A schema with words of its own knows better than to put a number in quotes.
      if (typeof value === 'number' && !issue.message.startsWith('Invalid input'))
        return [aboutValue(issue, path, `${value}`)];
      return [{ path, message: wrongType(value, expectedType(issue)) }];
    case 'invalid_value':
      return [{ path, message: notOneOf(value, issue.values) }];
    case 'too_small':
      return [{ path, message: issue.origin === 'string' ? 'is empty; give it a value' : issue.message }];
    case 'custom':
    case 'invalid_format':
    case 'too_big':
      return [aboutValue(issue, path, value)];
    default:
      return [{ path, message: issue.message }];
  }
}

function isOfOtherType(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.path.length === 0;
}

function missing(description: string): string {
  return `is missing; ${description}`;
}

const typeNames: Record<string, string> = {
  string: 'a text',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
  boolean: '`true` or `false`',
};

const scalarNames: Record<string, string> = { string: 'a text', number: 'a number', boolean: 'true or false' };

function expectedType(issue: Issue): string {
  return issue.code === 'invalid_type' ? (typeNames[issue.expected] ?? issue.expected) : issue.message;
}

function wrongType(value: unknown, expected: string): string {
  if (value === null) return `has no value; write ${expected}, or remove the key`;
  const found = Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'a map'
      : (scalarNames[typeof value] ?? '');
  if (expected === typeNames.string && typeof value !== 'object')
    return `must be ${expected}, not ${found}; put it in quotes`;
  if (expected === typeNames.array)
    return `must be ${expected}, not ${found}; write \`[…]\`, or one \`- \` line for each`;
  return `must be ${expected}, not ${found}`;
}

/** A value that is no known word is quoted only if it is nearly one: it may be a secret at the wrong key. */
function notOneOf(value: unknown, values: readonly unknown[]): string {
  const known = values.map(String);
  if (known.length === 1) return `must be \`${known[0]}\``;
  const meant = typeof value === 'string' ? nearest(value, known) : undefined;
  if (meant) return `${quote(String(value))} is none of ${known.join(', ')}, did you mean \`${meant}\`?`;
  return `must be one of ${known.join(', ')}`;
}

function aboutValue(issue: Issue, path: Path, value: unknown): Finding {
  if (typeof value !== 'string') return { path, message: `this ${issue.message}` };
  const { detail, column } = (issue.code === 'custom' && issue.params) || {};
  // The detail speaks of the value as it is with its references filled in.
  const isPlain = parseReferences(value).every((part) => typeof part === 'string') && !value.includes('$${');
  const message = `${quote(value)} ${issue.message}${detail && isPlain ? `: ${detail}` : ''}`;
  const within = column && isPlain ? [...value].slice(column - 1).join('') : undefined;
  return within ? { path, message, within } : { path, message };
}
