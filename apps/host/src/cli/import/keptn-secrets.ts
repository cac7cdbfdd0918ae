import { readSegments, TocsinError } from '@tocsin/core';
import type { EnvFrom } from './keptn-config.ts';

/** A text of Keptn's with references in place of its secrets. */
export interface Referenced {
  text: string;
  /** What else is filled in there, as it is written. */
  templates: string[];
  /** What can't be carried over. */
  lost: string[];
}

/**
 * `{{.env.secret_a_b}}` and `{{.secret.a.b}}` become `${secret:a/b}`; `envFrom` says which secret a variable is, as its
 * name alone doesn't: Keptn's bridge leaves out what is no letter or digit.
 */
export function withReferences(source: string, envFrom: readonly EnvFrom[]): Referenced {
  const templates: string[] = [];
  const lost: string[] = [];
  let text = '';
  let rest = 0;
  for (const segment of segmentsOf(source, lost)) {
    if (segment.kind === 'text') continue;
    const written = source.slice(segment.from, segment.end);
    const words = segment.tokens.filter(({ kind }) => kind !== 'space').map((token) => token.text);
    const [word = ''] = words;
    const secret = words.length === 1 && segment.sigil === '' ? secretOf(word, envFrom) : undefined;
    if (secret === undefined) {
      templates.push(written);
      if (words.some(isSecret)) lost.push(`${written}: ${whyNot(word, words.length, envFrom)}`);
      continue;
    }
    text += plain(source.slice(rest, segment.from));
    if (text.endsWith('$')) lost.push(`a $ just before ${written}: it can't stand before a reference`);
    text += `\${secret:${secret}}`;
    rest = segment.end;
  }
  return { text: text + plain(source.slice(rest)), templates, lost };
}

function segmentsOf(source: string, lost: string[]): ReturnType<typeof readSegments> {
  try {
    return readSegments(source, 'the template');
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    lost.push(`${error.faults[0]?.message ?? error.message}: its secrets are not replaced`);
    return [];
  }
}

function isSecret(word: string): boolean {
  return /^\$?\.(env|secret)\./.test(word);
}

function secretOf(word: string, envFrom: readonly EnvFrom[]): string | undefined {
  const [, kind, rest = ''] = /^\$?\.(env|secret)\.(.+)$/s.exec(word) ?? [];
  if (kind === 'env') {
    // As Keptn reads them, the last of a name counts.
    const found = envFrom.findLast(({ name }) => name === rest);
    return found && `${found.secretRef.name}/${found.secretRef.key}`;
  }
  const dot = rest.indexOf('.');
  return kind === 'secret' && dot > 0 ? `${rest.slice(0, dot)}/${rest.slice(dot + 1)}` : undefined;
}

function whyNot(word: string, words: number, envFrom: readonly EnvFrom[]): string {
  if (words > 1) return 'a secret can only be put in as it is';
  const known = [...new Set(envFrom.map(({ name }) => name))].join(', ');
  return word.startsWith('.env.')
    ? `\`envFrom\` has no such name${known ? `; it has ${known}` : ''}`
    : 'a secret has a name and a key: {{.secret.NAME.KEY}}';
}

/** A plain `${` of the text begins no reference. */
function plain(text: string): string {
  return text.replaceAll('${', () => '$${');
}
