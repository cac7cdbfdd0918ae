import { type SourceIntegration, sourceTemplatesOf, type TemplateText, type TocsinError, textsOf } from '@tocsin/core';
import type { PinnedTemplates, Store } from '@tocsin/engine';
import type { Registry } from '../registry.ts';

/** What the store keeps of a source's package. */
export function toPin(
  source: string,
  { name, version, templates }: SourceIntegration,
): Omit<PinnedTemplates, 'pinnedAt'> {
  const texts = textsOf(templates).map(({ name: template, source: text }) => [template, text]);
  return { source, package: name, version, templates: Object.fromEntries(texts) };
}

/** The recorded templates, each with a name that says of which release it is. */
export function pinnedTexts({ package: name, version, templates }: Omit<PinnedTemplates, 'pinnedAt'>): TemplateText[] {
  return Object.entries(templates).map(([template, source]) => ({
    name: template,
    file: `${name}@${version} templates/${template}.hbs`,
    source,
  }));
}

/**
 * What the package of each source says: as the store has it, which takes note of sources that it sees for the first
 * time. Where nobody can read what was recorded, such as with a helper that is no more, the package's own.
 */
export async function pinTemplates(
  store: Store,
  registry: Registry,
  onUnreadable: (source: string, error: TocsinError) => void,
): Promise<Map<string, TemplateText[]>> {
  const sources = [...registry.sources].map(([id, { integration }]) => toPin(id, integration));
  const isKept = (kept: readonly PinnedTemplates[], { source, package: name }: (typeof sources)[number]) =>
    kept.some((one) => one.source === source && one.package === name);
  let kept = await store.query.pinned();
  const fresh = sources.filter((source) => !isKept(kept, source));
  if (fresh.length > 0) {
    await store.pin(fresh, 'first');
    kept = await store.query.pinned();
  }
  return new Map(
    sources.map((own) => {
      const texts = pinnedTexts(kept.find(({ source }) => source === own.source) ?? own);
      try {
        sourceTemplatesOf(texts, own.source);
        return [own.source, texts];
      } catch (error) {
        onUnreadable(own.source, error as TocsinError); // it throws nothing else
        return [own.source, pinnedTexts(own)];
      }
    }),
  );
}
