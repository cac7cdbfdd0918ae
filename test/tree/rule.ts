import type { Tree } from './tree.ts';

/** A habit of this repository that a machine can see. */
export interface Rule {
  /** The habit, as a sentence: it is the name of the test and what a contributor reads. */
  sentence: string;
  /** Each place that breaks it, as `path:line: what is wrong and what to do`. */
  check(tree: Tree): string[];
  /** Small trees that break it, each in a way of its own: the rule must see every one. */
  broken: Record<string, string>[];
}
