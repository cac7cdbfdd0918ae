import { TocsinError } from './errors.ts';
import { type SourceTemplates, templateFields } from './integration.ts';
import { type MediumName, mediumNames } from './media/medium.ts';
import { parseTemplate, type Template } from './template/template.ts';

/** What templates can say: the fields of a source, and what a target puts around every source's message. */
export const wordingFields = [...templateFields, 'layout'] as const;
export type WordingField = (typeof wordingFields)[number];

/** A template as text, for where it is kept or handed on. */
export interface TemplateText {
  /** Its file's name without the ending: `message`, `message.slack`. */
  name: string;
  /** Where it stands, as errors say it. */
  file: string;
  source: string;
}

/** The templates of one place, such as a target's own; none of them is needed. */
export type TemplateLayer = Partial<SourceTemplates>;

/** `message.slack` is the message for Slack, `message` that for every medium; anything else is no template's name. */
export function readTemplateName(name: string): { field: WordingField; medium?: MediumName } | undefined {
  const [field, medium, ...rest] = name.split('.');
  if (rest.length > 0 || !isOneOf(wordingFields, field)) return undefined;
  if (medium === undefined) return { field };
  return isOneOf(mediumNames, medium) ? { field, medium } : undefined;
}

/** Throws a TocsinError `template` for one that can't be read. What has no template's name is left out. */
export function layerOf(texts: readonly TemplateText[]): TemplateLayer {
  const plain: Partial<Record<WordingField, Template>> = {};
  const overrides: SourceTemplates['overrides'] = {};
  for (const { name, file, source } of texts) {
    const known = readTemplateName(name);
    if (!known) continue;
    const { field, medium } = known;
    const template = parseTemplate(source, { file });
    if (medium === undefined) plain[field] = template;
    else overrides[medium] = { ...overrides[medium], [field]: template };
  }
  return { ...plain, overrides };
}

/** A source's templates, of which some are needed. Throws a TocsinError `integration` for one that is missing. */
export function sourceTemplatesOf(texts: readonly TemplateText[], origin: string): SourceTemplates {
  const { title, message, link, ...more } = layerOf(texts);
  if (title && message && link) return { overrides: {}, ...more, title, message, link };
  const found = { title, message, link };
  const missing = (['title', 'message', 'link'] as const).filter((field) => !found[field]);
  throw new TocsinError('integration', `templates/${missing.join('.hbs, templates/')}.hbs is missing`, {
    origin,
    remedy: 'Write it: a source has a title, a message and a link.',
  });
}

/** The texts of templates, those for every medium first. */
export function textsOf({ overrides = {}, ...plain }: TemplateLayer): TemplateText[] {
  const texts = (fields: Partial<Record<WordingField, Template>>, ending: string) =>
    Object.entries(fields).map(([field, { file, source }]) => ({ name: `${field}${ending}`, file, source }));
  return [...texts(plain, ''), ...mediumNames.flatMap((medium) => texts(overrides[medium] ?? {}, `.${medium}`))];
}

/**
 * The templates with a more specific place's over them, which win field by field: its `message` is said in every medium,
 * so it takes the place of a `message.slack` below as well.
 */
export function overlay(
  templates: SourceTemplates,
  { overrides: added = {}, ...plain }: TemplateLayer,
): SourceTemplates {
  const overrides: SourceTemplates['overrides'] = {};
  for (const medium of mediumNames) {
    const below = Object.entries(templates.overrides[medium] ?? {}).filter(([field]) => !Object.hasOwn(plain, field));
    const fields = { ...Object.fromEntries(below), ...added[medium] };
    if (Object.keys(fields).length > 0) overrides[medium] = fields;
  }
  return { ...templates, ...plain, overrides };
}

/** The template that gives a field in a medium. */
export function templateFor(templates: SourceTemplates, field: WordingField, medium: MediumName): Template | undefined {
  return templates.overrides[medium]?.[field] ?? templates[field];
}

function isOneOf<Word extends string>(words: readonly Word[], word: string | undefined): word is Word {
  return (words as readonly (string | undefined)[]).includes(word);
}
