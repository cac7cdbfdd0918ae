import {
  type Decisions,
  decisionNames,
  digestTemplates,
  layerOf,
  overlay,
  parseTemplate,
  type SourceTemplates,
  sourceTemplatesOf,
  standardTemplates,
  type TemplateLayer,
  type TemplateText,
} from '@tocsin/core';
import type { WorkerSetup } from './jobs.ts';

/** Where a message is said. */
export interface WordingPlace {
  source: string;
  target: string | null;
  /** Of the `to` entry that the delivery came by. */
  wording: string | null;
}

/**
 * The templates of every source, and over them the operator's: a `to` entry's win over its target's, those over the
 * source's, those over what the package brought.
 */
export class Wording {
  readonly #pinned = new Map<string, SourceTemplates>();
  readonly #sources: ReadonlyMap<string, TemplateLayer>;
  readonly #targets: ReadonlyMap<string, TemplateLayer>;
  readonly #wordings: ReadonlyMap<string, TemplateLayer>;
  readonly #decisions: ReadonlyMap<string, Decisions>;
  readonly #laid = new Map<string, SourceTemplates>();

  constructor({ sources, targets, wordings }: Pick<WorkerSetup, 'sources' | 'targets' | 'wordings'>) {
    for (const { id, templates } of sources) this.pin(id, templates);
    this.#sources = new Map(sources.map(({ id, words }) => [id, layerOf(words)]));
    this.#targets = new Map(targets.map(({ id, words }) => [id, layerOf(words)]));
    this.#wordings = new Map(wordings.map(([name, words]) => [name, layerOf(words)]));
    this.#decisions = new Map(
      sources.map(({ id, words }): [string, Decisions] => [id, decisionsOf(words)]).filter(([, own]) => isSome(own)),
    );
  }

  /** What the source's package says from now on. */
  pin(source: string, texts: readonly TemplateText[]): void {
    this.#pinned.set(source, sourceTemplatesOf(texts, source));
    this.#laid.clear();
  }

  /** The templates that win there; over others than the package's where `texts` are given. */
  at({ source, target, wording }: WordingPlace, texts?: readonly TemplateText[]): SourceTemplates {
    if (texts) return this.#lay(sourceTemplatesOf(texts, source), { source, target, wording });
    const key = JSON.stringify([source, target, wording]);
    let laid = this.#laid.get(key);
    if (!laid) {
      laid = this.#lay(this.#pinned.get(source) as SourceTemplates, { source, target, wording }); // every source has some
      this.#laid.set(key, laid);
    }
    return laid;
  }

  /** The hub's own words, of a test or of many groups at once, in the layout that an operator gave the target. */
  ofHub(target: string, isDigest: boolean): SourceTemplates {
    const { layout, overrides = {} } = this.#targets.get(target) ?? {};
    const base = isDigest ? digestTemplates : standardTemplates;
    const layouts = Object.entries(overrides).flatMap(([medium, one]) =>
      one?.layout ? [[medium, { layout: one.layout }]] : [],
    );
    return overlay(base, { ...(layout ? { layout } : {}), overrides: Object.fromEntries(layouts) });
  }

  /** The operator's templates that decide about the source's alerts, if there are any. */
  decisions(source: string): Decisions | undefined {
    return this.#decisions.get(source);
  }

  /** A name that the config has no more is that of an entry that was changed: what is owed by it is said as by others. */
  #lay(base: SourceTemplates, { source, target, wording }: WordingPlace): SourceTemplates {
    const layers = [
      this.#sources.get(source),
      target === null ? undefined : this.#targets.get(target),
      wording === null ? undefined : this.#wordings.get(wording),
    ];
    return layers.reduce<SourceTemplates>((below, layer) => (layer ? overlay(below, layer) : below), base);
  }
}

function isSome(decisions: Decisions): boolean {
  return Object.keys(decisions).length > 0;
}

function decisionsOf(texts: readonly TemplateText[]): Decisions {
  const found = decisionNames.flatMap((name) => {
    const text = texts.find((one) => one.name === name);
    return text ? [[name, parseTemplate(text.source, { file: text.file })]] : [];
  });
  return Object.fromEntries(found);
}
