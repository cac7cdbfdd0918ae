import { z } from 'zod';
import { suggest } from './nearest.ts';

/**
 * An object of the config with exactly these keys. `later` are keys that the documentation names and a later version
 * brings: refused by name, so that nobody believes that they act. `elsewhere` says where others belong.
 */
export function block<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  later: readonly string[] = [],
  elsewhere: Readonly<Record<string, string>> = {},
) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      return issue.keys.map((key) => aboutKey(key, Object.keys(shape), later, elsewhere)).join(lineBreak);
    },
  });
}

/** Between the messages of one issue that is about several keys. */
export const lineBreak = '\n';

function aboutKey(
  key: string,
  known: readonly string[],
  later: readonly string[],
  elsewhere: Readonly<Record<string, string>>,
): string {
  if (Object.hasOwn(elsewhere, key)) return `\`${key}\` ${elsewhere[key]}`;
  if (later.includes(key)) return `\`${key}\` is not available yet in this version; remove it`;
  return `unknown key \`${key.replaceAll(lineBreak, ' ').slice(0, 60)}\`${suggest(key, known, 'known here')}`;
}
