import type { Document, ErrorCode, YAMLError } from 'yaml';
import type { Finding } from './finding.ts';

/** What is wrong with a document's syntax, at most ten places: one slip makes the parser stumble many times. */
export function syntaxFaults(document: Document): Finding[] {
  const seen = new Set<number>();
  return [...document.errors, ...document.warnings]
    .filter(({ pos: [offset] }) => !seen.has(offset) && seen.add(offset))
    .slice(0, 10)
    .map((error) => ({ path: [], message: sentenceOf(error), offset: error.pos[0] }));
}

/** Our own words: the parser's may repeat text of the file, and with it a secret. */
function sentenceOf({ code, message }: YAMLError): string {
  if (code === 'MISSING_CHAR' && message in missing) return missing[message] as string; // seen in the table just now
  return sentences[code] ?? 'this is not YAML; look for a missing quote, colon or space before this place';
}

const missing: Record<string, string> = {
  "Missing closing 'quote": "a text that begins with ' is not closed; add the second '",
  'Missing closing "quote': 'a text that begins with " is not closed; add the second "',
  'Implicit map keys need to be followed by map values': 'a key without a colon; write `key: value`',
  'Sequence item without - indicator': 'a list item without its `- `',
  'Comments must be separated from other tokens by white space characters': 'put a space before the `#` of a comment',
};

const sentences: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: 'an alias or anchor without a usable name',
  BAD_DIRECTIVE: 'only YAML 1.2 is read; remove the line that starts with `%`',
  BAD_DQ_ESCAPE: 'an unknown escape after `\\`; double the backslash, or use single quotes',
  BAD_INDENT: 'the indentation does not fit the lines above, or a bracket is not closed',
  BAD_SCALAR_START: 'a text cannot start with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second `key:` on one line; put it on a line of its own, or the text in quotes',
  BLOCK_IN_FLOW: 'inside brackets, lists and maps are written with brackets too',
  MISSING_CHAR: 'a comma, colon, space or bracket is missing before this place',
  MULTILINE_IMPLICIT_KEY: 'a key without a colon; write `key: value` on one line',
  MULTIPLE_DOCS: 'a second document starts here; the config is one, so remove the `---`',
  NON_STRING_KEY: 'a key must be plain text',
  RESOURCE_EXHAUSTION: 'this is nested too deeply to be read',
  TAB_AS_INDENT: 'a tab indents this line; use spaces',
  TAG_RESOLVE_FAILED: 'tags (`!name`) mean nothing here; remove it',
  BAD_COLLECTION_TYPE: 'tags (`!name`) mean nothing here; remove it',
};
