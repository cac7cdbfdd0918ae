import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { HostMetrics } from '../src/metrics/host-metrics.ts';
import { type Snapshot, StoreMetrics } from '../src/metrics/store-metrics.ts';
import { canary, firing, openTestHost, type TestHost, tokens } from './api-host.ts';

interface Series {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const sample = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/i;

/** Reads the text format as strictly as Prometheus does, with a type and a help for each metric. */
function read(text: string): { types: Record<string, string>; series: Series[] } {
  const types: Record<string, string> = {};
  const helps = new Set<string>();
  const series: Series[] = [];
  for (const line of text.split('\n').filter(Boolean)) {
    const [, mark, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (mark === 'HELP') helps.add(name);
    else if (mark === 'TYPE') {
      expect(types).not.toHaveProperty(name);
      types[name] = rest;
    } else {
      const [, of = '', labels = '', value] = sample.exec(line) ?? [];
      expect(line).toMatch(sample);
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label, text]);
      series.push({ name: of, labels: Object.fromEntries(pairs), value: Number(value) });
    }
  }
  for (const { name } of series) {
    const metric = name.replace(/_(bucket|sum|count)$/, '');
    expect(helps.has(name) || helps.has(metric)).toBe(true);
  }
  return { types, series };
}

function metric({ series }: ReturnType<typeof read>, name: string, labels: Record<string, string> = {}) {
  const found = series.filter(
    (one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

describe('what lies in the store, as metrics', () => {
  const now = 10_000_000;
  const empty: Snapshot = { tally: {}, owed: [], open: [], lanes: [] };
  const metrics = new StoreMetrics({ sources: ['prod', 'lab'], targets: ['ops', 'phone'] });
  const show = async (snapshot: Partial<Snapshot>) => read(await metrics.text({ ...empty, ...snapshot }, now));

  it('has every series from the start on, at zero', async () => {
    const { series } = await show({});
    expect(new Set(series.map(({ value }) => value))).toEqual(new Set([0]));
    const of = (name: string) => series.filter((one) => one.name === name).map(({ labels }) => labels);
    expect(of('tocsin_alerts_ignored_total')).toEqual(
      ['duplicate', 'stale', 'orphan', 'closed-by-person', 'overflow'].map((reason) => ({ reason })),
    );
    expect(of('tocsin_target_late_delivery_age_seconds')).toEqual([{ target: 'ops' }, { target: 'phone' }]);
    expect(of('tocsin_unrouted_groups')).toEqual([{ source: 'prod' }, { source: 'lab' }]);
  });

  it('counts what was told in a digest as told', async () => {
    const text = await show({ tally: { delivered: 3, 'delivered.digest': 4 } });
    expect(metric(text, 'tocsin_notifications_delivered_total')).toBe(7);
  });

  it('tells the age of what is owed, and apart from it what is late', async () => {
    const one = { group: '1001', subscription: 'ops' };
    const text = await show({
      owed: [
        {
          target: 'ops',
          deliveries: 3,
          oldest: { ...one, since: now - 90_000 },
          first: { ...one, since: now - 5_000 },
        },
        {
          target: 'phone',
          deliveries: 1,
          oldest: { ...one, since: now - 10 },
          first: { ...one, since: now + 900_000 },
        },
      ],
    });
    expect(metric(text, 'tocsin_oldest_owed_delivery_age_seconds')).toBe(90);
    expect(metric(text, 'tocsin_target_oldest_owed_delivery_age_seconds', { target: 'phone' })).toBe(0.01);
    expect(metric(text, 'tocsin_target_late_delivery_age_seconds', { target: 'ops' })).toBe(5);
    // It waits for its time, which is no trouble.
    expect(metric(text, 'tocsin_target_late_delivery_age_seconds', { target: 'phone' })).toBe(0);
    expect(metric(text, 'tocsin_target_owed_deliveries', { target: 'ops' })).toBe(3);
    expect(metric(await show({}), 'tocsin_oldest_owed_delivery_age_seconds')).toBe(0);
  });

  it('tells which targets take nothing, and which groups nobody is told of', async () => {
    const text = await show({
      lanes: [
        { target: 'ops', pausedUntil: now + 1, disabled: null },
        { target: 'phone', pausedUntil: now, disabled: { reason: 'HTTP 410', at: 0 } },
      ],
      open: [
        { source: 'prod', status: 'firing', groups: 5, unrouted: 2 },
        { source: 'prod', status: 'silenced', groups: 1, unrouted: 1 },
        { source: 'gone', status: 'firing', groups: 1, unrouted: 0 },
      ],
    });
    for (const [target, paused, disabled] of [
      ['ops', 1, 0],
      ['phone', 0, 1],
    ] as const) {
      expect(metric(text, 'tocsin_target_paused', { target })).toBe(paused);
      expect(metric(text, 'tocsin_target_disabled', { target })).toBe(disabled);
    }
    expect(metric(text, 'tocsin_open_groups', { source: 'prod' })).toBe(6);
    expect(metric(text, 'tocsin_open_groups', { source: 'gone' })).toBe(1);
    expect(metric(text, 'tocsin_unrouted_groups', { source: 'prod' })).toBe(3);
    // What was seen once doesn't stand for ever.
    const later = await show({});
    expect(metric(later, 'tocsin_open_groups', { source: 'gone' })).toBeUndefined();
    expect(metric(later, 'tocsin_unrouted_groups')).toBe(0);
  });
});

test('the guide describes every metric, and names no other', async () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../docs/operating.md'), 'utf8');
  const configured = { sources: [], targets: [] };
  const registries = [new StoreMetrics(configured).registry, new HostMetrics(configured).registry];
  // prom-client types what it knows of each metric as if that were less.
  type Described = { name: string; help: string; type: string; labelNames: string[] };
  const all = registries
    .flatMap((registry) => registry.getMetricsAsArray() as unknown as Described[])
    .filter(({ name }) => !/^tocsin_(nodejs|process)_/.test(name));
  const rows = all.map(({ name, type, labelNames, help }) => {
    const labels = labelNames.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${labels} | ${help} |`;
  });
  expect(guide.split('\n').filter((line) => line.startsWith('| `tocsin_'))).toEqual(rows);
  const named = guide.match(/\btocsin_(?!source|severity|key|nodejs_|process_)[a-z_]+/g) ?? [];
  expect(named.length).toBeGreaterThan(rows.length);
  expect(named.filter((name) => !all.some((metric) => metric.name === name))).toEqual([]);
});

describe('/metrics', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await openTestHost();
  });
  afterEach(() => host.close());

  const ask = (token?: { value: string }) =>
    host.app.inject({ url: '/metrics', headers: token ? { authorization: `Bearer ${token.value}` } : {} });
  const scrape = async () => read((await ask(tokens.met)).body);

  it('is for every role, and for nobody without a token', async () => {
    for (const token of Object.values(tokens)) {
      const answer = await ask(token);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers).toMatchObject({
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
    }
    for (const token of [undefined, { value: 'wrong' }]) {
      const answer = await ask(token);
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.body).not.toContain('tocsin_');
      expect(answer.json().error.code).toBe('unauthorized');
    }
  });

  it('keeps to the conventions of Prometheus', async () => {
    host.metrics.attempted('ops', 'delivered', 120);
    host.metrics.requested('prod', 'accepted', 2);
    const { types, series } = await scrape();
    for (const [name, type] of Object.entries(types)) {
      expect(name).toMatch(/^tocsin_[a-z][a-z0-9_]*$/);
      expect(name).not.toMatch(/millisecond|_ms$|_minutes|kilobyte/);
      if (!name.startsWith('tocsin_process_') && !name.startsWith('tocsin_nodejs_')) {
        expect(`${name} ${name.endsWith('_total')}`).toBe(`${name} ${type === 'counter'}`);
      }
    }
    expect(Object.keys(types)).toEqual(
      expect.arrayContaining(['tocsin_nodejs_eventloop_lag_seconds', 'tocsin_process_cpu_seconds_total']),
    );
    const [build] = series.filter(({ name }) => name === 'tocsin_build_info');
    expect(build).toEqual({
      name: 'tocsin_build_info',
      value: 1,
      labels: { version: '0.0.0', node_version: process.version },
    });
  });

  it('counts what the store counts, so that it survives restarts and adds up', async () => {
    const id = await host.alert();
    await host.store.commit([firing, { ...firing, fingerprint: 'x', status: 'resolved' }]);
    await host.store.commit([{ kind: 'request', source: 'prod', reason: 'r', path: '', body: '', contentType: '' }]);
    await host.deliver({ outcome: 'delivered' });
    await host.store.commit([{ kind: 'action', action: 'acknowledge', group: id, actor: 'ann' }]);
    await host.deliver({ outcome: 'refused', reason: 'HTTP 400' });
    await host.store.commit([{ kind: 'action', action: 'unacknowledge', group: id, actor: 'ann' }]);
    host.at(30_000);
    const text = await scrape();
    const total = (name: string, labels = {}) => metric(text, `tocsin_${name}_total`, labels);
    expect(total('alerts_received')).toBe(4);
    expect(total('alerts_grouped')).toBe(1);
    expect(total('alerts_ignored', { reason: 'duplicate' })).toBe(1);
    expect(total('alerts_ignored', { reason: 'orphan' })).toBe(1);
    expect(total('alerts_rejected')).toBe(1);
    expect(total('notifications_owed')).toBe(3);
    expect(total('notifications_delivered')).toBe(1);
    expect(total('notifications_dead', { reason: 'refused' })).toBe(1);
    expect(metric(text, 'tocsin_notifications_pending')).toBe(1);
    expect(metric(text, 'tocsin_oldest_owed_delivery_age_seconds')).toBe(30);
    expect(metric(text, 'tocsin_open_groups', { source: 'prod', status: 'firing' })).toBe(1);
    expect(metric(text, 'tocsin_store_up')).toBe(1);
  });

  it('reads nothing more often than once a second, however often it is scraped', async () => {
    const tally = vi.spyOn(host.store.query, 'tally');
    const bodies = await Promise.all(Array.from({ length: 20 }, () => ask(tokens.met)));
    expect(new Set(bodies.map(({ body }) => body)).size).toBe(1);
    host.at(999);
    await ask(tokens.met);
    expect(tally).toHaveBeenCalledTimes(1);
    host.at(1_000);
    await Promise.all([ask(tokens.met), ask(tokens.met)]);
    expect(tally).toHaveBeenCalledTimes(2);
    // A clock that was put back doesn't stop it.
    host.at(-5_000);
    await ask(tokens.met);
    expect(tally).toHaveBeenCalledTimes(3);
  });

  it('asks for nothing new while the last read is under way', async () => {
    const slow = Promise.withResolvers<Record<string, number>>();
    const tally = vi.spyOn(host.store.query, 'tally').mockReturnValue(slow.promise);
    const first = ask(tokens.met);
    await vi.waitFor(() => expect(tally).toHaveBeenCalledTimes(1));
    host.at(60_000);
    const second = ask(tokens.met);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(tally).toHaveBeenCalledTimes(1);
    slow.resolve({ received: 7 });
    for (const answer of await Promise.all([first, second])) expect(answer.statusCode).toBe(200);
  });

  it('says that the store can’t be read, and what it knows without', async () => {
    vi.spyOn(host.store.query, 'lanes').mockRejectedValue(new Error(`no disk ${canary}`));
    const answer = await ask(tokens.met);
    const text = read(answer.body);
    expect(metric(text, 'tocsin_store_up')).toBe(0);
    // A counter that falls to 0 would look like a restart.
    expect(metric(text, 'tocsin_alerts_received_total')).toBeUndefined();
    expect(metric(text, 'tocsin_requests_received_total')).toBe(0);
    expect(answer.body).not.toContain('no disk');
  });

  it('has a series for what is configured, whatever callers send', async () => {
    for (const source of ['prod', 'x1', 'x2', 'a"b\n', '__proto__', 'constructor']) {
      host.metrics.requested(source, 'unknown', 1);
    }
    host.metrics.requested('prod', 'accepted', 3);
    host.metrics.renderFailed('lab');
    host.metrics.bytesInFlight = () => 17;
    host.metrics.deliveriesInFlight = (target) => (target === 'ops' ? 2 : 7);
    const text = await scrape();
    const sources = text.series.filter(({ name }) => name === 'tocsin_requests_received_total');
    expect([...new Set(sources.map(({ labels }) => labels.source))]).toEqual(['prod', 'lab', '(unknown)']);
    const requests = (labels: object) => metric(text, 'tocsin_requests_received_total', { ...labels });
    expect(requests({ source: '(unknown)', result: 'unknown' })).toBe(5);
    expect(requests({ source: 'prod' })).toBe(2);
    expect(metric(text, 'tocsin_ingest_duration_seconds_count')).toBe(7);
    expect(metric(text, 'tocsin_failed_renders_total', { source: 'lab' })).toBe(1);
    expect(metric(text, 'tocsin_ingest_in_flight_bytes')).toBe(17);
    expect(metric(text, 'tocsin_deliveries_in_flight', { target: 'ops' })).toBe(2);
    // Of the source that is switched off, and not why.
    expect(metric(text, 'tocsin_integration_quarantined', { kind: 'source', id: 'lab' })).toBe(1);
  });

  it('holds no text of alerts, and no secret', async () => {
    await host.alert({ group: 'marker-key', labels: { marker: 'marker-label' }, data: '{"marker":"marker-data"}' });
    await host.deliver({ outcome: 'retry', reason: `marker-reason ${canary}` });
    const { body } = await ask(tokens.met);
    for (const text of [
      'marker',
      'Disk',
      canary,
      'overran its',
      'took 1.2 s',
      ...Object.values(tokens).map(({ value }) => value),
    ]) {
      expect(body).not.toContain(text);
    }
  });
});
