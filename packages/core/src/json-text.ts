import { z } from 'zod';
import { exactJson } from './exact-json.ts';

/** A text that holds JSON of this schema: some vendors wrap one payload in another. */
export function jsonText<Schema extends z.ZodType>(schema: Schema) {
  const parsed = z.string().transform((text, context): unknown => {
    try {
      return exactJson(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is a text that is not JSON' });
      return z.NEVER;
    }
  });
  return parsed.pipe(schema as z.ZodType<z.output<Schema>, unknown>); // JSON may be anything
}
