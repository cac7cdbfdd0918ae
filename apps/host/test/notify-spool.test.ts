import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { notifyHere } from './support/notify-here.ts';
import { startWitness, type Witness } from './support/witness.ts';

// `tocsin notify --spool`: what the hub can't take now is kept, and sent later, in its order and once.

let folder: string;
let hub: Witness;
let inside: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-spool-'));
  hub = await startWitness();
  inside = join(folder, `127.0.0.1_${hub.port}_in_m`);
});

afterEach(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

const hubWords = () => ['--url', `${hub.url}/in/m`, '--key', 'k', '--spool', folder];

function notify(output: string, patience?: number) {
  const words = ['--type', 'Host', '--notificationtype', 'PROBLEM', '--hostname', 'h', '--hoststate', '1'];
  return notifyHere([...words, '--output', output, ...hubWords()], {}, patience);
}

const told = () => hub.told('/in/m').map(({ body }) => (JSON.parse(body) as { HOSTOUTPUT: string }).HOSTOUTPUT);
const files = () => readdirSync(inside);

test('seed-O16: what the hub can not take now is kept, for the user alone, and is no failure', async () => {
  hub.answer('/in/m', { status: 503 });
  const { code, err } = await notify('one');
  expect([code, err]).toEqual([0, expect.stringContaining(`503; kept in ${folder}, to be sent with the next one`)]);
  expect(files()).toEqual([expect.stringMatching(/^\d+-\d+-\w+\.json$/)]);
  expect(statSync(join(inside, files()[0] as string)).mode & 0o777).toBe(0o600);
});

test('the next one sends what waits before itself, with the id that it had', async () => {
  hub.answer('/in/m', { status: 503 });
  await notify('one');
  await notify('two');
  hub.answer('/in/m', { status: 202, body: '{"groups":[]}' });
  const { code } = await notify('three');
  expect(code).toBe(0);
  expect(files()).toEqual([]);
  expect(told().slice(-3)).toEqual(['one', 'two', 'three']);
  const ids = hub.told('/in/m').map(({ body }) => (JSON.parse(body) as { deliveryId: string }).deliveryId);
  expect(ids.at(-3)).toBe(ids[0]);
});

test('--flush sends what waits and nothing else', async () => {
  hub.answer('/in/m', { status: 429 });
  await notify('one');
  hub.answer('/in/m', { status: 202 });
  expect(await notifyHere(['--flush', ...hubWords()])).toMatchObject({
    code: 0,
    out: '1 sent, 0 refused, 0 waiting\n',
  });
  expect(await notifyHere(['--flush', ...hubWords()])).toMatchObject({
    code: 0,
    out: '0 sent, 0 refused, 0 waiting\n',
  });
  hub.answer('/in/m', { status: 503 });
  await notify('two');
  expect(await notifyHere(['--flush', ...hubWords()])).toMatchObject({
    code: 1,
    out: '0 sent, 0 refused, 1 waiting\n',
  });
});

test('what the hub refuses holds nothing up, and is left to be looked at', async () => {
  hub.answer('/in/m', { status: 503 });
  await notify('one');
  hub.answer('/in/m', { status: 422 }, { status: 202 });
  const { code, err } = await notify('two');
  expect([code, err]).toEqual([0, expect.stringMatching(/refused it: 422; it is kept as \S+\.refused/)]);
  expect(files()).toEqual([expect.stringMatching(/\.refused$/)]);
  hub.answer('/in/m', { status: 404 });
  expect((await notify('three')).code).toBe(3);
});

test('of many at once each is told once, the older ones first', async () => {
  hub.answer('/in/m', { status: 503 });
  for (const number of [1, 2, 3]) await notify(`kept ${number}`);
  const before = told().length;
  hub.answer('/in/m', { status: 202, after: 5 });
  const all = await Promise.all(Array.from({ length: 12 }, (_, number) => notify(`new ${number}`, 10_000)));
  expect(all.map(({ code }) => code)).toEqual(Array.from({ length: 12 }, () => 0));
  const sent = told().slice(before);
  expect(sent.slice(0, 3)).toEqual(['kept 1', 'kept 2', 'kept 3']);
  expect(new Set(sent).size).toBe(15);
  expect(sent).toHaveLength(15);
  expect(files()).toEqual([]);
});

test('a process that ended while it sent loses nothing, and holds up nobody for long', async () => {
  hub.answer('/in/m', { status: 503 });
  await notify('one');
  hub.answer('/in/m', { status: 202 });
  const [name] = files() as [string];
  rmSync(join(inside, name));
  const claimedAt = (age: number) =>
    writeFileSync(join(inside, `${name}.${Date.now() - age}.sending`), '{"HOSTOUTPUT":"one"}');
  claimedAt(1_000);
  const waits = await notify('two', 300);
  expect(waits.err).toContain('older ones are still being sent; kept in');
  rmSync(inside, { recursive: true });
  mkdirSync(inside);
  claimedAt(60_000);
  await notify('three');
  expect(told().slice(-2)).toEqual(['one', 'three']);
});

test('a hub that hangs does not cost the present one more than its time, and it is kept', async () => {
  hub.answer('/in/m', { status: 503 });
  await notify('one');
  hub.answer('/in/m', 'hang');
  const began = performance.now();
  expect(await notify('two', 500)).toMatchObject({ code: 0, err: expect.stringContaining('no answer within') });
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(files()).toHaveLength(2);
});

test('what can not be kept is sent all the same, and what is too much says so', async () => {
  hub.answer('/in/m', { status: 202 });
  writeFileSync(join(folder, 'file'), '');
  const words = [
    '--type',
    'Host',
    '--notificationtype',
    'PROBLEM',
    '--hostname',
    'h',
    '--hoststate',
    '1',
    '--output',
    'x',
  ];
  const to = ['--url', `${hub.url}/in/m`, '--key', 'k', '--spool', join(folder, 'file')];
  expect(await notifyHere([...words, ...to])).toMatchObject({ code: 0, err: expect.stringContaining("can't be kept") });
  mkdirSync(inside);
  for (let number = 0; number < 1_000; number++) writeFileSync(join(inside, `${number}-1-a.json`), '{}');
  hub.answer('/in/m', { status: 503 });
  expect(await notify('x')).toMatchObject({ code: 1, err: expect.stringContaining('1000 wait in') });
});
