import type { z } from '@tocsin/core';
import type { LoadedConfig } from './config/config.ts';
import { valueAt, withValueAt } from './config/path.ts';
import { resolveSecrets } from './config/reference.ts';
import { storedSecrets } from './config/secret-id.ts';
import { openPaths } from './secret-settings.ts';

/** Settings in which what is no secret has its value: schemas look at it, and integrations compare it. */
export function withOpenValues(
  settings: Record<string, unknown>,
  schema: z.ZodType,
  secrets: LoadedConfig['secrets'],
): Record<string, unknown> {
  return openPaths(schema, settings).reduce((filled, path) => {
    const text = valueAt(filled, path);
    // What the store has is filled in at the door alone.
    if (typeof text !== 'string' || storedSecrets([text]).length > 0) return filled;
    return withValueAt(filled, path, resolveSecrets(text, secrets));
  }, settings);
}
