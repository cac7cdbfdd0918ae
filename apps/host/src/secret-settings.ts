import { z } from '@tocsin/core';
import type { Path } from './config/path.ts';

/** The paths below `settings` whose values the integration's schema declares with `secret()`. */
export function secretPaths(schema: z.ZodType, settings: unknown): Path[] {
  return marked('secret', schema, settings);
}

/** Those that it declares with `secretUrl()`. */
export function urlPaths(schema: z.ZodType, settings: unknown): Path[] {
  return marked('url', schema, settings);
}

/** Those that it declares with `openUrl()`: they are no secret. */
export function openPaths(schema: z.ZodType, settings: unknown): Path[] {
  return marked('open', schema, settings);
}

type Mark = 'secret' | 'url' | 'open';

function marked(mark: Mark, schema: z.ZodType, settings: unknown): Path[] {
  return find(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), settings, [], mark);
}

interface Schema extends Partial<Record<Mark, boolean>> {
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema | boolean;
  anyOf?: Schema[];
  allOf?: Schema[];
}

function find(schema: unknown, value: unknown, path: Path, mark: Mark): Path[] {
  if (schema === null || typeof schema !== 'object' || value === undefined || value === null) return [];
  // What zod writes is JSON Schema; only these words of it carry values.
  const { [mark]: isMarked, properties, additionalProperties, items, anyOf = [], allOf = [] } = schema as Schema;
  if (isMarked) return typeof value === 'string' ? [path] : [];
  const inner = [...anyOf, ...allOf].flatMap((option) => find(option, value, path, mark));
  if (Array.isArray(value))
    return [...inner, ...value.flatMap((item, index) => find(items, item, [...path, index], mark))];
  if (typeof value !== 'object') return inner;
  const entries = Object.entries(value).flatMap(([key, item]) =>
    find(
      properties && Object.hasOwn(properties, key) ? properties[key] : additionalProperties,
      item,
      [...path, key],
      mark,
    ),
  );
  return [...inner, ...entries];
}
