import { z } from 'zod';
import { configSchema } from './schema.ts';

/** The JSON Schema (2020-12) of the config file, for editors. A text that has a certain form may also be a reference. */
export function configJsonSchema(): Record<string, unknown> {
  return {
    title: 'Tocsin configuration',
    ...z.toJSONSchema(configSchema, {
      io: 'input',
      override: ({ jsonSchema, path }) => {
        // References are read in values, not in keys.
        if (jsonSchema.type !== 'string' || path.at(-1) === 'propertyNames') return;
        const { pattern, enum: words } = jsonSchema;
        if (pattern === undefined && words === undefined) return;
        delete jsonSchema.pattern;
        delete jsonSchema.enum;
        jsonSchema.anyOf = [pattern === undefined ? { enum: words } : { pattern }, { pattern: reference }];
      },
    }),
  };
}

const reference = '\\$\\{(env|file):[^}]+\\}';
