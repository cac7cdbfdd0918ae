import { type MediumName, type TemplateText, TocsinError } from '@tocsin/core';
import type { PinnedTemplates, Store } from '@tocsin/engine';
import type { Vault } from '../egress/vault.ts';
import type { Preview, PreviewJob } from '../integrations/jobs.ts';
import type { IntegrationPool } from '../integrations/pool.ts';
import type { ConfiguredSource, Registry } from '../registry.ts';
import { splitDecisions } from './configured.ts';
import { pinnedTexts, toPin } from './pinning.ts';
import { type Replay, replayExamples, replayGroup, replayRequest } from './replay.ts';

export interface DeskOptions {
  store: Store;
  registry: Registry;
  /** Reads requests. */
  reading: IntegrationPool;
  /** Renders, what is delivered too. */
  writing: IntegrationPool;
  /** Has references in place of what stands for secrets. */
  vault: Vault;
  /** Without a slash at the end. */
  url: () => string;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** The words of one source. */
export interface SourceWords {
  source: string;
  package: string;
  /** The release whose words are said. */
  pinned: { version: string; at: number };
  /** The release that this host has loaded. */
  loaded: string;
  /** Templates of the one that are others in the other. */
  changes: { name: string; change: 'added' | 'removed' | 'changed' }[];
  /** The operator's, which are kept. */
  own: { name: string; file: string }[];
}

export interface Comparison extends SourceWords {
  medium: MediumName;
  messages: { of: string; before: Preview['texts']; after: Preview['texts'] }[];
}

export interface Rendered extends Preview {
  of: string;
  /** Nobody told, or will tell, this target of it. */
  isSubscribed: boolean;
}

const mostGroups = 5;

/** What people see and change about templates: which are said, what an upgrade would change, what a message would be. */
export class TemplateDesk {
  readonly #options: DeskOptions;
  readonly #now: () => number;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async list(): Promise<SourceWords[]> {
    const kept = await this.#options.store.query.pinned();
    return [...this.#options.registry.sources].map(([id, source]) => this.#wordsOf(id, source, kept));
  }

  /** Recent groups of the source, else its package's examples, in the recorded words and in the package's. */
  async compare(id: string, medium: MediumName): Promise<Comparison> {
    const source = this.#source(id);
    const kept = await this.#options.store.query.pinned();
    const fresh = pinnedTexts(toPin(id, source.integration));
    const messages: Comparison['messages'] = [];
    for (const replay of await this.#replays(id, source)) {
      const before = await this.#preview(replay, { medium });
      const after = await this.#preview(replay, { medium, templates: fresh });
      messages.push({ of: replay.of, before: before.texts, after: after.texts });
    }
    return { ...this.#wordsOf(id, source, kept), medium, messages };
  }

  /** From now on the source's words are those of the release that this host has loaded. */
  async upgrade(id: string): Promise<SourceWords> {
    const { store, writing } = this.#options;
    const source = this.#source(id);
    const fresh = toPin(id, source.integration);
    await store.pin([fresh], 'upgrade');
    writing.pin(id, pinnedTexts(fresh));
    return this.#wordsOf(id, source, await store.query.pinned());
  }

  /** What a target is, or would be, told of a group, as the host would render it. */
  async renderGroup(group: string, target: string): Promise<Rendered[]> {
    const { store, registry, url } = this.#options;
    const mode = registry.targets.get(target)?.integration.definition.mode;
    if (!mode) throw unknown('target', target, [...registry.targets.keys()]);
    const replay = await replayGroup(store.query, group, { id: target, mode }, url());
    if (!replay) throw missing(`group ${group}`, 'Take the id from the list of groups.');
    return [await this.#rendered(replay, target)];
  }

  /** What it would be told of what a stored request becomes, one for each group. */
  async renderRequest(request: number, target: string): Promise<Rendered[]> {
    const { store, registry, reading, url } = this.#options;
    if (!registry.targets.has(target)) throw unknown('target', target, [...registry.targets.keys()]);
    const replays = await replayRequest(store.query, reading, request, url());
    if (!replays) throw missing(`stored request ${request}`, 'Take the id from the list of requests.');
    return Promise.all(replays.map((replay) => this.#rendered(replay, target)));
  }

  async #rendered(replay: Replay, target: string): Promise<Rendered> {
    const { of, wording, isSubscribed } = replay;
    const { vault } = this.#options;
    const { request, problems, ...preview } = await this.#preview(replay, { target, wording });
    return {
      of,
      isSubscribed,
      ...preview,
      request: request && vault.show(request),
      problems: problems.map((problem) => vault.mask(problem)),
    };
  }

  #preview({ source, input }: Replay, more: Partial<PreviewJob>): Promise<Preview> {
    const plain = { target: null, wording: null, medium: null, templates: null };
    return this.#options.writing.run<'preview'>({
      kind: 'preview',
      source,
      input,
      now: this.#now(),
      ...plain,
      ...more,
    });
  }

  async #replays(id: string, { integration }: ConfiguredSource): Promise<Replay[]> {
    const { store, reading, url } = this.#options;
    const { items } = await store.query.groups({ source: id }, { limit: mostGroups });
    const replays = await Promise.all(items.map((group) => replayGroup(store.query, group.id, null, url())));
    const found = replays.filter((replay) => replay !== undefined);
    if (found.length > 0) return found;
    return replayExamples(reading, id, integration, { receivedAt: this.#now(), url: url() });
  }

  #wordsOf(id: string, { integration }: ConfiguredSource, kept: readonly PinnedTemplates[]): SourceWords {
    const { version, templates, ...own } = toPin(id, integration);
    const pinned = kept.find(({ source }) => source === id);
    const { words, decisions } = splitDecisions(this.#options.registry.templates.sources.get(id) ?? []);
    return {
      source: id,
      package: own.package,
      pinned: { version: pinned?.version ?? version, at: pinned?.pinnedAt ?? this.#now() },
      loaded: version,
      changes: changesOf(pinned?.templates ?? templates, templates),
      own: [...words, ...decisions].map(({ name, file }: TemplateText) => ({ name, file })),
    };
  }

  #source(id: string): ConfiguredSource {
    const { sources } = this.#options.registry;
    const source = sources.get(id);
    if (source) return source;
    throw unknown('source', id, [...sources.keys()]);
  }
}

function changesOf(before: Record<string, string>, after: Record<string, string>): SourceWords['changes'] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name): SourceWords['changes'] => {
    if (before[name] === after[name]) return [];
    return [{ name, change: before[name] === undefined ? 'added' : after[name] === undefined ? 'removed' : 'changed' }];
  });
}

function unknown(kind: 'source' | 'target', id: string, known: readonly string[]): TocsinError {
  const remedy = known.length > 0 ? `Name one of: ${known.join(', ')}.` : `Add a ${kind} to the config.`;
  return missing(`${kind} ${JSON.stringify(id.slice(0, 64))}`, remedy);
}

function missing(what: string, remedy: string): TocsinError {
  return new TocsinError('not-found', `there is no ${what}`, { remedy });
}
