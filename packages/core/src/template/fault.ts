import { type Fault, TocsinError } from '../errors.ts';

/** A place in a template's text; both count from 1. */
export interface Position {
  line: number;
  column: number;
}

/** Where in a template something stands. */
export interface Place extends Position {
  file: string;
}

/** The template can't be used: every fault that was found in its text. */
export function unusable(file: string, faults: readonly [Fault, ...Fault[]], remedy: string): TocsinError {
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return new TocsinError('template', `${file} can't be used: ${faults[0].message}${more}`, {
    faults: [...faults],
    remedy,
  });
}

/** One render failed at `position`. */
export function unrenderable(
  code: 'template' | 'budget',
  at: { file: string; position: Position },
  message: string,
  options: { path?: string; remedy: string },
): TocsinError {
  const subject = options.path ? `${options.path} ${message}` : message;
  return new TocsinError(code, `${at.file}:${at.position.line} can't be rendered: ${subject}`, {
    faults: [{ path: options.path ?? '', message, file: at.file, ...at.position }],
    remedy: options.remedy,
  });
}

/** What went wrong with a render, as a TocsinError that names the template. */
export function problemOf(error: unknown, file: string): TocsinError {
  if (error instanceof TocsinError) return error;
  return new TocsinError('template', `${file} can't be rendered: ${String(error)}`, {
    cause: error,
    remedy: 'Try it with `tocsin render` and a payload of this kind.',
  });
}
