import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TocsinError } from '@tocsin/core';
import { type ChecklistEntry, checklistOf, commonGuesses } from './checklist.ts';
import type { Product } from './draft/definition.ts';
import { type Draft, draftSource, unknownPage } from './draft/draft.ts';
import { type Guess, guessAbout, guessOn } from './draft/guess.ts';
import type { DraftRequest } from './draft/samples.ts';
import { exampleFiles, ownManifest, repositoryManifest } from './example-package.ts';
import type { ConfiguredSource } from './from-source/configured.ts';
import { draftFromSource, type SourceDraft } from './from-source/draft.ts';
import type { Kind, Place } from './place.ts';

export interface CreateOptions {
  kind: Kind;
  id: string;
  /** The vendor's name of the product; without it the id in capitals. */
  title?: string;
  /** The vendor's page about it. */
  docs?: string;
  /** What the system sends; without any the living example is copied. */
  requests: readonly DraftRequest[];
  /** What an operator has configured, in place of requests. */
  source?: ConfiguredSource | undefined;
  /** `2026-01-15` */
  date: string;
}

export interface Created {
  /** Their paths in the folder, sorted. */
  files: string[];
  checklist: ChecklistEntry[];
  /** Of a configured source. */
  draft: SourceDraft | undefined;
}

/** Writes an integration's files. Nothing outside of its folder is touched. */
export function createIntegration(place: Place, options: CreateOptions): Created {
  const { kind, id, requests, source, date } = options;
  if (kind === 'target' && (requests.length > 0 || source)) {
    throw new TocsinError('integration', 'a target is not drafted from payloads: it makes requests', {
      remedy: 'Leave out --from and --from-source; the example shows what there is to write.',
    });
  }
  const product = productOf(options);
  const { title } = product;
  const files = exampleFiles(kind, id, product, date);
  const draft = source && draftFromSource(source, product);
  const drafted = draft ?? (requests.length > 0 ? draftSource({ product, requests, date }) : undefined);
  if (drafted) replaceByDraft(files, drafted);
  const guesses = drafted?.guesses ?? exampleGuesses(kind);
  const isOwn = place.repository === undefined;
  files.set('package.json', isOwn ? ownManifest(kind, id, title) : repositoryManifest(kind, id, title));
  if (isOwn) files.set('.gitignore', 'node_modules\ndist\n');
  for (const [file, text] of files) {
    mkdirSync(dirname(join(place.folder, file)), { recursive: true });
    writeFileSync(join(place.folder, file), text);
  }
  const given = { title: options.title !== undefined, docs: options.docs !== undefined };
  return {
    files: [...files.keys()].sort(),
    checklist: checklistOf(files, [...commonGuesses(files, given), ...guesses]),
    draft,
  };
}

function productOf({ kind, id, title = titleOf(id), docs = unknownPage }: CreateOptions): Product {
  return { title, docs, summary: kind === 'source' ? `Alerts of ${title}` : `Messages in ${title}` };
}

/** `uptime-kuma` → `Uptime Kuma` */
function titleOf(id: string): string {
  return id
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

/** Puts the draft where the example's definition, words and payloads were; its how-to stays. */
function replaceByDraft(files: Map<string, string>, draft: Draft): void {
  for (const file of files.keys()) if (/^(src|templates|examples)\//.test(file)) files.delete(file);
  for (const [file, text] of draft.files) files.set(file, text);
}

function exampleGuesses(kind: Kind): Guess[] {
  if (kind === 'target') {
    return [
      guessAbout('settings', 'What an operator sets; `secret()` for what nobody may see.'),
      guessAbout('limits', "The vendor's limits, from its page."),
      guessAbout('request', 'The request that the vendor takes.'),
      guessOn('examples/settings.json', 'Settings with made-up secrets.'),
    ];
  }
  return [
    guessOn('examples/firing.json', 'What the system really sends; --from drafts the rest from it.'),
    { file: 'src/index.ts', near: ['const payload'], says: 'The fields that you read of it.' },
    guessAbout('status', 'Which words mean firing and resolved.'),
    guessAbout('fingerprint', 'What names the object and the problem.'),
    guessOn('templates/title.hbs', 'The words that people read first.'),
  ];
}
