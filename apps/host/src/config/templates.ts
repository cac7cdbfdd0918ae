import { decisionNames, mediumNames, templateFields, wordingFields } from '@tocsin/core';
import { z } from 'zod';
import { block } from './block.ts';

/** Templates as the file has them: a folder, or texts by the names that files in it would have. */
export type WrittenTemplates = string | Record<string, string>;

/** Where templates may stand. */
export type TemplatePlace = 'source' | 'target';

/** The names of templates that may stand there; a `to` entry is a target's. */
export const templateNames: Record<TemplatePlace, readonly string[]> = {
  source: [...inEveryMedium(templateFields), ...decisionNames],
  target: inEveryMedium(wordingFields),
};

/** Why a name that is known elsewhere has no place there. */
export const misplacedTemplates: Record<TemplatePlace, Readonly<Record<string, string>>> = {
  source: everyName(
    inEveryMedium(['layout']),
    'stands on a target or a `to` entry: it is put around what all sources say',
  ),
  target: everyName(decisionNames, 'stands on a source: it is decided when an alert comes in'),
};

export const sourceTemplates = templatesOf('source');
export const targetTemplates = templatesOf('target');

function templatesOf(place: TemplatePlace): z.ZodType<WrittenTemplates> {
  const texts = Object.fromEntries(templateNames[place].map((name) => [name, z.string().optional()]));
  // Of what was given, none is left out: a key that isn't there has no value.
  const named = block(texts, [], misplacedTemplates[place]) as unknown as z.ZodType<Record<string, string>>;
  return z.union([z.string().min(1), named]);
}

function inEveryMedium(fields: readonly string[]): string[] {
  return fields.flatMap((field) => [field, ...mediumNames.map((medium) => `${field}.${medium}`)]);
}

function everyName(names: readonly string[], why: string): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, why]));
}
