import { type TemplateField, TocsinError } from '@tocsin/core';
import { decide } from './decisions.ts';
import { type Product, printDefinition } from './definition.ts';
import { examplesOf } from './examples.ts';
import type { Guess } from './guess.ts';
import { type DraftRequest, isObject } from './samples.ts';
import { printTemplates } from './templates.ts';

export interface DraftOptions {
  product: Product;
  /** What the system sends, one or more of it. */
  requests: readonly DraftRequest[];
  /** Texts that somebody has written already. */
  templates?: Partial<Record<TemplateField, string>>;
  /** `2026-01-15`, for the origin of the examples. */
  date: string;
}

/** Where the page of the vendor has to be written; no check takes it for one. */
export const unknownPage = 'TODO';

/** The files of a source by their paths in its folder, but package.json and howto.html, with everything that was guessed. */
export interface Draft {
  files: Map<string, string>;
  guesses: Guess[];
}

/** Drafts a source from what its system sends. Throws a TocsinError `payload` for what is no request of alerts. */
export function draftSource({ product, requests, templates = {}, date }: DraftOptions): Draft {
  for (const { name, body } of requests) {
    if (isObject(body) ? Object.keys(body).length > 0 : Array.isArray(body) && body.some(isObject)) continue;
    throw new TocsinError('payload', `${name} holds no JSON object and no list of objects`, {
      remedy: 'Save the body of a request as the system sent it.',
    });
  }
  const decisions = decide(requests);
  const { bodies, guesses } = examplesOf(requests, decisions);
  const origin = { kind: 'constructed', url: product.docs, product: product.title, date };
  const files = new Map([
    ['src/index.ts', printDefinition(product, decisions)],
    ...Object.entries(printTemplates(decisions, templates)),
  ]);
  for (const [name, body] of bodies) {
    files.set(`examples/${name}.json`, `${JSON.stringify(body, null, 2)}\n`);
    files.set(`examples/${name}.expected.json`, `${JSON.stringify({ origin }, null, 2)}\n`);
  }
  return { files, guesses: [...decisions.guesses, ...guesses] };
}
