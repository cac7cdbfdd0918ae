import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withChannels } from '../src/cli/export.ts';
import { loadConfig } from '../src/config/load-config.ts';
import type { Host } from '../src/host.ts';
import { printedBy, startHostHere } from './support/host-here.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// Channels as an operator has them: in the file, by the API, and on the command line, with a real host and targets.

const token = 'token-of-the-channels-test';
let folder: string;
let file: string;
let witness: Witness;
let host: Host;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-channels-'));
  file = join(folder, 'tocsin.yaml');
  witness = await startWitness();
});

afterEach(async () => {
  process.exitCode = 0;
  await host?.stop();
  await witness.close();
  rmSync(folder, { recursive: true });
});

const names = ['one', 'two', 'three', 'four'] as const;

function write(rest: string): void {
  writeFileSync(
    file,
    `version: 1
listen: 127.0.0.1:0
store: sqlite:./tocsin.db
integrations: ["@tocsin/source-webhook", "@tocsin/target-webhook"]
sources:
  - { id: scripts, use: webhook, key: key-of-scripts, settings: { key: id, fingerprint: id } }
targets:
${names.map((name) => `  - { id: ${name}, use: webhook, settings: { url: "${witness.url}/${name}" } }`).join('\n')}
egress: { allow: [127.0.0.0/8] }
unrouted: drop
# What follows is the test's own.
${rest}`,
  );
}

async function start(rest: string): Promise<void> {
  write(rest);
  host = await startHostHere(file, token);
}

async function restart(): Promise<void> {
  await host.stop();
  host = await startHostHere(file, token);
}

async function post(id: string, status = 'firing', labels: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(`${host.address}/in/scripts/key-of-scripts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, status, title: `disk ${id}`, labels }),
  });
  const { groups } = (await answer.json()) as { groups: { id: string }[] };
  return groups[0]?.id ?? '';
}

async function call(method: string, path: string, body?: object) {
  const answer = await fetch(`${host.address}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

/** The headlines that a target was told. */
const told = (name: string) => witness.told(`/${name}`).map(({ body }) => String(JSON.parse(body).text).split(': ')[0]);

/** A group's whole life by hand, each step told before the next. */
async function live(settles: () => Promise<unknown>): Promise<string> {
  const id = await post('a');
  await settles();
  for (const step of ['acknowledge', 'unacknowledge']) {
    await call('POST', `groups/${id}/${step}`);
    await settles();
  }
  await call('POST', `groups/${id}/silence`, { until: '1h' });
  await settles();
  await call('POST', `groups/${id}/resolve`);
  await settles();
  return id;
}

const counters = async () => (await call('GET', 'accounting')).body.counters;

/** Nothing is owed any more. */
const quiet = () => until(async () => (await counters()).pending === 0, 'everything was told');

const run = (...words: string[]) => printedBy([...words, '--config', file, '--url', host.address], token);

describe('a channel', () => {
  test('seed-D9 is told of its own alerts alone, beside the routes', async () => {
    await start(`channels:
  - { id: storage, match: team="storage", subscriptions: [one] }
  - { id: network, match: team="network", subscriptions: [two] }
routes: [{ match: 'team=~".+"', to: [three] }]`);
    await post('a', 'firing', { team: 'storage' });
    await post('b', 'firing', { team: 'storage' });
    await quiet();
    expect([told('one').length, told('two').length, told('three').length]).toEqual([2, 0, 2]);
  });

  test('seed-K5 of which two take an alert tells it for each of them', async () => {
    await start(`channels:
  - { id: storage, match: team="storage", subscriptions: [{ name: day, target: one }, { name: night, target: one }] }
  - { id: all, subscriptions: [one] }`);
    await post('a', 'firing', { team: 'storage' });
    await quiet();
    expect(told('one')).toHaveLength(3);
  });

  test('seed-D6 is made, changed and removed by the API, and outlives the process', async () => {
    await start('');
    const given = {
      match: ['team="storage"'],
      subscriptions: [{ name: 'On call', target: 'one', events: ['firing', 'resolved'] }],
    };
    const { status, body: made } = await call('PUT', 'channels/storage', given);
    expect(status).toBe(200);
    expect(made).toMatchObject({
      id: 'storage',
      origin: 'api',
      match: ['team="storage"'],
      subscriptions: [{ name: 'On call', target: 'one', address: null, events: ['firing', 'resolved'] }],
      written: { id: 'storage', ...given },
      author: expect.any(String),
      problems: [],
    });
    await restart();
    expect((await call('GET', 'channels')).body.items).toEqual([made]);
    await post('a', 'firing', { team: 'storage' });
    await quiet();
    expect(told('one')).toHaveLength(1);
    await call('PUT', 'channels/storage', { ...given, match: ['team="network"'] });
    await post('b', 'firing', { team: 'storage' });
    await post('c', 'firing', { team: 'network' });
    await quiet();
    expect(told('one')).toHaveLength(2);
    expect(await call('DELETE', 'channels/storage')).toEqual({ status: 200, body: { id: 'storage' } });
    expect((await call('DELETE', 'channels/storage')).status).toBe(404);
    await post('d', 'firing', { team: 'network' });
    await quiet();
    expect(told('one')).toHaveLength(2);
  });

  test('seed-K20 whose filter is moved tells by the new one, and by the old one nothing', async () => {
    await start('');
    const subscriptions = ['one'];
    await call('PUT', 'channels/hook', { match: 'stage="dev"', subscriptions });
    await call('PUT', 'channels/hook', { match: 'stage="prod"', subscriptions });
    await post('a', 'firing', { stage: 'dev' });
    await post('b', 'firing', { stage: 'prod' });
    await quiet();
    expect(told('one')).toHaveLength(1);
    expect((await call('GET', 'channels')).body.items).toHaveLength(1);
  });

  test('seed-D23 seed-K19 that is removed stops what was queued', async () => {
    await start('');
    witness.answer('/one', { status: 503 });
    await call('PUT', 'channels/storage', { subscriptions: ['one'] });
    for (const id of ['a', 'b', 'c', 'd', 'e']) await post(id);
    await witness.untilTold('/one', 5);
    await call('DELETE', 'channels/storage');
    const { length } = witness.told('/one');
    expect(await counters()).toMatchObject({ owed: 5, cancelled: 5, pending: 0 });
    witness.answer('/one', { status: 200 });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(witness.told('/one')).toHaveLength(length);
  });

  test('of the file is read-only in the API, which says where it stands', async () => {
    await start('channels: [{ id: storage, subscriptions: [one] }]');
    const { status, body } = await call('PUT', 'channels/storage', { subscriptions: ['two'] });
    expect({ status, ...body.error }).toMatchObject({ status: 409, code: 'read-only' });
    expect((await call('DELETE', 'channels/storage')).status).toBe(409);
    expect((await call('GET', 'channels/storage')).body).toMatchObject({ origin: 'file', written: null });
  });

  test('that says nothing right is refused with every fault, and nothing is changed', async () => {
    await start('');
    const { status, body } = await call('PUT', 'channels/storage', {
      match: ['team="storage'],
      subscriptions: [
        { target: 'onne', events: ['fired'] },
        { name: 'x', target: 'two', address: '#a' },
        { name: 'x', target: 'two', templates: { title: 'Hello' }, active: ['office'] },
      ],
      states: { muted: 'one' },
    });
    expect(status).toBe(422);
    const faults = body.error.faults.map(
      ({ path, message }: { path: string; message: string }) => `${path}: ${message}`,
    );
    expect(faults).toEqual([
      'match[0]: `team="storage` is no matcher: the closing double quote is missing. Add " at the end; write \\" for a quote inside.',
      'subscriptions[0].events[0]: must be one of firing, acknowledged, unacknowledged, silenced, unsilenced, resolved, updated, notice',
      'states.muted: unknown key `muted`; known here: firing, acknowledged, resolved, silenced',
      'subscriptions[0].target: unknown target `onne`, did you mean `one`?',
      'subscriptions[2].active[0]: unknown time interval `office`; there are no `timeIntervals` yet',
      'subscriptions[2].name: `x` stands here twice; give each subscription of the channel a `name` of its own',
    ]);
    expect((await call('GET', 'channels')).body.items).toEqual([]);
    const words = await call('PUT', 'channels/storage', {
      subscriptions: [
        { name: 'a', target: 'two', address: '#a' },
        { name: 'b', target: 'two', templates: { title: 'Hello' } },
      ],
    });
    expect(words.body.error.faults).toMatchObject([
      { path: 'subscriptions[1].templates', message: expect.stringContaining('config file alone') },
    ]);
  });

  test('shows in why and in routes which it was', async () => {
    await start('channels: [{ id: storage, match: team="storage", subscriptions: [{ name: on call, target: one }] }]');
    await call('PUT', 'channels/noc', { subscriptions: ['two'] });
    const id = await post('a', 'firing', { team: 'storage' });
    await quiet();
    const why = await run('why', id);
    expect(why).toMatch(/✓ channels\[storage\] \(line \d+\) {2}team="storage" → storage\/on call: one/);
    expect(why).toMatch(/✓ channels\[noc\] \(made by the API\) {2}matches everything → noc\/two: two/);
    expect(await printedBy(['routes', '--config', file], token)).toMatch(
      /^channels\[storage\] \(line \d+\) {2}team="storage" → one\n$/,
    );
  });
});

describe('a target for each state', () => {
  test('seed-Q2 seed-Q12 is told of its state alone: one message each, and being open again is one', async () => {
    await start(`channels:
  - { id: quality, states: { firing: one, acknowledged: two, silenced: three, resolved: four } }`);
    await live(quiet);
    expect(names.map(told)).toEqual([
      ['Firing', expect.stringMatching(/^Acknowledgement withdrawn by /)],
      [expect.stringMatching(/^Acknowledged by /)],
      [expect.stringMatching(/^Silenced by /)],
      [expect.stringMatching(/^Resolved by /)],
    ]);
  });

  test('seed-Q3 without a target is told to nobody', async () => {
    await start('channels: [{ id: quality, states: { firing: one } }]');
    await live(quiet);
    expect(names.map((name) => told(name).length)).toEqual([2, 0, 0, 0]);
  });

  test('seed-Q4 comes from the defaults where it is missing, and is silent where it is empty', async () => {
    await start(`defaults: { states: { firing: one, acknowledged: two } }
channels:
  - { id: inherits, match: 'db="a"', states: { resolved: four } }
  - { id: silent, match: 'db="b"', states: { firing: "", acknowledged: "" } }
  - { id: own, match: 'db="c"', states: { firing: three, acknowledged: four } }
  - { id: bare, match: 'db="d"' }`);
    const seen = async (db: string) => {
      const before = names.map((name) => told(name).length);
      const id = await post(db, 'firing', { db });
      await quiet();
      await call('POST', `groups/${id}/acknowledge`);
      await quiet();
      return names.map((name, index) => told(name).length - (before[index] ?? 0));
    };
    expect(await seen('a')).toEqual([1, 1, 0, 0]);
    expect(await seen('b')).toEqual([0, 0, 0, 0]);
    expect(await seen('c')).toEqual([0, 0, 1, 1]);
    expect(await seen('d')).toEqual([1, 1, 0, 0]);
  });

  test('seed-Q6 has words of its own, also where one target has several states', async () => {
    await start(`channels:
  - id: quality
    states:
      firing: [{ target: one, templates: { title: "new: {{payload.title}}" } }, two]
      acknowledged: { target: one, templates: { title: "taken: {{payload.title}}" } }
      resolved: one`);
    const id = await post('a');
    await quiet();
    await call('POST', `groups/${id}/acknowledge`);
    await quiet();
    await call('POST', `groups/${id}/resolve`);
    await quiet();
    const titles = (name: string) => witness.told(`/${name}`).map(({ body }) => /: (.*disk a)/.exec(body)?.[1]);
    expect(titles('one')).toEqual(['new: disk a', 'taken: disk a', 'disk a']);
    expect(titles('two')).toEqual(['disk a']);
  });

  test('seed-Q4 comes from the defaults for a channel of the API that says nothing, too', async () => {
    await start('defaults: { states: { firing: one } }');
    expect((await call('PUT', 'channels/bare', { match: 'db="a"' })).status).toBe(200);
    await post('a', 'firing', { db: 'a' });
    await quiet();
    expect(told('one')).toEqual(['Firing']);
    await call('DELETE', 'channels/bare');
    expect((await call('PUT', 'channels/bare', { states: { firing: '' } })).status).toBe(200);
  });

  test('is the same subscription whomever the target may tell besides', () => {
    const namesWith = (addresses: string) => {
      write(`channels: [{ id: a, states: { firing: { target: chat, address: "#{{labels.team}}", else: "#noc" } } }]`);
      const chat = `  - { id: chat, use: webhook, addresses: ${addresses}, settings: { url: "${witness.url}" } }`;
      const text = readFileSync(file, 'utf8').replace('targets:', `targets:\n${chat}`);
      return loadConfig('x.yaml', { env: {}, readFile: () => text }).channels[0]?.subscriptions.map(({ name }) => name);
    };
    expect(namesWith('["#t-*", "#noc"]')).toEqual(namesWith('["#t-*", "#noc", "#new"]'));
  });

  test('seed-Q10 is told nothing of the same state again, nor of more alerts in it', async () => {
    await start('channels: [{ id: quality, states: { firing: one, resolved: one } }]');
    await post('a');
    await post('a');
    await quiet();
    expect(told('one')).toEqual(['Firing']);
  });
});

describe('tocsin export', () => {
  test('prints a file that check takes, with what the API made, and a host takes it over', async () => {
    await start('channels: # ours\n  - { id: storage, subscriptions: [one] } # on call');
    const given = { match: ['team="é\\"x"'], subscriptions: [{ name: 'On call', target: 'two', events: ['firing'] }] };
    await call('PUT', 'channels/noc', given);
    const text = await run('export');
    expect(text).toContain('# What follows is the test’s own.'.replace('’', "'"));
    expect(text).toContain('# on call');
    const before = (await call('GET', 'channels')).body.items;
    writeFileSync(file, text);
    const read = loadConfig(file, { env: {}, readFile: (path) => readFileSync(path, 'utf8') });
    expect(read.channels.map(({ id }) => id)).toEqual(['storage', 'noc']);
    await restart();
    const after = (await call('GET', 'channels')).body.items;
    expect(after).toEqual(
      before.map((one: object) => ({ ...one, origin: 'file', written: null, author: null, changedAt: null })),
    );
    write('channels: [{ id: storage, subscriptions: [one] }]');
    await restart();
    expect((await call('GET', 'channels')).body.items).toHaveLength(1);
  });

  test('makes no reference of what only looks like one', () => {
    const secret = { id: 'noc', match: ['team="${env:ANN_TOKEN}"'], subscriptions: ['one'] };
    write('');
    const text = withChannels(readFileSync(file, 'utf8'), [secret]);
    const read = loadConfig('x.yaml', { env: { ANN_TOKEN: 'canary' }, readFile: () => text });
    expect(read.channels[0]?.match).toMatchObject([{ name: 'team', value: '${env:ANN_TOKEN}' }]);
  });

  test('keeps the channels of a file that names them elsewhere', () => {
    write('routes: []\nchannels: [{ id: storage, subscriptions: [&whom one] }]');
    const text = readFileSync(file, 'utf8').replace('channels: [', 'x: &all [').concat('\nchannels: *all\n');
    const printed = withChannels(text, [{ id: 'noc', subscriptions: ['two'] }]);
    expect(printed).toMatch(/channels:\n {2}- \{ id: storage[^\n]+\n {2}- id: noc/);
  });

  test('without channels of the API prints the file as it is', async () => {
    await start('# nothing');
    expect(await run('export')).toBe(readFileSync(file, 'utf8'));
  });
});

describe('a channel of the API at a start', () => {
  test('whose id the file has for another is an error that names both', async () => {
    await start('');
    await call('PUT', 'channels/noc', { subscriptions: ['two'] });
    await host.stop();
    write('channels: [{ id: noc, subscriptions: [one] }]');
    const refused = await startHostHere(file, token).catch((error: Error) => error);
    expect(refused).toMatchObject({
      code: 'config',
      faults: [{ path: 'channels[0].id', line: 15, message: expect.stringContaining('made, and') }],
    });
    write('');
    host = await startHostHere(file, token);
    expect((await call('GET', 'channels')).body.items).toHaveLength(1);
  });

  test('whose target is gone says so, and tells the others', async () => {
    await start('');
    await call('PUT', 'channels/noc', { subscriptions: ['four', 'two'] });
    await host.stop();
    write('');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/ {2}- \{ id: four.*\n/, ''));
    host = await startHostHere(file, token);
    const [noc] = (await call('GET', 'channels')).body.items;
    expect(noc).toMatchObject({ problems: [{ path: 'subscriptions[0]' }], subscriptions: [{ target: 'two' }] });
    await post('a');
    await quiet();
    expect(told('two')).toHaveLength(1);
  });
});

describe('tocsin channels', () => {
  test('makes, lists and removes them', async () => {
    await start('channels: [{ id: storage, match: team="storage", subscriptions: [one] }]');
    const channel = join(folder, 'noc.yaml');
    writeFileSync(channel, 'id: noc\nsubscriptions:\n  - { name: On call, target: two, events: [firing] }\n');
    expect(await run('channels', 'put', channel)).toMatch(
      /^noc {2}everything {2}\(by .+\)\n {2}On call → two: firing\n$/,
    );
    expect(await run('channels', 'list')).toMatch(/^storage {2}team="storage" {2}\(in the config file\)\n/);
    expect(JSON.parse(await run('channels', 'show', 'noc', '--json'))).toMatchObject({ id: 'noc', origin: 'api' });
    expect(await run('channels', 'delete', 'noc')).toBe('noc is gone\n');
    await expect(run('channels', 'delete', 'noc')).rejects.toThrow('there is no channel noc');
  });
});
