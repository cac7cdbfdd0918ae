import Handlebars from 'handlebars';
import type { Fault } from '../errors.ts';
import { unusable } from './fault.ts';

const longestSource = 64 * 1024;
const mostBlocks = 500;
const mostBrackets = 100;

/** Handlebars' tree of a source. Throws a TocsinError `template` that says where the syntax breaks. */
export function readSyntax(source: string, file: string): hbs.AST.Program {
  const excess = excessOf(source);
  if (excess) throw unusable(file, [{ path: '', message: excess, file }], 'Make it smaller.');
  try {
    return Handlebars.parse(source);
  } catch (cause) {
    const remedy = 'Check the brackets and quotes there; each {{#block}} needs its {{/block}}.';
    throw unusable(file, [readError(cause, file)], remedy);
  }
}

/** Handlebars' parser takes minutes for 64 KB of nested brackets, so these are counted first. */
function excessOf(source: string): string | undefined {
  if (source.length > longestSource) return `it has ${source.length} characters; at most ${longestSource} are allowed`;
  const blocks = source.match(/\{\{~?(?:[#^]|\s*else\b)/g)?.length ?? 0;
  if (blocks > mostBlocks) return `it has ${blocks} blocks and elses; at most ${mostBlocks} are allowed`;
  for (const tag of source.split('{{')) {
    const brackets = tag.startsWith('!') ? 0 : tag.slice(0, endOf(tag)).split('(').length - 1;
    if (brackets > mostBrackets) return `a tag has ${brackets} opening brackets; at most ${mostBrackets} are allowed`;
  }
  return undefined;
}

function endOf(tag: string): number {
  const end = tag.indexOf('}}');
  return end === -1 ? tag.length : end;
}

/** What the generated parser leaves behind about its last token; it is not in Handlebars' types. */
interface ParserState {
  lexer?: { yytext?: unknown; yylloc?: { first_line: number; first_column: number } };
}

function readError(cause: unknown, file: string): Fault {
  if (cause instanceof RangeError) return { path: '', message: 'it is nested too deeply', file };
  if (!(cause instanceof Error)) return { path: '', message: String(cause), file };
  // Faults that Handlebars finds in a complete tag: "if doesn't match each - 1:3".
  const { lineNumber, column } = cause as { lineNumber?: number; column?: number };
  if (lineNumber !== undefined && column !== undefined) {
    return { path: '', message: cause.message.replace(/ - \d+:\d+$/, ''), file, line: lineNumber, column: column + 1 };
  }
  const { lexer } = (Handlebars as { Parser?: ParserState }).Parser ?? {};
  return {
    path: '',
    message: describe(cause.message, lexer?.yytext),
    file,
    line: Number(/on line (\d+)/.exec(cause.message)?.[1] ?? 1),
    column: (lexer?.yylloc?.first_column ?? 0) + 1,
  };
}

/** The parser's own words list its grammar's tokens; these say what an author can see. */
function describe(message: string, token: unknown): string {
  if (message.includes("got 'EOF'")) return 'it ends inside a block';
  if (message.includes("got 'INVALID'")) return "a tag isn't closed, or has a character that can't stand there";
  return typeof token === 'string' && token !== ''
    ? `${JSON.stringify(token)} can't stand here`
    : 'the syntax breaks here';
}
