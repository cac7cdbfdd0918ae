import type { GroupStatus } from '@tocsin/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostContext } from '../src/context.ts';
import { groupList } from '../src/pages/group-list.ts';
import { firing, noon, openTestHost, type TestHost, tokens } from './api-host.ts';
import { dangers, elementsOf, lacks } from './pages-structure.ts';

const minute = 60_000;
const origin = 'http://127.0.0.1:8080';
const form = { origin, 'content-type': 'application/x-www-form-urlencoded' };

function textOf(page: string): string {
  return (
    elementsOf(page)
      .find(({ tag }) => tag === 'main')
      ?.text.replace(/\s+/g, ' ') ?? ''
  );
}

let host: TestHost;
let cookies: Record<'oli' | 'vic', string>;

beforeAll(async () => {
  host = await openTestHost();
  cookies = { oli: await host.signIn(tokens.oli), vic: await host.signIn(tokens.vic) };
});
afterAll(() => host.close());

async function open(url: string, cookie = cookies.oli) {
  const answer = await host.app.inject({ url, headers: { cookie, accept: 'text/html' } });
  return {
    status: answer.statusCode,
    page: answer.body,
    text: answer.headers['content-type']?.includes('html') ? textOf(answer.body) : '',
  };
}

function press(url: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const payload = new URLSearchParams(fields).toString();
  return host.app.inject({
    method: 'POST',
    url,
    headers: { ...form, cookie: cookies.oli, accept: 'text/html', ...headers },
    payload,
  });
}

let number = 0;
function fresh(): Promise<string> {
  number++;
  return host.alert({ group: `fresh-${number}`, fingerprint: `fresh-${number}` });
}

describe('the page of a group', () => {
  it('says in words how it stands, since when, who did what, and who was told', async () => {
    host.at(-90 * minute);
    const id = await host.alert({
      group: 'told',
      fingerprint: 'told-1',
      labels: { alertname: 'QueueGrows', queue: 'a', env: 'live' },
    });
    await host.alert({
      group: 'told',
      fingerprint: 'told-2',
      severity: 'warning',
      labels: { alertname: 'QueueGrows', queue: 'b', env: 'live' },
    });
    await host.deliver({ outcome: 'delivered' }, { response: { status: 200, headers: {}, body: 'ok' } });
    host.at(-60 * minute);
    await host.store.commit([{ kind: 'action', action: 'acknowledge', group: id, actor: 'ann', comment: 'Looking' }]);
    host.at(0);
    const { status, page, text } = await open(`/g/${id}`);
    expect(status).toBe(200);
    expect(lacks(page)).toEqual([]);
    expect(dangers(page)).toEqual([]);
    for (const words of [
      'Acknowledged',
      'critical',
      'QueueGrows',
      'env=live',
      '1 Mar 2026, 10:30 CET (1 hour ago)',
      'by ann, 1 Mar 2026, 11:00 CET (1 hour ago)',
      'prod (Beacon <b>Monitor</b>)',
      '2 alerts firing',
      'queue=a',
      'queue=b',
      'Acknowledged by ann',
      'Looking',
      'told firing 1 hour ago',
      'Delivered 1 hour ago, HTTP 200',
    ]) {
      expect(text).toContain(words);
    }
    expect(page).toContain('<time datetime="2026-03-01T09:30:00.000Z">');
    // What all alerts share stands once, on top.
    expect(text.split('env=live')).toHaveLength(2);
    expect(page).toContain('<title>QueueGrows (acknowledged) · Tocsin</title>');
  });

  it.each<[GroupStatus, string]>([
    ['firing', 'Firing'],
    ['acknowledged', 'Acknowledged'],
    ['silenced', 'Silenced'],
    ['resolved', 'Resolved'],
  ])('shows %s as a word with a shape of its own', async (status, word) => {
    const id = await fresh();
    const action = { acknowledged: 'acknowledge', silenced: 'silence', resolved: 'resolve', firing: undefined }[status];
    if (action) await press(`/g/${id}/${action}`, { incarnation: '1', until: '1h' });
    const { page } = await open(`/g/${id}`);
    const mark = elementsOf(page).find(
      ({ tag, attributes }) => tag === 'span' && attributes.class === `status ${status}`,
    );
    expect(mark?.text).toBe(word);
    const shape = /<span class="status (\w+)"><svg[^>]*>(.*?)<\/svg>/.exec(page)?.[2];
    expect(shape).toBeTruthy();
    shapes.add(shape ?? '');
    expect(lacks(page)).toEqual([]);
  });
  const shapes = new Set<string>();
  it('has as many shapes as statuses', () => {
    expect(shapes.size).toBe(4);
  });

  it('says what fails, what comes next, and what was given up', async () => {
    const id = await fresh();
    await host.deliver({ outcome: 'retry', reason: 'HTTP 503: later', after: 10 * minute });
    expect((await open(`/g/${id}`)).text).toContain('Failing: 1 attempt failed, the next is due in 10 minutes');
    expect((await open(`/g/${id}`)).text).toContain('Failed just now: HTTP 503: later');
    const given = await fresh();
    await host.deliver({ outcome: 'refused', reason: 'HTTP 404: no_service' });
    expect((await open(`/g/${given}`)).text).toContain('Given up: HTTP 404: no_service');
  });

  it('says why nobody is told, and what to do', async () => {
    const id = await host.alert({ group: 'nobody', fingerprint: 'nobody', labels: { team: 'nobody' } });
    const { text } = await open(`/g/${id}`);
    expect(text).toContain('Nobody: no route in tocsin.yaml takes these alerts to a target. Add one');
  });

  it('shows a long log and many alerts page by page', async () => {
    let id = '';
    for (let count = 0; count < 55; count++) {
      // Within a second of each other they would be one event.
      host.at(count * 2_000);
      id = await host.alert({ group: 'long', fingerprint: `long-${count}`, labels: { name: `alert ${count}` } });
    }
    host.at(0);
    const first = await open(`/g/${id}`);
    expect(lacks(first.page)).toEqual([]);
    expect(elementsOf(first.page).filter(({ tag, inside }) => tag === 'tr' && inside.includes('tbody')).length).toBe(
      50 + 1,
    );
    const more = hrefOf(first.page, 'More alerts');
    expect((await open(more)).text).toContain('alert 54');
    const older = await open(hrefOf(first.page, 'Older'));
    expect(older.text).toContain('Fired');
    expect(lacks(older.page)).toEqual([]);
    const numbers = [first.page, older.page].map((page) => /<ol class="timeline"[^>]*start="(\d+)"/.exec(page)?.[1]);
    expect(numbers).toEqual(['55', '25']);
  });

  it('links an address in a label, and nothing that only looks like one', async () => {
    const id = await host.alert({
      group: 'links',
      fingerprint: 'links',
      labels: {
        runbook: 'https://run.example/a?b=1&c="2"',
        bad: 'javascript:alert(1)',
        worse: ' https://x',
        data: 'data:text/html,x',
      },
    });
    const links = elementsOf((await open(`/g/${id}`)).page).filter(
      ({ tag, attributes }) => tag === 'a' && attributes.rel,
    );
    expect(links.map(({ attributes }) => attributes.href)).toEqual(['https://run.example/a?b=1&c=%222%22']);
    expect(links[0]?.attributes.rel).toContain('noopener');
  });

  it('says that there is no such group', async () => {
    const { status, page, text } = await open('/g/zzzz');
    expect(status).toBe(404);
    expect(text).toContain('There is no group "zzzz".');
    expect(lacks(page)).toEqual([]);
  });
});

function hrefOf(page: string, text: string): string {
  const link = elementsOf(page).find((element) => element.tag === 'a' && element.text === text);
  if (!link?.attributes.href) throw new Error(`no link ${text}`);
  return link.attributes.href.replace(/#.*/, '');
}

describe('acting', () => {
  it.each([
    ['acknowledge', {}, 'Acknowledged – ', 'Acknowledged: you are on it.', 'acknowledged'],
    ['resolve', {}, 'Resolved – ', 'Resolved by hand.', 'resolved'],
    ['silence', { until: '4h' }, 'Silenced – ', 'Updates are held back', 'silenced'],
  ])('%s is done, told, and announced', async (action, fields, title, words, status) => {
    const id = await fresh();
    const answer = await press(`/g/${id}/${action}`, { ...fields, incarnation: '1', comment: 'mine' });
    expect(answer.statusCode).toBe(303);
    expect(answer.headers.location).toBe(`/g/${id}?result=${action}#result`);
    const { page } = await open(`/g/${id}?result=${action}`);
    const banner = elementsOf(page).find(({ attributes }) => attributes.role === 'status');
    expect(banner?.text).toContain(words);
    expect(banner?.attributes).toMatchObject({ id: 'result', tabindex: '-1' });
    expect(elementsOf(page).find(({ tag }) => tag === 'title')?.text).toContain(title);
    const [event] = (await host.store.query.events(id, { limit: 1, after: '1' })).items;
    expect(event).toMatchObject({ actor: 'oli', comment: 'mine', after: { status } });
  });

  it('undoes: takes back, ends a silence', async () => {
    const id = await fresh();
    await press(`/g/${id}/acknowledge`, { incarnation: '1' });
    await press(`/g/${id}/silence`, { incarnation: '1', until: '1h' });
    const buttons = elementsOf((await open(`/g/${id}`)).page)
      .filter(({ tag }) => tag === 'button')
      .map(({ text }) => text);
    expect(buttons).toEqual(expect.arrayContaining(['Take the acknowledgement back', 'End the silence']));
    expect(buttons).not.toContain('Acknowledge');
    await press(`/g/${id}/unsilence`, { incarnation: '1' });
    await press(`/g/${id}/unacknowledge`, { incarnation: '1' });
    expect(await host.store.query.group(id)).toMatchObject({ status: 'firing' });
  });

  it('offers the next morning in the zone of the host', async () => {
    const { page } = await open(`/g/${await fresh()}`);
    const button = elementsOf(page).find(({ text, tag }) => tag === 'button' && text.includes('09:00'));
    expect(button?.text).toBe('Silence until 09:00 tomorrow');
    expect(button?.attributes).toMatchObject({ name: 'until', value: '2026-03-02T08:00:00.000Z' });
  });

  it.each([
    ['an older firing', { incarnation: '0' }, 'older-incarnation', 'it has fired again'],
    [
      'a morning that has passed',
      { incarnation: '1', until: '2026-02-01T08:00:00.000Z' },
      'silence-past',
      'would have ended',
    ],
  ])('refuses %s and says so', async (_what, fields, result, words) => {
    const id = await fresh();
    const answer = await press(`/g/${id}/silence`, { until: '1h', ...fields });
    expect(answer.headers.location).toBe(`/g/${id}?result=${result}#result`);
    expect((await open(`/g/${id}?result=${result}`)).text).toContain(words);
    expect(await host.store.query.group(id)).toMatchObject({ status: 'firing', events: 1 });
  });

  it('says that the group is resolved, or was so already', async () => {
    const id = await fresh();
    await press(`/g/${id}/acknowledge`, { incarnation: '1' });
    expect((await press(`/g/${id}/acknowledge`, { incarnation: '1' })).headers.location).toContain('result=unchanged');
    await press(`/g/${id}/resolve`, { incarnation: '1' });
    expect((await press(`/g/${id}/acknowledge`, { incarnation: '1' })).headers.location).toContain('result=resolved');
    expect((await open(`/g/${id}?result=resolved`)).text).toContain('the group is resolved already');
  });

  it('announces nothing that did not happen', async () => {
    const id = await fresh();
    for (const result of ['resolve', 'acknowledge', '__proto__', '<b>']) {
      const { page } = await open(`/g/${id}?result=${encodeURIComponent(result)}`);
      expect(page).not.toContain('role="status"');
    }
  });

  it('refuses a form that was changed by hand', async () => {
    const id = await fresh();
    expect((await press(`/g/${id}/resolve`, {})).statusCode).toBe(400);
    expect((await press(`/g/${id}/silence`, { incarnation: '1', until: 'soon' })).statusCode).toBe(400);
    expect((await press(`/g/${id}/resolve`, { incarnation: '1', comment: 'x'.repeat(1001) })).statusCode).toBe(400);
    expect((await press(`/g/zzzz/resolve`, { incarnation: '1' })).statusCode).toBe(404);
    expect((await press(`/g/${id}/delete`, { incarnation: '1' })).statusCode).toBe(404);
    expect((await press(`/g/${id}/resolve`, { incarnation: '1', comment: 'x'.repeat(20_000) })).statusCode).toBe(413);
    expect(await host.store.query.group(id)).toMatchObject({ status: 'firing', events: 1 });
  });

  it('shows a viewer no buttons, and refuses what a viewer sends', async () => {
    const id = await fresh();
    const { page, text } = await open(`/g/${id}`, cookies.vic);
    expect(
      elementsOf(page)
        .filter(({ tag }) => tag === 'button')
        .map(({ text }) => text),
    ).toEqual(['Sign out']);
    expect(text).toContain('Your token may look, not act');
    const answer = await press(`/g/${id}/acknowledge`, { incarnation: '1' }, { cookie: cookies.vic });
    expect(answer.statusCode).toBe(403);
    expect(textOf(answer.body)).toContain('needs the role operator');
    expect(await host.store.query.group(id)).toMatchObject({ status: 'firing' });
  });
});

describe('text from outside', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</title></main><h1>mine</h1>',
    '&lt;b&gt; &#60;',
    '`${7*7}` {{key}}',
    '\u202Egnp.exe',
  ];

  it.each(hostile)('is shown as it is and never becomes markup: %s', async (text) => {
    number++;
    const names = { group: `hostile-${number} ${text}`, fingerprint: `hostile-${number} ${text}` };
    const id = await host.alert({
      ...names,
      labels: { alertname: text, [text]: text },
      data: JSON.stringify({ [text]: text }),
    });
    await host.deliver({ outcome: 'retry', reason: text });
    await host.store.commit([
      { kind: 'action', action: 'acknowledge', group: id, actor: text, comment: text },
      { kind: 'action', action: 'silence', group: id, actor: text, comment: text, until: noon + 60_000 },
      { ...firing, ...names, status: 'notice', actor: text, comment: text },
    ]);
    for (const url of [`/g/${id}`, '/']) {
      const { page, text: shown } = await open(url);
      expect(shown).toContain(text);
      expect(lacks(page)).toEqual([]);
      expect(dangers(page)).toEqual([]);
    }
  });
});

describe('the list', () => {
  it('shows the newest first, filters, and pages', async () => {
    const own = await openTestHost();
    try {
      const cookie = await own.signIn(tokens.vic);
      const read = async (url: string) => (await own.app.inject({ url, headers: { cookie } })).body;
      for (let count = 0; count < 53; count++) {
        await own.alert({ group: `g-${count}`, fingerprint: `g-${count}`, labels: { alertname: `Group ${count}` } });
      }
      const resolved = await own.alert({ group: 'g-7', fingerprint: 'g-7', status: 'resolved' });
      const first = await read('/');
      expect(lacks(first)).toEqual([]);
      const titles = (page: string) =>
        elementsOf(page)
          .filter(({ tag, attributes }) => tag === 'a' && attributes.href?.startsWith('/g/'))
          .map(({ text }) => text);
      expect(titles(first)).toHaveLength(50);
      expect(titles(first)[0]).toBe('Group 52');
      expect(titles(await read(hrefOf(first, 'Older')))).toEqual(['Group 2', 'Group 1', 'Group 0']);
      const filtered = await read('/?status=resolved');
      expect(titles(filtered)).toHaveLength(1);
      expect(filtered).toContain(`/g/${resolved}`);
      const current = elementsOf(filtered).filter(({ attributes }) => attributes['aria-current'] === 'page');
      expect(current.map(({ text }) => text)).toEqual(['resolved']);
      expect(textOf(await read('/?status=silenced'))).toContain('No group is silenced now');
      expect(lacks(await read('/?status=silenced'))).toEqual([]);
      expect(titles(await read('/?status=nonsense&after=x'))).toHaveLength(50);
    } finally {
      await own.close();
    }
  });

  it('tells what to do while it is empty', () => {
    const emptyList = (sources: HostContext['registry']['sources']) =>
      groupList({
        query: { status: undefined, after: undefined },
        page: { items: [], next: null },
        context: { ...host.context, registry: { ...host.context.registry, sources } },
        clock: { now: noon, zone: 'UTC' },
      }).toString();
    const connected = emptyList(host.context.registry.sources);
    expect(connected).toContain('No alert has arrived yet');
    expect(connected).toContain('<code>http://127.0.0.1:8080/in/prod/<var>key</var></code>');
    expect(emptyList(new Map())).toContain('Nothing is connected yet');
  });

  it('calls a group of notices a notice, not resolved', async () => {
    await host.store.commit([
      { ...firing, group: 'note', fingerprint: 'note', status: 'notice', labels: { alertname: 'Downtime begins' } },
    ]);
    const { text } = await open('/');
    expect(text).toContain('Notice criticalDowntime begins prodnone fired');
  });
});
