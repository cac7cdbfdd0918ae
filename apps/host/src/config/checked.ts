import { type Finding, quote } from './finding.ts';
import type { Listen } from './listen.ts';
import { type Path, valueAt } from './path.ts';
import { resolveSecrets } from './reference.ts';

/** What the checks look at. Parts may have any shape: what the schema refuses is passed over here. */
export interface Checked {
  /** With references filled in, and as the file has it: what messages may repeat. */
  resolved: unknown;
  written: unknown;
  secrets: ReadonlyMap<string, string>;
  /** Where the host will listen, if that can be read. */
  listen: Listen | undefined;
}

export interface Findings {
  faults: Finding[];
  warnings: Finding[];
}

/** The paths of a list's items; none if there is no such list. */
export function itemsOf(value: unknown, path: Path): Path[] {
  const list = valueAt(value, path);
  return Array.isArray(list) ? list.map((_, index) => [...path, index]) : [];
}

/** The texts at these paths, with the path of each; anything else is left out. */
export function textsAt(value: unknown, paths: readonly Path[]): { path: Path; text: string }[] {
  return paths.flatMap((path) => {
    const text = valueAt(value, path);
    return typeof text === 'string' && text !== '' ? [{ path, text }] : [];
  });
}

/** Those of the texts that the file spells out, for a list of what is known: others may hold what must not be told. */
export function toldOf(written: unknown, texts: readonly { path: Path; text: string }[]): string[] {
  return texts.filter(({ path, text }) => valueAt(written, path) === text).map(({ text }) => text);
}

/** A text as the file has it, in backticks. */
export function quoteAt(written: unknown, path: Path): string {
  const text = valueAt(written, path);
  return typeof text === 'string' ? quote(text) : 'this';
}

/** What a text that may hold references stands for; nothing where one has no value: that has been told already. */
export function secretOf(text: string, { secrets }: Checked): string | undefined {
  const value = resolveSecrets(text, secrets);
  return value === '' ? undefined : value;
}
