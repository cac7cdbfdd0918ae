import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { startHostHere } from './support/host-here.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// What a running host counts by itself: requests, attempts, and templates that fail.

const token = 'token-of-the-metrics-test';
const folder = mkdtempSync(join(tmpdir(), 'tocsin-metrics-'));
let witness: Witness;
let host: Host;

beforeAll(async () => {
  witness = await startWitness();
  const file = join(folder, 'tocsin.yaml');
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook'],
    sources: [
      {
        id: 'scripts',
        use: 'webhook',
        key: 'key-of-scripts',
        templates: { title: '{{date "now" "week"}}' },
      },
      { id: 'idle', use: 'webhook', key: 'key-of-idle' },
    ],
    targets: [{ id: 'chat', use: 'webhook', settings: { url: `${witness.url}/told` } }],
    routes: [{ to: ['chat'] }],
    egress: { allow: ['127.0.0.0/8'] },
  };
  writeFileSync(file, JSON.stringify(config));
  host = await startHostHere(file, token);
});

afterAll(async () => {
  await host?.stop();
  await witness?.close();
  rmSync(folder, { recursive: true });
});

async function post(source: string, key: string, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json', 'x-tocsin-key': key };
  return (await fetch(`${host.address}/in/${source}`, { method: 'POST', headers, body })).status;
}

async function scrape(): Promise<string> {
  const answer = await fetch(`${host.address}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  return answer.text();
}

test('a running host counts requests and attempts by what became of them', async () => {
  const good = JSON.stringify({ title: 'Disk full', status: 'firing' });
  expect(await post('scripts', 'key-of-scripts', good)).toBe(202);
  expect(await post('scripts', 'wrong', good)).toBe(404);
  expect(await post('nobody', 'key-of-scripts', good)).toBe(404);
  expect(await post('scripts', 'key-of-scripts', '{')).toBe(422);
  expect((await fetch(`${host.address}/in/scripts/key-of-scripts`)).status).toBe(200);
  let text = '';
  await until(async () => {
    text = await scrape();
    return text.includes('outcome="delivered"') && text.includes('in_flight{target="chat"} 0');
  }, 'an attempt was counted');
  const lines = text.split('\n');
  const has = (line: string) => expect(lines).toContain(line);
  has('tocsin_requests_received_total{source="scripts",result="accepted"} 1');
  has('tocsin_requests_received_total{source="scripts",result="rejected"} 1');
  has('tocsin_requests_received_total{source="scripts",result="unknown"} 1');
  has('tocsin_requests_received_total{source="(unknown)",result="unknown"} 1');
  has('tocsin_requests_received_total{source="idle",result="accepted"} 0');
  // A look at the how-to page is no request of a source.
  has('tocsin_ingest_duration_seconds_count 4');
  has('tocsin_delivery_duration_seconds_count{target="chat",outcome="delivered"} 1');
  // One message, in however many steps.
  has('tocsin_failed_renders_total{source="scripts"} 1');
  has('tocsin_failed_renders_total{source="idle"} 0');
  has('tocsin_deliveries_in_flight{target="chat"} 0');
  has('tocsin_ingest_in_flight_bytes 0');
  has('tocsin_alerts_received_total 2');
  has('tocsin_alerts_rejected_total 1');
  expect(text).not.toContain('source="nobody"');
});
