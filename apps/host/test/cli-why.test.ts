import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { oneLine } from '../src/cli/printable.ts';
import type { Host } from '../src/host.ts';
import { printedBy, startHostHere } from './support/host-here.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// What an operator asks on the command line: why, groups, requests, routes.

const token = 'token-of-the-why-test';
const folder = mkdtempSync(join(tmpdir(), 'tocsin-why-'));
const file = join(folder, 'tocsin.yaml');
let witness: Witness;
let host: Host;

beforeAll(async () => {
  witness = await startWitness();
  writeFileSync(
    file,
    `version: 1
listen: 127.0.0.1:0
store: sqlite:./tocsin.db
integrations: ["@tocsin/source-webhook", "@tocsin/target-webhook"]
sources:
  - { id: scripts, use: webhook, key: key-of-scripts, settings: { key: id, fingerprint: id } }
targets:
  - { id: chat, use: webhook, settings: { url: "${witness.url}/told" } }
  - { id: phone, use: webhook, settings: { url: "${witness.url}/phone" } }
routes:
  - match: team="db"
    to: [phone]
    routes:
      - { match: 'severity="critical"', to: [{ target: phone, after: 15m, while: firing }] }
  - { match: 'team=~"db|web"', continue: true, to: [chat] }
  - { match: team="none" }
egress: { allow: [127.0.0.0/8] }
unrouted: drop
`,
  );
  host = await startHostHere(file, token);
});

afterEach(() => {
  process.exitCode = 0;
});

afterAll(async () => {
  await host?.stop();
  await witness?.close();
  rmSync(folder, { recursive: true });
});

async function post(body: object | string): Promise<string> {
  const answer = await fetch(`${host.address}/in/scripts/key-of-scripts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const { groups } = (await answer.json()) as { groups?: { id: string }[] };
  return groups?.[0]?.id ?? '';
}

const run = (...words: string[]) => printedBy([...words, '--config', file], token);
const ask = (...words: string[]) => run(...words, '--url', host.address);

describe('tocsin why', () => {
  test('answers in the first line, then tells the way of the alert in its order', async () => {
    const id = await post({ id: 'disk/1', title: 'Disk full', labels: { team: 'web' } });
    await witness.untilTold('/told', 1);
    const text = await until(async () => {
      const output = await ask('why', id);
      return output.startsWith('Told to chat at ') ? output : '';
    }, 'told');
    const lines = text.split('\n');
    expect(lines[0]).toMatch(/^Told to chat at \d\d:\d\d .+ \(just now\)\.$/);
    const parts = ['How it came in', 'What was decided', 'Which routes were tried', 'Who is told'];
    expect(lines.filter((line) => parts.includes(line))).toEqual(parts);
    expect(text).toContain('✗ routes[0] (line 11)  team="db" is not so: team is "web"');
    expect(text).toContain('✓ routes[1] (line 15)  team=~"db|web" → chat');
    expect(text).toMatch(/✓ chat {2}\(from routes\[1\]\)\n {6}Told firing at/);
    expect(text).toMatch(/attempt .+, up to event 1: delivered after \d+ ms: HTTP 200/);
    expect(text).toContain('request 1 came in just then, and is kept');
    // A fingerprint may have a slash of its own.
    expect((await ask('why', 'scripts/disk/1')).split('\n')[0]).toBe(lines[0]);
    expect(JSON.parse(await ask('why', id, '--json'))).toMatchObject({ group: { id }, tellings: [{ target: 'chat' }] });
  });

  test('says what an escalation waits for', async () => {
    const id = await post({ id: 'db-1', title: 'Slow', severity: 'critical', labels: { team: 'db' } });
    const text = await until(async () => {
      const output = await ask('why', id);
      return output.includes('waits until') ? output : '';
    }, 'looked at');
    expect(text).toMatch(
      /^Nobody was told so far: phone waits until .+ \(in 15 minutes\): it is told only if the group is firing for 15 min\.\n/,
    );
    expect(text).toContain('owed: firing (event 1)');
  });

  test('lets no text of an alert pass for a line of its own, or play with the terminal', async () => {
    const evil = 'x\u001b[2J\n  ✓ chat told\u202e';
    const id = await post({ id: evil, title: evil, labels: { team: evil, [evil]: evil } });
    for (const text of [await ask('why', id), await ask('groups')]) {
      for (const character of ['\u001b', '\u202e']) expect(text).not.toContain(character);
      expect(text).not.toContain('\n  ✓ chat told');
    }
    expect(await ask('why', id)).toContain('Nobody was told: none of the routes matches');
    expect(oneLine('a\nb\u001b')).toBe('a\\nb\\u{1b}');
  });

  test('fails in words for what there is not', async () => {
    await expect(ask('why', 'zzzz')).rejects.toThrow('there is no group "zzzz"');
    await expect(ask('why', 'scripts/none')).rejects.toThrow('no alert "none" of the source "scripts"');
    await expect(ask('why', 'No such fingerprint')).rejects.toThrow('no alert "No such fingerprint" of any source');
  });
});

test('tocsin groups lists what there is', async () => {
  const id = await post({ id: 'listed', title: 'Listed', severity: 'error', labels: { team: 'web' } });
  expect(await ask('groups', '--limit', '1')).toMatch(
    new RegExp(`^${id}  firing +error +scripts  1 of 1 firing  since just now  .*team="web"`),
  );
  expect(await ask('groups', '--status', 'silenced')).toBe('no such group\n');
  expect(JSON.parse(await ask('groups', '--severity', 'error', '--json'))).toMatchObject([{ id }]);
});

test('tocsin requests lists what could not be read', async () => {
  await post('{"title": ');
  const rejected = await ask('requests', '--rejected', '--source', 'scripts', '--bodies');
  expect(rejected).toMatch(/^\d+ {2}scripts {2}just now {2}could not be read:\n {4}.*JSON.*\n {4}\{"title": \n$/);
  await post('{"title": \n"x\u001b[2J\n9  scripts  just now  read');
  const [, ...hostile] = (await ask('requests', '--rejected', '--limit', '1', '--bodies')).trimEnd().split('\n');
  expect(hostile).toHaveLength(2);
  expect(hostile[1]).toBe('    {"title": \\n"x\\u{1b}[2J\\n9  scripts  just now  read');
  expect(await ask('requests', '--read')).toMatch(/ read\n$/);
  expect(await ask('requests', '--read')).not.toContain('could not');
  expect(await ask('requests', '--source', 'idle')).toBe('no such request\n');
  expect(JSON.parse(await ask('requests', '--limit', '1', '--json'))).toHaveLength(1);
});

test('no comment of others turns the writing of a terminal round', async () => {
  await ask('silences', 'add', 'a="b"', '--until', '1h', '--comment', 'x\u202egnp');
  const text = await ask('silences', 'list');
  expect(text).toContain('x\\u{202e}gnp');
  expect(text).not.toContain('\u202e');
});

describe('tocsin routes', () => {
  test('prints the tree of the file', async () => {
    expect(await run('routes')).toBe(
      `routes[0] (line 11)  team="db" → phone
  routes[0].routes[0] (line 14)  severity="critical" → phone
routes[1] (line 15)  team=~"db|web" → chat; continues
routes[2] (line 16)  team="none"
`,
    );
    expect(JSON.parse(await run('routes', '--json'))).toHaveLength(4);
  });

  test('tells how labels would go, without a host', async () => {
    expect(await run('routes', '--labels', 'severity=critical,team=db')).toBe(
      `severity="critical" team="db" → phone
✓ routes[0] (line 11)  team="db"; a route below it takes it
  ✓ routes[0].routes[0] (line 14)  severity="critical" → phone
`,
    );
    expect(process.exitCode ?? 0).toBe(0);
    expect(await run('routes', '--labels', 'team=web', 'note=a\\,b="c"')).toMatch(
      /^team="web" note="a,b=\\"c\\"" → chat\n✗ /,
    );
    expect(JSON.parse(await run('routes', '--labels', 'team=web', '--json'))).toMatchObject({ told: ['chat'] });
  });

  test('ends with 1 where nobody would be told, and refuses what is no label', async () => {
    expect(await run('routes', '--labels', 'team=none')).toMatch(
      /→ nobody\n[\s\S]*✓ routes\[2\] \(line 16\) {2}team="none" → nobody\n$/,
    );
    expect(process.exitCode).toBe(1);
    await expect(run('routes', '--labels', 'team')).rejects.toThrow('"team" is no label');
  });
});
