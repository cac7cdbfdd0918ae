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
 * Text from the config file as it may stand in a message: in backticks, at most 60 characters, on one line, without
 * the user and password of an address.
 */
export function quote(text: string): string {
  const shown = text.replace(/:\/\/\S*@/, '://…@');
  const line = JSON.stringify(shown.length > 60 ? `${shown.slice(0, 60)}…` : shown).slice(1, -1);
  return `\`${line.replaceAll('\\"', '"')}\``;
}
