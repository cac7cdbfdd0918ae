import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostProcess, key, startHostProcess } from './support/host-process.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// An incident's way as DQOps tells it, through a real host: one POST a change, and nothing that says whether it is new.

let host: HostProcess;
let witness: Witness;

beforeAll(async () => {
  witness = await startWitness();
  host = await startHostProcess({
    config: {
      integrations: ['@tocsin/source-dqops', '@tocsin/target-webhook'],
      sources: [{ id: 'quality', use: 'dqops', key }],
      targets: [
        { id: 'every', use: 'webhook', settings: { url: `${witness.url}/every` } },
        { id: 'ends', use: 'webhook', settings: { url: `${witness.url}/ends` } },
      ],
      routes: [
        {
          match: 'incident_hash="6127450938815562731"',
          continue: true,
          to: [{ target: 'ends', events: ['resolved'] }],
        },
        { interval: '0s', to: ['every'] },
      ],
      egress: { allow: ['127.0.0.0/8'] },
    },
  });
});

afterAll(async () => {
  await host?.remove();
  await witness?.close();
});

const examples = join(import.meta.dirname, '../../../integrations/sources/dqops/examples');
const example = (name: string) => readFileSync(join(examples, `${name}.json`), 'utf8');

/** Sends the very text: what JSON.stringify writes would have lost the digits of the hash. */
async function send(name: string, id: string, end = '2026-03-16T09:23:04.118Z'): Promise<string> {
  const response = await fetch(`${host.address}/in/quality/${key}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: example(name).replaceAll('5509142a-0abc-43eb-91c4-0e5a6d1b7f28', id).replace('2026-03-16T09:23:04.118Z', end),
  });
  expect(response.status).toBe(202);
  const { groups } = (await response.json()) as { groups: { id: string; status: string }[] };
  return groups.map(({ status }) => status).join();
}

/** What was said of an incident, in order: each message’s first sentence. */
const said = (path: string, id: string) =>
  witness
    .told(path)
    .map(({ body }) => JSON.parse(body).text as string)
    .filter((text) => text.includes(id))
    .map((text) =>
      /(New incident detected|The incident) in sales\.orders \(\S+\) (table[^.]*\.)/.exec(text)?.slice(1).join(' … '),
    );

test('seed-Q6 Each state has its sentence, and one that is set back to open is told as open again', async () => {
  const id = '0d6f1c52-9e34-4b7a-8c11-5a2e7f90b3d6';
  const way = ['firing', 'acknowledged', 'firing', 'muted', 'firing', 'resolved', 'firing'];
  for (const name of way) {
    const told = said('/every', id).length;
    await send(name, id);
    await until(() => said('/every', id).length > told, `${name} is told`);
  }
  expect(said('/every', id)).toEqual([
    'New incident detected … table.',
    'The incident … table has been acknowledged.',
    'The incident … table is open again.',
    'The incident … table has been muted.',
    'The incident … table is open again.',
    'The incident … table has been resolved.',
    'The incident … table is open again.',
  ]);
}, 120_000);

test('seed-Q7 seed-Q9 The message has every line of the incident, and both of its pages', async () => {
  const id = '7be0a4d1-3f52-49c8-9d06-1c5b8e27aa90';
  await send('firing', id);
  await until(() => said('/every', id).length > 0, 'it is told');
  const { text } = JSON.parse(witness.told('/every').find(({ body }) => body.includes(id))?.body ?? '{}');
  for (const line of [
    'https://dqops.example.com/sources/connection/warehouse/schema/sales/table/orders/detail',
    'Data source: warehouse',
    'First seen: 2026-01-15 09:23 UTC',
    'Quality dimension: Completeness',
    'Check category: nulls',
    'Highest severity: fatal',
    'Total data quality issues: 1',
    'Table priority: 1',
    `https://dqops.example.com/incidents/warehouse/2026/1/${id}`,
  ]) {
    expect(text).toContain(line);
  }
  expect(text).not.toContain('Last seen');
});

test('seed-Q10 The same state again is told to nobody', async () => {
  const id = '1e7a2d63-af45-4c8b-9d22-6b3f8a01c4e7';
  expect(await send('firing', id)).toBe('firing');
  expect(await send('firing', id)).toBe('firing');
  expect(await send('acknowledged', id)).toBe('acknowledged');
  expect(await send('acknowledged', id)).toBe('acknowledged');
  expect(await send('resolved', id)).toBe('resolved');
  await send('resolved', id);
  await until(() => said('/every', id).some((text) => text?.endsWith('resolved.')), 'the end is told');
  expect(said('/every', id)).toHaveLength(3);
});

test('seed-Q5 An incident that the hub never saw open is told as DQOps has it, and its hash keeps every digit', async () => {
  const id = '2f8b3e74-b056-4d9c-8e33-7c409b12d5f8';
  expect(await send('acknowledged', id)).toBe('acknowledged');
  expect(await send('resolved', id)).toBe('resolved');
  await until(() => said('/ends', id).length > 0, 'the route of the hash is told');
  const groups = await host.get<{ items: { id: string; key: string }[] }>('groups?status=resolved');
  const group = groups.items.find((one) => one.key === id);
  const { items } = await host.get<{ items: object[] }>(`groups/${group?.id}/members`);
  expect(items).toMatchObject([
    { labels: { incident_hash: '6127450938815562731' }, data: { incident_hash: '6127450938815562731' } },
  ]);
});

test('seed-Q13 What fails again after its incident was resolved is a new incident, with the same hash', async () => {
  const [first, second] = ['3a9c4f85-c167-4ea0-9f44-8d510c23e609', '4bad5096-d278-4fb1-8055-9e621d34f71a'];
  for (const name of ['firing', 'resolved']) await send(name, first);
  expect(await send('firing', second)).toBe('firing');
  await until(() => said('/every', second).length > 0, 'the second is told');
  expect(said('/every', second)).toEqual(['New incident detected … table.']);
});

test('seed-Q1 A muted incident is silenced until DQOps would open another, and then open again', async () => {
  const id = '5cbe61a7-e389-4ac2-9166-af732e450b82';
  await send('firing', id);
  expect(await send('muted', id, new Date(Date.now() + 1500).toISOString())).toBe('silenced');
  await until(() => said('/every', id).length > 2, 'the end of the mute is told');
  expect(said('/every', id).slice(1)).toEqual([
    'The incident … table has been muted.',
    'The incident … table is open again.',
  ]);
});
