import type { Integration } from '@tocsin/core';
import { z } from 'zod';

/**
 * An integration's settings as JSON Schema 2020-12; nothing where it has none, or where its schema can't be told as one.
 * `secret()` of core marks a setting by `secret: true`; standard tools know that as `writeOnly` and `format: password`.
 */
export function settingsSchema({ definition }: Integration): Record<string, unknown> | null {
  if (!definition.settings) return null;
  try {
    const schema = z.toJSONSchema(definition.settings, {
      io: 'input',
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        if (jsonSchema.secret === true) Object.assign(jsonSchema, { writeOnly: true, format: 'password' });
      },
    });
    // Through text, which drops the functions that zod attaches.
    return JSON.parse(JSON.stringify(schema));
  } catch {
    return null;
  }
}
