import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildSandbox, sandboxSlackApp } from '@tocsin/sandbox';
import { checkIntegration } from '@tocsin/testkit';
import { describe, expect, test } from 'vitest';

// Every integration against the contract, one test for each rule and file; and the two that new ones begin as.

const root = join(import.meta.dirname, '..', 'integrations');
const foldersOf = (kind: string) =>
  readdirSync(join(root, kind), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, kind, entry.name));

const targets = foldersOf('targets');
const templates = join('..', 'packages', 'create-tocsin-integration', 'templates');
const examples = ['sources', 'targets'].flatMap((kind) => foldersOf(join(templates, kind)));

for (const folder of [...foldersOf('sources'), ...targets, ...examples]) {
  const results = await checkIntegration(folder, { targets });
  describe(relative(root, folder), () => {
    test.each(results)('$rule: $file', ({ ok, message, remedy }) => {
      expect(ok, `${message}\n→ ${remedy}`).toBe(true);
    });
  });
}

// The stand-in refuses what Slack's documentation says that Slack refuses.
describe("Slack's stand-in takes", () => {
  const examples = join(root, 'targets', 'slack', 'examples');
  const names = readdirSync(examples).filter((name) => name.endsWith('.http'));

  test.each(names)('%s', async (name) => {
    const [, body] = readFileSync(join(examples, name), 'utf8').split('\n\n', 2);
    const sandbox = buildSandbox();
    const answer = await sandbox.inject({
      method: 'POST',
      url: '/slack/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX',
      headers: { 'content-type': 'application/json' },
      payload: body as string,
    });
    expect([answer.statusCode, answer.body]).toEqual([200, 'ok']);
  });
});

describe("Slack's stand-in takes of an app", () => {
  const examples = join(root, 'targets', 'slack', 'examples', 'app');
  const names = readdirSync(examples).filter((name) => name.endsWith('.http'));

  test.each(names)('%s', async (name) => {
    const [head = '', body = ''] = readFileSync(join(examples, name), 'utf8').split('\n\n', 2);
    const [, method = ''] = /\/api\/(\S+)/.exec(head) ?? [];
    const sandbox = buildSandbox();
    const call = async (to: string, payload: object) => {
      const headers = { authorization: `Bearer ${sandboxSlackApp.botToken}` };
      return (await sandbox.inject({ method: 'POST', url: `/slack/api/${to}`, headers, payload })).json();
    };
    const { channel } = sandboxSlackApp;
    // What is edited has to be there.
    const { ts } = method === 'chat.update' ? await call('chat.postMessage', { channel, text: 'Firing' }) : {};
    const answer = await call(method, { ...JSON.parse(body), channel, ...(ts ? { ts } : {}) });
    expect(answer).toMatchObject({ ok: true, channel });
  });
});

// What follows an opening names tickets that the stand-in has not; dutycalls.test.ts has that.
describe("DutyCalls' stand-in takes", () => {
  const examples = join(root, 'targets', 'dutycalls', 'examples');
  const openings = readdirSync(examples)
    .filter((name) => name.endsWith('.http'))
    .map((name) => ({ name, text: readFileSync(join(examples, name), 'utf8') }))
    .filter(({ text }) => text.startsWith('POST https://dutycalls.me/api/ticket?'));

  test.each(openings)('$name', async ({ text }) => {
    const [head = '', payload = ''] = text.split('\n\n', 2);
    const answer = await buildSandbox().inject({
      method: 'POST',
      url: head.split('\n', 1)[0]?.replace('POST https://dutycalls.me', '/dutycalls') ?? '',
      headers: { authorization: 'Basic bG9naW46cGFzc3dvcmQ=', 'content-type': 'application/json' },
      payload,
    });
    expect([answer.statusCode, answer.json().tickets.length]).toEqual([201, 2]);
  });

  test('most of what it is told', () => {
    expect(openings.length).toBeGreaterThanOrEqual(4);
  });
});
