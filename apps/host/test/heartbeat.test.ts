import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostProcess, key, startHostProcess } from './support/host-process.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// Pings as a shell script sends them, to a real host.

let host: HostProcess;
let witness: Witness;

beforeAll(async () => {
  witness = await startWitness();
  host = await startHostProcess({
    config: {
      integrations: ['@tocsin/source-heartbeat', '@tocsin/source-webhook', '@tocsin/target-webhook'],
      sources: [
        { id: 'jobs', use: 'heartbeat', key, settings: { names: { quick: { interval: '1s', grace: 0 } } } },
        { id: 'any', use: 'webhook', key },
      ],
      targets: [{ id: 'witness', use: 'webhook', settings: { url: `${witness.url}/told` } }],
      routes: [{ to: ['witness'] }],
      egress: { allow: ['127.0.0.0/8'] },
    },
  });
});

afterAll(async () => {
  await host?.remove();
  await witness?.close();
});

async function ping(path: string, ...options: string[]): Promise<string> {
  const url = `${host.address}/in/jobs/${key}${path}`;
  const { stdout } = await promisify(execFile)('curl', ['-sS', '-X', 'POST', ...options, '-w', ' %{http_code}', url]);
  return stdout;
}

const isTold = (title: string) => witness.told('/told').some(({ body }) => JSON.parse(body).text.includes(title));

test('seed-D22 A ping is a POST without a body and without a content type; its silence is told, and the next ping', async () => {
  expect(await ping('/quick')).toBe('{"groups":[],"rejected":[]} 202');
  await until(() => isTold('No ping from quick for 1 s'), 'the silence is told');
  expect(await ping('/quick', '-d', '')).toMatch(/"status":"resolved".* 202$/);
  await until(() => isTold('quick pings again'), 'the ping is told');
  expect(await ping('/quick/stop')).toMatch(/ 202$/);
});

test('An exit code in the address is told at once, and an address that says nothing is refused with why', async () => {
  expect(await ping('/nightly%20backup/3?message=disk%20full')).toMatch(/"status":"firing".* 202$/);
  await until(() => isTold('nightly backup failed with exit code 3'), 'the failure is told');
  expect(await ping('/nightly%20backup/start')).toMatch(/say ok, fail, stop or an exit code.* 422$/);
  expect(await ping('/a/b/fail')).toMatch(/at most a name and a status follow the key.* 422$/);
});

test('What posts no JSON is refused, and so is an empty body where it says nothing', async () => {
  expect(await ping('/quick', '-d', 'status=1')).toMatch(/is not JSON.* 415$/);
  const response = await fetch(`${host.address}/in/any/${key}`, { method: 'POST' });
  expect(response.status).toBe(415);
});
