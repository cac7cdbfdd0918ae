import type { TocsinError } from '../errors.ts';
import { unusable } from './fault.ts';
import { Written } from './written.ts';

/** A piece of a tag's inside, and its offset in the source. */
export interface Token {
  kind: 'space' | 'string' | 'sign' | 'word';
  text: string;
  from: number;
}

export type Segment =
  | { kind: 'text'; text: string; from: number }
  /** `sigil`: what Handlebars puts before the inside, such as `#`; empty for most. */
  | { kind: 'tag'; sigil: string; tokens: Token[]; from: number; end: number };

/**
 * Cuts a source at its tags, `{{…}}`. Comments are left out, in Handlebars' and in Go's way, and so is the white space
 * that `{{~ ~}}` and `{{- -}}` take away. All other text is as it was: a tag has no escape.
 */
export function readSegments(source: string, file: string): Segment[] {
  const segments: Segment[] = [];
  let rest = 0;
  let trims = false;
  const addText = (end: number, trimsEnd: boolean) => {
    let text = source.slice(rest, end);
    const from = rest + (trims ? text.length - text.trimStart().length : 0);
    text = source.slice(from, end);
    if (trimsEnd) text = text.trimEnd();
    if (text !== '') segments.push({ kind: 'text', text, from });
  };
  for (let open = source.indexOf('{{'); open >= 0; open = source.indexOf('{{', rest)) {
    const trimsBefore = matchAt(/\{\{(~|-(?=\s))/y, source, open) !== '';
    addText(open, trimsBefore);
    const inside = open + (trimsBefore ? 3 : 2);
    const comment = commentAt(source, inside);
    const tag = comment ? undefined : readTag(source, inside);
    const closed = comment ?? tag;
    if (!closed) throw unclosed(source, open, file);
    if (tag) segments.push({ kind: 'tag', sigil: tag.sigil, tokens: tag.tokens, from: open, end: tag.end });
    rest = closed.end;
    trims = closed.trimsAfter;
  }
  addText(source.length, false);
  return segments;
}

/** Matches where a regular expression with the flag `y` does at this offset; empty where it doesn't. */
function matchAt(pattern: RegExp, source: string, offset: number): string {
  pattern.lastIndex = offset;
  return pattern.exec(source)?.[0] ?? '';
}

interface Closed {
  end: number;
  trimsAfter: boolean;
}

const comments = [
  { start: '!--', end: /--(~?)\}\}/g },
  { start: '!', end: /(~?)\}\}/g },
  // https://pkg.go.dev/text/template#hdr-Actions
  { start: '/*', end: /\*\/(\s-)?\}\}/g },
];

function commentAt(source: string, inside: number): Closed | undefined {
  const start = inside + matchAt(/\s*(?=\/\*)/y, source, inside).length;
  const comment = comments.find((one) => source.startsWith(one.start, start));
  if (!comment) return undefined;
  comment.end.lastIndex = start + comment.start.length;
  const found = comment.end.exec(source);
  return found ? { end: found.index + found[0].length, trimsAfter: Boolean(found[1]) } : undefined;
}

const kinds = [
  ['space', /\s+/y],
  ['string', /"(?:\\"|[^"])*"|'(?:\\'|[^'])*'|`[^`]*`/y],
  ['sign', /[()=|]/y],
  // A segment in brackets may hold anything; one `}` does not end a tag.
  ['word', /(?:\[[^\]]*\]|[^\s"'`()=|~}[]|\}(?!\}))+/y],
] as const;

function readTag(source: string, inside: number): (Closed & { sigil: string; tokens: Token[] }) | undefined {
  const sigil = matchAt(/[#/^&>*{]+/y, source, inside);
  const tokens: Token[] = [];
  let at = inside + sigil.length;
  while (at < source.length) {
    const close = matchAt(sigil.startsWith('{') ? /\}(~?)\}\}/y : /(~?)\}\}/y, source, at);
    if (close !== '') {
      const isGoTrim = close === '}}' && tokens.at(-1)?.text === '-' && tokens.at(-2)?.kind === 'space';
      if (isGoTrim) tokens.pop();
      return { sigil, tokens, end: at + close.length, trimsAfter: isGoTrim || close.includes('~') };
    }
    const start = at;
    for (const [kind, pattern] of kinds) {
      const text = matchAt(pattern, source, at);
      if (text === '') continue;
      tokens.push({ kind, text, from: at });
      at += text.length;
      break;
    }
    if (at === start) return undefined;
  }
  return undefined;
}

function unclosed(source: string, offset: number, file: string): TocsinError {
  const message = "a tag isn't closed, or has a character that can't stand there";
  const fault = { path: '', message, file, ...new Written(source).positionAt(offset) };
  return unusable(file, [fault], 'Write a tag as {{…}}, with its quotes closed.');
}
