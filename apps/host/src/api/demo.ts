import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Integration, TocsinError } from '@tocsin/core';

/** The payload of a source's example `firing`; nothing where the package has none. */
export async function readDemo({ kind, folder, name }: Integration): Promise<unknown> {
  if (kind !== 'source') return undefined;
  const text = await readFile(join(folder, 'examples', 'firing.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TocsinError('integration', 'examples/firing.json is not JSON', {
      origin: name,
      remedy: 'Install a release of the package that passes the conformance suite.',
      cause,
    });
  }
}
