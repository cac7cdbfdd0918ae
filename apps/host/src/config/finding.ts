import type { Path } from './path.ts';

/** Something to tell the operator about one place of the config, before it has a line and a column. */
export interface Finding extends Place {
  path: Path;
  message: string;
}

/** Which part of what a path leads to is meant; its value where nothing is said. */
export interface Place {
  /** Points at the key instead. */
  at?: 'key';
  /** Points at this text inside the value, where it is written as such. */
  within?: string;
  /** At the next one but so many, where the text stands there several times. */
  skip?: number;
  /** Points at this place of the file, for what no path leads to. */
  offset?: number;
}

/**
 * The place of a line and column inside a text of the config: the rest of the line, which the file has somewhere,
 * whichever way the text is written there.
 */
export function placeIn(source: string, line: number, column: number): Place | undefined {
  const lines = source.split('\n');
  const rest = (lines[line - 1] ?? '').slice(column - 1);
  if (rest === '') return undefined;
  const before = lines.slice(0, line - 1).reduce((length, text) => length + text.length + 1, column - 1);
  let skip = 0;
  for (let found = source.indexOf(rest); found >= 0 && found < before; found = source.indexOf(rest, found + 1)) skip++;
  return { within: rest, skip };
}

/**
 * Text from the config file as it may stand in a message: in backticks, at most 60 characters, on one line, without
 * the user and password of an address.
 */
export function quote(text: string): string {
  const shown = text.replace(/:\/\/\S*@/, '://…@');
  const line = JSON.stringify(shown.length > 60 ? `${shown.slice(0, 60)}…` : shown).slice(1, -1);
  return `\`${line.replaceAll('\\"', '"')}\``;
}
