import type { MarkdownRoot } from '../media/tree.ts';
import { type Budget, Meter } from './budget.ts';
import type { Place } from './fault.ts';
import type { Insertion } from './insertion.ts';
import { type Environment, interpret, type Sink } from './interpreter.ts';
import { createMarkdownReader, MarkdownSink } from './markdown.ts';
import type { Expression, TemplateNode } from './nodes.ts';
import { parseSource } from './parse.ts';

/** What every render may be given. */
export interface TemplateOptions {
  /** What a missing value does: renders empty and is told to `onMissing` (the default), or fails the render. */
  mode?: 'lenient' | 'strict';
  budget?: Partial<Budget>;
  /** Milliseconds since 1970, for `since`. */
  now?: number;
  /** IANA name of the time zone for `date`. Default UTC. */
  zone?: string;
  /** Called with the path of each missing value and where it is named, as often as it is met. */
  onMissing?: (path: string, place: Place) => void;
}

export interface MarkdownOptions extends TemplateOptions {
  insertion?: Insertion;
}

export interface RenderOptions extends TemplateOptions {
  /**
   * Encodes each value for where it is put, such as into JSON; the template's own text is left alone. `path` is how
   * the template names the value, `helper` the one that made it.
   */
  interpolate?: (value: string, expression: { path: string; helper?: string }) => string;
}

/** A checked template. Renders are pure and throw a TocsinError `template` or `budget` that names file and line. */
export interface Template {
  /** The name that errors give; as it was handed to `parseTemplate`. */
  readonly file: string;
  readonly source: string;
  /** The text, with values as they are; `{{{ }}}` means the same as `{{ }}`. */
  render: (context: unknown, options?: RenderOptions) => string;
  /** The source is Markdown; values only ever become text, code or URLs in its tree. */
  renderMarkdown: (context: unknown, options?: MarkdownOptions) => MarkdownRoot;
}

/**
 * Reads a template in Handlebars' language, with a fixed set of helpers and without partials and decorators.
 * No code is generated. `file` is the name that errors give.
 * Throws a TocsinError `template` with a fault (file, line, column) for each thing that is wrong.
 */
export function parseTemplate(source: string, options: { file: string }): Template {
  const { file } = options;
  const nodes = parseSource(source, file);
  const readMarkdown = createMarkdownReader();
  return {
    file,
    source,
    render: (context, given = {}) => {
      const sink = new TextSink(given.interpolate);
      run(nodes, context, file, given, () => sink);
      return sink.output;
    },
    renderMarkdown: (context, given = {}) => {
      const sink = run(nodes, context, file, given, (meter) => new MarkdownSink(meter, given.insertion));
      return readMarkdown(sink);
    },
  };
}

function run<Output extends Sink>(
  nodes: readonly TemplateNode[],
  root: unknown,
  file: string,
  options: TemplateOptions,
  createSink: (meter: Meter) => Output,
): Output {
  const meter = new Meter(file, options.budget);
  const sink = createSink(meter);
  const { mode, now, zone = 'UTC', onMissing } = options;
  const environment: Environment = { root, strict: mode === 'strict', meter, now, zone, onMissing, sink };
  interpret(nodes, environment);
  return sink;
}

class TextSink implements Sink {
  output = '';
  readonly #interpolate: RenderOptions['interpolate'];

  constructor(interpolate: RenderOptions['interpolate']) {
    this.#interpolate = interpolate;
  }

  text(text: string): void {
    this.output += text;
  }

  value(value: string, expression: Expression): void {
    this.output += this.#interpolate ? this.#interpolate(value, describe(expression)) : value;
  }
}

function describe(expression: Expression): { path: string; helper?: string } {
  return expression.type === 'call' ? { path: expression.text, helper: expression.helper } : { path: expression.text };
}
