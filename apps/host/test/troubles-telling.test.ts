import { TocsinError } from '@tocsin/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Job } from '../src/integrations/jobs.ts';
import type { IntegrationPool } from '../src/integrations/pool.ts';
import type { Registry } from '../src/registry.ts';
import { Troubles, type Way } from '../src/troubles/troubles.ts';

// How troubles reach their source, without a host around it.

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Told {
  kind: string;
  status: string;
  subject: string;
  count: number;
}

/** Troubles whose source is `hub`, and what is stored of them; the first commits fail with `failures`. */
async function tellTo(sources: string[], failures: TocsinError[] = []) {
  const stored: Told[][] = [];
  const integrations = sources.map((id) => [id, { integration: { id: id === 'hub' ? 'tocsin' : id } }] as const);
  const config = { unrouted: 'raise' };
  const registry = { config, sources: new Map(integrations), targets: new Map() } as unknown as Registry; // as far as it is read
  const logged: string[] = [];
  const log = (_: object, message: string) => void logged.push(message);
  const troubles = new Troubles(registry, { warn: log as never, error: log as never });
  const way = {
    pool: {
      run: async ({ request }: Extract<Job, { kind: 'normalise' }>) => {
        return { signals: request.rawBody, rejected: [], problems: [] };
      },
    } as unknown as IntegrationPool,
    store: {
      query: { groups: async () => ({ items: [], next: null }) },
      commit: async ({ packed }: { packed: string }) => {
        const failure = failures.shift();
        if (failure) throw failure;
        stored.push((JSON.parse(packed) as { troubles: Told[] }).troubles);
        return [];
      },
    },
    url: () => 'https://alerts.example.com',
  } as unknown as Way; // as far as it is used
  await troubles.start(way);
  return { troubles, stored, logged };
}

const request: Job = { kind: 'normalise', source: 'prod', request: {} as never, receivedAt: 0 }; // nobody reads it

test('A source or a target that is switched off is told, and no preview', async () => {
  const { troubles, stored } = await tellTo(['hub', 'prod']);
  troubles.switchedOff(request);
  troubles.switchedOff({ kind: 'outcome', source: 'prod', target: 'chat', response: {} as never }); // nobody reads it
  troubles.switchedOff({ kind: 'preview' } as Job); // the rest of it is not looked at
  await troubles.stop();
  expect(stored).toEqual([
    [
      expect.objectContaining({ kind: 'switched-off-source', subject: 'prod', status: 'firing', count: 1 }),
      expect.objectContaining({ kind: 'switched-off-target', subject: 'chat', status: 'firing', count: 1 }),
    ],
  ]);
});

test('What concerns the source itself is told nobody', async () => {
  const { troubles, stored } = await tellTo(['hub', 'prod']);
  troubles.requestRejected('hub');
  troubles.templateFailed('hub');
  troubles.switchedOff({ ...request, source: 'hub' });
  troubles.switchedOff({ kind: 'outcome', source: 'hub', target: 'chat', response: {} as never }); // nobody reads it
  await troubles.stop();
  expect(stored).toEqual([]);
});

test('Without a source of its own the hub tells nothing', async () => {
  const { troubles, stored } = await tellTo(['prod', 'other']);
  troubles.requestRejected('other');
  await troubles.stop();
  expect(stored).toEqual([]);
});

test('What could not be stored is tried again after a while, and before what came later', async () => {
  const { troubles, stored, logged } = await tellTo(['hub', 'prod'], [new TocsinError('store', 'the disk is full')]);
  troubles.requestRejected('prod');
  await vi.advanceTimersByTimeAsync(1_000);
  troubles.templateFailed('prod');
  await vi.advanceTimersByTimeAsync(5_000);
  expect([stored, logged]).toEqual([[], ['troubles not told']]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(stored.flat().map(({ kind }) => kind)).toEqual(['rejected-requests', 'failed-templates']);
});

test('What the source can’t read is dropped, and does not stand in the way of what comes later', async () => {
  const { troubles, stored, logged } = await tellTo(['hub', 'prod'], [new TocsinError('payload', 'not what it takes')]);
  troubles.requestRejected('prod');
  await vi.advanceTimersByTimeAsync(1_000);
  troubles.templateFailed('prod');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(stored.flat().map(({ kind }) => kind)).toEqual(['failed-templates']);
  expect(logged).toEqual(['troubles not told']);
});

test('At the end both what failed before and what came later is told', async () => {
  const { troubles, stored } = await tellTo(['hub', 'prod'], [new TocsinError('store', 'the disk is full')]);
  troubles.requestRejected('prod');
  await vi.advanceTimersByTimeAsync(1_000);
  troubles.templateFailed('prod');
  await troubles.stop();
  expect(stored.flat().map(({ kind }) => kind)).toEqual(['rejected-requests', 'failed-templates']);
});
