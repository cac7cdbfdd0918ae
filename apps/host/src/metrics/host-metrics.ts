import type { SendResult } from '@tocsin/engine';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import manifest from '../../package.json' with { type: 'json' };
import type { Configured } from './store-metrics.ts';

/**
 * `accepted` and `partly_accepted` were answered with 202; `rejected` could not be read; `unauthorized` had a wrong
 * signature; `unknown` had no source of ours or a wrong key; `unavailable` is to be sent again; `failed` is our fault.
 */
const requestResults = [
  'accepted',
  'partly_accepted',
  'rejected',
  'unauthorized',
  'unknown',
  'unavailable',
  'failed',
] as const;

/** What became of a request to a source. */
export type RequestResult = (typeof requestResults)[number];

/** Stands for all that isn't configured, so that no caller makes a series. No source can have this id. */
const noSource = '(unknown)';

/** What the host counts by itself, from its start on. What has to outlast it is counted in the store. */
export class HostMetrics {
  readonly registry = new Registry();
  /** Bytes of bodies under way, and deliveries under way to a target; set by those who know. */
  bytesInFlight: () => number = () => 0;
  deliveriesInFlight: (target: string) => number = () => 0;
  /** The sources and targets that are switched off: `source prod`. */
  quarantined: () => Iterable<string> = () => [];
  readonly #configured: Configured;
  /** By source, then result. Plain numbers: a counter looks up its labels each time. */
  readonly #requests: ReadonlyMap<string, Record<RequestResult, number>>;
  readonly #failedRenders: Map<string, number>;
  readonly #ingest: Histogram;
  readonly #deliveries: Histogram<'target' | 'outcome'>;
  readonly #storeUp: Gauge;

  constructor(configured: Configured) {
    this.#configured = configured;
    this.#requests = new Map([...configured.sources, noSource].map((source) => [source, noRequests()]));
    this.#failedRenders = new Map(configured.sources.map((source) => [source, 0]));
    const registers = [this.registry];
    this.#ingest = new Histogram({
      name: 'tocsin_ingest_duration_seconds',
      help: 'From the head of a request to a source until it was answered.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#deliveries = new Histogram({
      name: 'tocsin_delivery_duration_seconds',
      help: 'One attempt at a delivery, with its rendering, by how it ended.',
      labelNames: ['target', 'outcome'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.#storeUp = new Gauge({
      name: 'tocsin_store_up',
      help: 'Whether the store could be read for this answer; what it counts is missing here if not.',
      registers,
    });
    const build = new Gauge({
      name: 'tocsin_build_info',
      help: 'Always 1.',
      labelNames: ['version', 'node_version'],
      registers,
    });
    build.set({ version: manifest.version, node_version: process.version }, 1);
    this.#exportCounts();
    this.#exportPresent();
    collectDefaultMetrics({ register: this.registry, prefix: 'tocsin_' });
  }

  /** A request was answered after so many milliseconds. `source` is what its address says, configured or not. */
  requested(source: string, result: RequestResult, milliseconds: number): void {
    const results = this.#requests.get(source) ?? this.#requests.get(noSource);
    if (results) results[result]++;
    this.#ingest.observe(milliseconds / 1000);
  }

  /** An attempt at a delivery ended, after so many milliseconds. */
  attempted(target: string, outcome: SendResult['outcome'], milliseconds: number): void {
    this.#deliveries.observe({ target, outcome }, milliseconds / 1000);
  }

  /** A template of this source failed, and plain words were said in its place. */
  renderFailed(source: string): void {
    this.#failedRenders.set(source, (this.#failedRenders.get(source) ?? 0) + 1);
  }

  text(isStoreUp: boolean): Promise<string> {
    this.#storeUp.set(Number(isStoreUp));
    return this.registry.metrics();
  }

  #exportCounts(): void {
    const requests = this.#requests;
    const failedRenders = this.#failedRenders;
    const registers = [this.registry];
    new Counter({
      name: 'tocsin_requests_received_total',
      help: 'Requests to sources, by what became of them.',
      labelNames: ['source', 'result'],
      registers,
      collect() {
        this.reset();
        for (const [source, results] of requests) {
          for (const result of requestResults) this.inc({ source, result }, results[result]);
        }
      },
    });
    new Counter({
      name: 'tocsin_failed_renders_total',
      help: 'Requests and messages with a template of the source that failed; plain words were said in its place.',
      labelNames: ['source'],
      registers,
      collect() {
        this.reset();
        for (const [source, count] of failedRenders) this.inc({ source }, count);
      },
    });
  }

  #exportPresent(): void {
    const registers = [this.registry];
    const { targets } = this.#configured;
    // Asked at each scrape: they are set after this.
    const bytes = () => this.bytesInFlight();
    const deliveries = (target: string) => this.deliveriesInFlight(target);
    const quarantined = () => this.quarantined();
    new Gauge({
      name: 'tocsin_ingest_in_flight_bytes',
      help: 'Bodies that are being received or written; beyond 128 MiB requests are answered with 503.',
      registers,
      collect() {
        this.set(bytes());
      },
    });
    new Gauge({
      name: 'tocsin_deliveries_in_flight',
      help: 'Deliveries that are being rendered or sent.',
      labelNames: ['target'],
      registers,
      collect() {
        for (const target of targets) this.set({ target }, deliveries(target));
      },
    });
    new Gauge({
      name: 'tocsin_integration_quarantined',
      help: '1 for each source and target that is switched off because a function of its integration overran.',
      labelNames: ['kind', 'id'],
      registers,
      collect() {
        this.reset();
        for (const owner of quarantined()) {
          const [, kind, id] = /^(source|target) (.*)$/.exec(owner) ?? [];
          if (kind !== undefined && id !== undefined) this.set({ kind, id }, 1);
        }
      },
    });
  }
}

function noRequests(): Record<RequestResult, number> {
  return { accepted: 0, partly_accepted: 0, rejected: 0, unauthorized: 0, unknown: 0, unavailable: 0, failed: 0 };
}
