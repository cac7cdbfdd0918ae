import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { printedBy, startHostHere } from './support/host-here.ts';
import { writeIntegration } from './support/integration-folder.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// A package is upgraded under a host that has been told alerts of it before.

const key = 'key-of-the-test-source';
const token = 'token-of-the-template-test';
let folder: string;
let file: string;
let witness: Witness;
let host: Host;

const definition = `
  export default defineSource({
    title: 'Beacon', summary: 'Alerts of Beacon', docs: 'https://example.com/beacon',
    payload: z.looseObject({ id: z.string() }),
    status: ({ payload }) => (payload.over ? 'resolved' : 'firing'),
    group: ({ payload }) => payload.id,
    fingerprint: ({ payload }) => payload.id,
    labels: ({ payload }) => payload.labels ?? {},
  });`;

const crier = `
  export default defineTarget({
    title: 'Crier', summary: 'Never says a word', docs: 'https://example.com/crier',
    settings: z.object({ url: secret() }), medium: 'text', mode: 'latest', limits: {},
    request: (_, settings) => { throw new Error('hoarse at ' + settings.url); },
  });`;

const old = {
  title: 'Old: {{payload.title}} "é" 👩‍🚀\r\n',
  message: 'It says **{{payload.text}}** <now>\n\n- \\*one\\*\n',
  link: 'https://old.example.com/{{payload.page}}?a=1&b={{payload.title}}',
  'message.slack': 'Slack: _{{payload.text}}_',
};

const next = {
  title: 'New: {{payload.title}}',
  message: 'It says {{payload.text}}',
  link: 'https://new.example.com/{{payload.page}}',
  'message.text': 'Text: {{payload.text}}',
};

/** Installs a release of the package, as a package manager would. */
function install(version: string, templates: Record<string, string>): void {
  const path = join(folder, 'source-beacon');
  rmSync(path, { recursive: true, force: true });
  writeIntegration(folder, 'source-beacon', definition);
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  writeFileSync(join(path, 'package.json'), JSON.stringify({ ...manifest, version }));
  for (const [name, text] of Object.entries(templates)) writeFileSync(join(path, 'templates', `${name}.hbs`), text);
  mkdirSync(join(path, 'examples'));
  writeFileSync(join(path, 'examples', 'firing.json'), JSON.stringify({ id: 'x', title: 'Example', text: 'example' }));
}

async function start(): Promise<void> {
  host = await startHostHere(file, token);
}

function configure(): void {
  const webhook = (id: string, medium: string, templates?: unknown) => ({
    id,
    use: 'webhook',
    settings: { url: `${witness.url}/${id}`, body: 'notification', medium },
    ...(templates ? { templates } : {}),
  });
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    url: 'https://alerts.example.com',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/target-webhook', './source-beacon', './target-crier'],
    sources: [
      { id: 'plain', use: 'beacon', key },
      {
        id: 'own',
        use: 'beacon',
        key,
        templates: {
          title: 'Own: {{payload.title}}',
          'message.slack': 'S: {{payload.text}}',
          group: '{{payload.team}}',
          resolve: '{{eq payload.state "OK"}}',
          acknowledge: '{{payload.owner}}',
        },
      },
    ],
    targets: [
      webhook('text', 'text'),
      { id: 'mute', use: 'crier', settings: { url: 'https://example.com/a-secret-path' } },
      webhook('slack', 'slack'),
      webhook('framed', 'slack', {
        layout: '*Team A*\n{{message}}\nCall {{alert.labels.who}}',
        'message.slack': 'F: _{{payload.text}}_',
      }),
    ],
    routes: [
      { match: 'to="framed"', to: ['framed'] },
      { match: 'to="entry"', to: [{ target: 'framed', templates: './words' }] },
      { to: ['text', 'slack'] },
    ],
    egress: { allow: ['127.0.0.0/8'] },
  };
  mkdirSync(join(folder, 'words'), { recursive: true });
  writeFileSync(join(folder, 'words', 'title.hbs'), 'Entry: {{payload.title}}');
  writeFileSync(join(folder, 'words', 'layout.hbs'), '*Team B*\n{{message}}');
  writeFileSync(file, JSON.stringify(config));
}

async function post(source: string, payload: object): Promise<{ groups: { id: string; status: string }[] }> {
  const headers = { 'content-type': 'application/json', 'x-tocsin-key': key };
  const answer = await fetch(`${host.address}/in/${source}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(payload),
  });
  expect(answer.status).toBe(202);
  return answer.json() as Promise<never>; // the caller looks at what it needs
}

/** The texts that a target is told first of what a payload becomes. */
async function told(target: string, source: string, payload: object) {
  const [{ id = '' } = {}] = (await post(source, payload)).groups;
  return { group: id, texts: await textsOf(target, id) };
}

async function textsOf(target: string, id: string) {
  const all = () => witness.told(`/${target}`).map(({ body }) => JSON.parse(body));
  const first = await until(() => all().find(({ group }) => group.id === id), `${target} is told of group ${id}`);
  const { headline, title, message, link } = first;
  return { headline, title, message, link };
}

/** What the command line prints. */
function tocsin(...words: string[]): Promise<string> {
  return printedBy([...words, '--config', file, '--url', host.address], token);
}

const payload = { title: 'Disk <full> & "hot"', text: '97 % *of* it', page: 'a' };
let number = 0;
const fresh = () => ({ ...payload, id: `id-${++number}` });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-templates-'));
  file = join(folder, 'tocsin.yaml');
  witness = await startWitness();
  configure();
  install('1.0.0', old);
  writeIntegration(folder, 'target-crier', crier);
  await start();
});

afterAll(async () => {
  await host?.stop();
  await witness?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('When a package brings other words', () => {
  test('a source that was there before says the old ones, byte for byte', async () => {
    const { group, texts } = await told('slack', 'plain', fresh());
    const first = { slack: texts, text: await textsOf('text', group) };
    expect(first.slack).toEqual({
      headline: 'Firing',
      title: 'Old: Disk &lt;full&gt; &amp; "hot" "é" 👩‍🚀',
      message: expect.stringContaining('Slack: _97 % '),
      link: 'https://old.example.com/a?a=1&b=Disk%20%3Cfull%3E%20&%20%22hot%22',
    });
    await host.stop();
    install('2.0.0', next);
    await start();
    const again = await told('slack', 'plain', fresh());
    expect({ slack: again.texts, text: await textsOf('text', again.group) }).toEqual(first);
  });

  test('`templates list` and `diff` show what would change', async () => {
    const list = await tocsin('templates', 'list');
    expect(list).toMatch(/^plain {2}source-beacon 1\.0\.0, since \d{4}-\d\d-\d\d; 2\.0\.0 brings others: /m);
    expect(list).toContain(
      'title (changed), message (changed), link (changed), message.slack (removed), message.text (added)',
    );
    expect(list).toContain('    title is yours: ');
    const diff = await tocsin('templates', 'diff', 'plain');
    expect(diff).toMatch(/── group \w+, text ──/);
    expect(diff.split('\n')).toEqual(
      expect.arrayContaining([
        '- Old: Disk <full> & "hot" "é" 👩‍🚀',
        '+ New: Disk <full> & "hot"',
        '- It says 97 % *of* it <now>',
        '+ Text: 97 % *of* it',
        '+ link: https://new.example.com/a',
        '2 of 2 messages would change',
      ]),
    );
    expect(await tocsin('templates', 'diff', 'plain', '--medium', 'slack')).toContain('+ It says 97 % ');
    const unseen = await tocsin('templates', 'diff', 'own');
    expect(unseen).toContain('── example firing, text ──');
    expect(unseen).not.toContain('Old: ');
    expect(unseen).not.toContain('- Own: ');
  });

  test('`templates upgrade` takes them at once, of that source alone, and for good', async () => {
    expect(await tocsin('templates', 'upgrade', 'plain')).toBe(
      'plain says the words of source-beacon 2.0.0 from now on\n',
    );
    const text = await told('text', 'plain', fresh());
    expect(text.texts).toMatchObject({ title: 'New: Disk <full> & "hot"', message: 'Text: 97 % *of* it' });
    const own = await told('text', 'own', fresh());
    expect(own.texts).toMatchObject({
      title: 'Own: Disk <full> & "hot"',
      message: expect.stringMatching(/^It says 97/),
    });
    expect(await tocsin('templates', 'list')).toMatch(/^plain {2}source-beacon 2\.0\.0, since \d{4}-\d\d-\d\d$/m);
  });

  test('a release that the host has not loaded is told of, and takes a restart', async () => {
    install('3.0.0', { ...next, title: 'Newest' });
    expect(await tocsin('templates', 'upgrade', 'plain')).toContain(
      '3.0.0 is installed, but the host runs with 2.0.0: restart it',
    );
    expect((await told('text', 'plain', fresh())).texts.title).toBe('New: Disk <full> & "hot"');
  });
});

describe('The operator’s words', () => {
  test('of a target win over the source’s, and its layout is put around them', async () => {
    const { texts, group } = await told('framed', 'own', {
      ...fresh(),
      labels: { to: 'framed', who: '<@U1> *ann*' },
    });
    expect(texts.title).toBe('Own: Disk &lt;full&gt; &amp; "hot"');
    expect(texts.message).toMatch(/^_Team A_\n\nF: _97 % [^_]*_\n\nCall &lt;/);
    const shown = await tocsin('render', '--to', 'framed', '--group', group);
    expect(shown).toContain(`── group ${group} to framed, slack ──`);
    expect(shown).toContain(texts.message);
    expect(shown).toMatch(/title +\S+tocsin\.yaml:1 \(sources\[1\]\.templates\.title\)/);
    expect(shown).toMatch(/message +\S+tocsin\.yaml:1 \(targets\[3\]\.templates\["message\.slack"\]\)/);
    expect(shown).toMatch(/link +source-beacon@1\.0\.0 templates\/link\.hbs/);
    expect(shown).toContain('POST ${config:targets/framed/settings/url}\n');
  });

  test('of a `to` entry win over its target’s', async () => {
    const { texts, group } = await told('framed', 'own', { ...fresh(), labels: { to: 'entry' } });
    expect(texts.title).toBe('Entry: Disk &lt;full&gt; &amp; "hot"');
    expect(texts.message).toMatch(/^_Team B_\n\nF: /);
    const shown = await tocsin('render', '--to', 'framed', '--group', group);
    expect(shown).toMatch(/title +\S+words\/title\.hbs\n/);
    expect(shown).toMatch(/message +\S+ \(targets\[3\]\.templates\["message\.slack"\]\)/);
    const other = await tocsin('render', '--to', 'text', '--group', group);
    expect(other).toContain('text is not told of it');
    expect(other).toMatch(/title +\S+ \(sources\[1\]\.templates\.title\)/);
  });

  test('decide groups, resolutions and acknowledgements', async () => {
    const team = { team: 'shop', state: 'BAD' };
    const one = await post('own', { ...fresh(), ...team });
    const last = fresh();
    const two = await post('own', { ...last, ...team });
    expect(two.groups[0]?.id).toBe(one.groups[0]?.id);
    expect((await post('own', { ...last, ...team, owner: 'ann' })).groups[0]?.status).toBe('acknowledged');
    expect((await post('own', { ...last, ...team, over: true })).groups[0]?.status).not.toBe('resolved');
    expect((await post('own', { ...last, team: 'shop', state: 'OK' })).groups[0]?.status).toBe('acknowledged');
    const alone = fresh();
    expect((await post('own', { ...alone, state: 'BAD' })).groups[0]?.status).toBe('firing');
    expect((await post('own', { ...alone, state: 'OK' })).groups[0]?.status).toBe('resolved');
  });

  test('are shown for a stored request too', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${host.address}/api/v1/requests?source=own`, { headers });
    const { items } = (await answer.json()) as { items: { id: number }[] };
    const shown = await tocsin('render', '--to', 'text', '--request', String(items.at(-1)?.id));
    expect(shown).toContain(`── request ${items.at(-1)?.id} to text, text; text is not told of it ──`);
    expect(shown).toContain('Own: Disk <full> & "hot"');
  });

  test('are shown even where the target has no request for them', async () => {
    const { group } = await told('text', 'plain', fresh());
    const shown = await tocsin('render', '--to', 'mute', '--group', group);
    expect(shown).toContain('Text: 97 % *of* it');
    expect(shown).toMatch(/problem: no request: Error: hoarse at \$\{config:targets\/mute\/settings\/url\}\n$/);
  });

  test.each([
    [['--group', 'zzzz'], 'there is no group zzzz'],
    [['--request', '999999'], 'there is no stored request 999999'],
    [[], '--to needs either --group or --request'],
  ])('are asked for what there isn’t: %j', async (words, message) => {
    await expect(tocsin('render', '--to', 'text', ...words)).rejects.toThrow(message);
  });

  test('are asked for a target that there isn’t', async () => {
    await expect(tocsin('render', '--to', 'txt', '--group', 'zzzz')).rejects.toThrow('there is no target "txt"');
    await expect(tocsin('templates', 'diff', 'plan')).rejects.toThrow('there is no source "plan"');
  });
});
