import type { MarkdownRoot } from '../media/tree.ts';
import { type Budget, Meter } from './budget.ts';
import type { Place } from './fault.ts';
import type { Insertion } from './insertion.ts';
import { type Environment, interpret, type Sink } from './interpreter.ts';
import { createMarkdownReader, MarkdownSink } from './markdown.ts';
import type { TemplateNode } from './nodes.ts';
import { type OutputFormat, outputOf } from './output.ts';
import { readNodes } from './parse.ts';
import { readSyntax } from './syntax.ts';

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
  /** What the result is. Default `text`: values are put in as they are. */
  format?: OutputFormat;
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
  return templateOf(readNodes(readSyntax(source, options.file), options.file), { source, ...options });
}

/** A template out of nodes, whichever syntax they were read from. */
export function templateOf(
  nodes: readonly TemplateNode[],
  { source, file }: Pick<Template, 'source' | 'file'>,
): Template {
  const readMarkdown = createMarkdownReader();
  return {
    file,
    source,
    render: (context, given = {}) =>
      run(nodes, context, file, given, (meter) => outputOf(given.format ?? 'text', meter)).text,
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
