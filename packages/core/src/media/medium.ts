import { cleanLine } from './clean.ts';
import { cutText, cutTree, textLength } from './cut.ts';
import { fit } from './fit.ts';
import { tidyTree } from './tidy.ts';
import type { MarkdownRoot } from './tree.ts';

/** Every way of rendering. */
export const mediumNames = [
  'markdown',
  'slack',
  'html',
  'telegram',
  'teams',
  'discord',
  'text',
  'sms',
  'speech',
] as const;
export type MediumName = (typeof mediumNames)[number];

/**
 * A way of rendering. Text of the tree is only ever shown as text: never as markup, a mention or a tag. What exceeds
 * a limit is cut between characters that people see, outside of tags, links and entities, and its text ends with "…".
 */
export interface Medium {
  name: MediumName;
  /** Plain text on one line, such as a title, escaped; at most `limit` long by `length`. */
  line: (text: string, limit?: number) => string;
  /** A whole message; at most `limit` long by `length`. */
  message: (tree: MarkdownRoot, limit?: number) => string;
  /** How long the vendor counts a rendered text to be. */
  length: (rendered: string) => number;
}

/** What a medium is made of. */
export interface Dialect {
  name: MediumName;
  /** The words of a clean line in this medium, before anything is cut. Default: the same. */
  rewordLine?: (line: string) => string;
  /** The same for a tidy tree. */
  rewordTree?: (tree: MarkdownRoot) => MarkdownRoot;
  /** A line, escaped. Default: as it is. */
  escapeLine?: (line: string) => string;
  /** A tidy tree, rendered. */
  render: (tree: MarkdownRoot) => string;
  length: (rendered: string) => number;
  /** What a code unit of text counts for at least: one half where a surrogate pair is one character. Default: 1. */
  lightest?: number;
}

/** Adds cleaning and truncation to a dialect. */
export function createMedium(dialect: Dialect): Medium {
  const { name, rewordLine = same, rewordTree = same, escapeLine = same, render, length, lightest } = dialect;
  return {
    name,
    length,
    line: (text, limit) => {
      const line = rewordLine(cleanLine(text));
      return fit(line.length, limit, length, (kept) => escapeLine(cutText(line, kept)), lightest);
    },
    message: (tree, limit) => {
      const reworded = rewordTree(tidyTree(tree));
      return fit(textLength(reworded), limit, length, (kept) => render(cutTree(reworded, kept)), lightest);
    },
  };
}

function same<Value>(value: Value): Value {
  return value;
}
