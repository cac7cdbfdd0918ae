import { z } from '@tocsin/core';
import type { Path } from './config/path.ts';

/** The paths below `settings` whose values the integration's schema declares with `secret()`. */
export function secretPaths(schema: z.ZodType, settings: unknown): Path[] {
  return find(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), settings, []);
}

interface Schema {
  secret?: boolean;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema | boolean;
  anyOf?: Schema[];
  allOf?: Schema[];
}

function find(schema: unknown, value: unknown, path: Path): Path[] {
  if (schema === null || typeof schema !== 'object' || value === undefined || value === null) return [];
  // What zod writes is JSON Schema; only these words of it carry values.
  const { secret, properties, additionalProperties, items, anyOf = [], allOf = [] } = schema as Schema;
  if (secret) return typeof value === 'string' ? [path] : [];
  const inner = [...anyOf, ...allOf].flatMap((option) => find(option, value, path));
  if (Array.isArray(value)) return [...inner, ...value.flatMap((item, index) => find(items, item, [...path, index]))];
  if (typeof value !== 'object') return inner;
  const entries = Object.entries(value).flatMap(([key, item]) =>
    find(properties && Object.hasOwn(properties, key) ? properties[key] : additionalProperties, item, [...path, key]),
  );
  return [...inner, ...entries];
}
