import { TocsinError } from '@tocsin/core';

/**
 * The words of a command as a POSIX shell cuts it. Nothing is expanded or run, and a template's tag (`{{ … }}`) is a
 * part of its word, whatever it holds: Keptn fills the tags in before it cuts.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
 */
export function shellWords(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(command)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  while (at < command.length) {
    if (take(/\\\r?\n/y) !== undefined) continue;
    if (take(/\s+/y) !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const piece =
      take(tag) ??
      take(/'[^']*'/y)?.slice(1, -1) ??
      unescaped(take(/"(?:\{\{.*?\}\}|\\.|[^"\\])*"/sy)) ??
      take(/\\./sy)?.slice(1) ??
      take(/[^\s'"\\]/y);
    if (piece === undefined) throw unclosed(command[at] ?? '');
    word = (word ?? '') + piece;
  }
  return word === undefined ? words : [...words, word];
}

const tag = /\{\{.*?\}\}/sy;

/** Inside of double quotes a backslash is one, but before these signs. */
function unescaped(quoted: string | undefined): string | undefined {
  return quoted?.slice(1, -1).replace(/(\{\{.*?\}\})|\\\n|\\([$`"\\])/gs, (_, inTag = '', sign = '') => inTag + sign);
}

function unclosed(sign: string): TocsinError {
  return new TocsinError('payload', `a ${sign === '\\' ? 'backslash has nothing after it' : `${sign} is not closed`}`);
}
