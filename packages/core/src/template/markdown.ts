import type { Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { tidyTree } from '../media/tidy.ts';
import type { MarkdownRoot } from '../media/tree.ts';
import type { Meter } from './budget.ts';
import { fillTree } from './filling.ts';
import type { Insertion } from './insertion.ts';
import type { Sink } from './interpreter.ts';
import type { Expression } from './nodes.ts';
import { sentinelOf, withoutSentinels } from './sentinel.ts';

/** These bound the parser's work, whose time grows with the square of blocks, styles and nesting. */
const longestSkeleton = 16 * 1024;
const mostLines = 1000;
const tooDeep = /^(?:[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])){33}/m;

/** Collects Markdown with sentinels, and the values they stand for. */
export class MarkdownSink implements Sink {
  skeleton = '';
  readonly values: string[] = [];
  /** Those of the values that are trees. */
  readonly trees = new Map<number, MarkdownRoot>();
  readonly meter: Meter;
  readonly #insertion: Insertion | undefined;
  #lines = 1;

  constructor(meter: Meter, insertion?: Insertion) {
    this.meter = meter;
    this.#insertion = insertion;
  }

  writeText(text: string): void {
    this.#write(withoutSentinels(text));
  }

  writeValue(value: string, expression: Expression): void {
    const { name, text, tree } = this.#insertion ?? {};
    const isNamed = expression.type === 'path' && name !== undefined && expression.keys.at(-1) === name;
    if (isNamed && tree && value === text) this.trees.set(this.values.length, tree);
    this.#write(sentinelOf(this.values.length));
    this.values.push(value);
  }

  #write(text: string): void {
    this.skeleton += text;
    this.#lines += text.split('\n').length - 1;
    if (this.#lines > mostLines) this.meter.overrun(`it wrote more than ${mostLines} lines of Markdown`);
    if (this.skeleton.length > longestSkeleton) {
      this.meter.overrun(`it wrote more than ${longestSkeleton} characters of Markdown around its values`);
    }
  }
}

const keptTrees = 8;
const longestKept = 8 * 1024;

/**
 * A reader for one template's renders. Renders that took the same way through the template differ only in their
 * values, so the last few trees are kept: parsing takes ten times as long as all the rest.
 */
export function createMarkdownReader(): (sink: MarkdownSink) => MarkdownRoot {
  const trees = new Map<string, Root>();
  return ({ skeleton, values, trees: inserted, meter }) => {
    const known = trees.get(skeleton);
    if (!known && tooDeep.test(skeleton)) meter.overrun('its Markdown is nested more than 32 deep');
    const tree = known ?? fromMarkdown(skeleton);
    if (!known && skeleton.length <= longestKept) {
      const [oldest] = trees.keys();
      if (oldest !== undefined && trees.size >= keptTrees) trees.delete(oldest);
      trees.set(skeleton, tree);
    }
    return tidyTree(fillTree(tree, values, meter, inserted));
  };
}
