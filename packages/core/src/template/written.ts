import { TocsinError } from '../errors.ts';
import type { Position } from './fault.ts';
import { sentinelOf, sentinels } from './sentinel.ts';
import { readSyntax } from './syntax.ts';

/** A part of an output, and where in the source it comes from. */
export interface Piece {
  text: string;
  from: number;
}

/** An output that was made of a source: it knows where in the source each part of it was written. */
export class Written {
  output = '';
  readonly #source: Lines;
  readonly #texts: string[] = [];
  readonly #marks: { at: number; from: number }[] = [];

  constructor(source: string) {
    this.#source = new Lines(source);
  }

  write(pieces: readonly Piece[]): void {
    for (const { text, from } of pieces) {
      this.#marks.push({ at: this.output.length, from });
      this.output += text;
    }
  }

  /** Writes something that stands for a text, so that no parser reads it. */
  writeHidden({ text, from }: Piece): void {
    this.write([{ text: sentinelOf(this.#texts.length), from }]);
    this.#texts.push(text);
  }

  /** With the texts in the places of what stands for them. */
  textOf(output: string): string {
    const parts = output.split(sentinels);
    return parts.map((part, index) => (index % 2 === 0 ? part : (this.#texts[Number(part)] ?? ''))).join('');
  }

  /** Turns positions in the output into those in the source. */
  positions(): (position: Position) => Position {
    const lines = new Lines(this.output);
    return (position) => {
      const at = lines.offsetOf(position);
      const index = lastAtMost(this.#marks, ({ at }) => at, at);
      const mark = this.#marks[index] ?? { at: 0, from: 0 };
      // What stands for a text is shorter than it, or longer.
      const next = this.#marks[index + 1]?.from ?? Number.POSITIVE_INFINITY;
      return this.#source.positionAt(Math.min(mark.from + at - mark.at, Math.max(next, mark.from)));
    };
  }

  positionAt(offset: number): Position {
    return this.#source.positionAt(offset);
  }
}

/** Handlebars' tree of what was written, with its texts and its positions as in the source. */
export function parseWritten(written: Written, file: string): hbs.AST.Program {
  const positionOf = written.positions();
  const seen = new Set<object>();
  const restore = (node: unknown) => {
    if (node === null || typeof node !== 'object' || seen.has(node)) return;
    seen.add(node);
    const { type, value, line, column } = node as { type?: unknown; value?: unknown } & Partial<Position>; // what nodes have
    if (type === 'ContentStatement') Object.assign(node, { value: written.textOf(String(value)) });
    // Handlebars counts columns from 0.
    if (line !== undefined && column !== undefined) {
      const position = positionOf({ line, column: column + 1 });
      Object.assign(node, { line: position.line, column: position.column - 1 });
    }
    for (const inside of Object.values(node)) restore(inside);
  };
  try {
    const program = readSyntax(written.output, file);
    restore(program);
    return program;
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    const faults = error.faults.map((fault) => {
      const { line, column } = fault;
      return line === undefined || column === undefined ? fault : { ...fault, ...positionOf({ line, column }) };
    });
    throw new TocsinError(error.code, error.message, { remedy: error.remedy, faults });
  }
}

/** Offsets as lines and columns, both from 1. */
class Lines {
  readonly #length: number;
  readonly #starts = [0];

  constructor(text: string) {
    this.#length = text.length;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  offsetOf({ line, column }: Position): number {
    return (this.#starts[line - 1] ?? this.#length) + column - 1;
  }

  positionAt(offset: number): Position {
    const within = Math.min(offset, this.#length);
    const line = lastAtMost(this.#starts, (start) => start, within);
    return { line: line + 1, column: within - (this.#starts[line] ?? 0) + 1 };
  }
}

/** The index of the last element that is at most so large, in a list that grows; -1 where none is. */
function lastAtMost<Element>(list: readonly Element[], sizeOf: (element: Element) => number, most: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sizeOf(list[middle] as Element) <= most) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
