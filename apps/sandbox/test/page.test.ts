import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildSandbox } from '../src/index.ts';
import type { MessageView } from '../src/message-view.ts';

let app: ReturnType<typeof buildSandbox>;
const abort: AbortController[] = [];
beforeEach(() => {
  app = buildSandbox({ now: () => new Date('2026-03-02T23:30:00Z') });
});
afterEach(async () => {
  for (const controller of abort.splice(0)) controller.abort();
  await app.close();
});

const post = (text: string, path = '/slack/ops') => app.inject({ method: 'POST', url: path, payload: { text } });

interface Event {
  id: string;
  event: string;
  data: Partial<MessageView>;
}

/** Follows the page’s events over a real connection; `next()` resolves with each in turn, but for the list of workspaces. */
async function follow(url: string, headers: Record<string, string> = {}) {
  const controller = new AbortController();
  abort.push(controller);
  const answer = await fetch(url, { headers, signal: controller.signal });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<Event> => {
    while (!text.includes('\n\n')) {
      const { value, done } = await reader.read();
      if (done) throw new Error('the stream has ended');
      text += value;
    }
    const [event = ''] = text.split('\n\n', 1);
    text = text.slice(event.length + 2);
    const fields = Object.fromEntries(event.split('\n').map((line) => line.split(/: (.*)/s)));
    if (fields.event === 'slack') return next();
    return { id: fields.id, event: fields.event, data: JSON.parse(fields.data) };
  };
  return { answer, next };
}

describe('the page', () => {
  it('comes with a strict policy and no script or style of its own', async () => {
    const page = await app.inject('/');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain('unsafe');
    expect(page.body).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]* src=)|javascript:/i);
    expect(page.body).toContain('aria-live="polite"');
  });

  it('finds every file that it names', async () => {
    const page = (await app.inject('/')).body;
    const script = (await app.inject('/page.js')).body + (await app.inject('/slack.js')).body;
    const named = [...page.matchAll(/(?:src|href)="(\/[^"#]+)"/g), ...script.matchAll(/from '(\/[^']+)'/g)].map(
      ([, path]) => path!,
    );
    expect(named).toEqual(
      expect.arrayContaining(['/page.js', '/page.css', '/slack-model.js', '/view.js', '/icon.svg']),
    );
    for (const path of named) expect((await app.inject(path)).statusCode, path).toBe(200);
  });

  it('builds its messages without a way to markup', async () => {
    for (const file of ['/page.js', '/dom.js', '/slack.js', '/view.js']) {
      expect((await app.inject(file)).body).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(/,
      );
    }
  });

  it('has an element for every id that its script looks up', async () => {
    const page = (await app.inject('/')).body;
    const scripts = (await app.inject('/page.js')).body + (await app.inject('/slack.js')).body;
    const ids = [...scripts.matchAll(/(?:byId|say)\(\s*'([a-z-]+)'/g)].map(([, id]) => id!);
    expect(ids).toEqual(expect.arrayContaining(['feed', 'slack-teams', 'slack-callbacks']));
    for (const id of ids) expect(page).toContain(`id="${id}"`);
  });
});

describe('its events', () => {
  it('bring the stored messages, then each as it arrives, in the reader’s zone', async () => {
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    await post('<!date^1772494200^{date_num} {time}|x>');
    const { answer, next } = await follow(`${url}/events?zone=Asia/Tokyo`);
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect((await next()).event).toBe('cleared');
    expect((await next()).data).toMatchObject({ id: 1, channel: '#ops', summary: '2026-03-03 08:30' });
    await post('second');
    expect((await next()).data).toMatchObject({ id: 2, summary: 'second' });
  });

  it('tell when everything was deleted', async () => {
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const { next } = await follow(`${url}/events`);
    await next();
    await post('first');
    await next();
    await app.inject({ method: 'DELETE', url: '/messages' });
    expect((await next()).event).toBe('cleared');
    await post('second');
    expect((await next()).data).toMatchObject({ id: 2 });
  });

  it('go on where a reader left off, and begin anew in another sandbox', async () => {
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    await post('first');
    const first = await follow(`${url}/events`);
    await first.next();
    const { id } = await first.next();
    await post('second');
    const again = await follow(`${url}/events`, { 'last-event-id': id });
    expect((await again.next()).data).toMatchObject({ id: 2 });

    const other = await follow(`${url}/events`, { 'last-event-id': `another-run${id.slice(id.indexOf(':'))}` });
    expect((await other.next()).event).toBe('cleared');
    expect((await other.next()).data).toMatchObject({ id: 1 });
  });

  it('go to a bounded number of readers', async () => {
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    for (let count = 0; count < 50; count += 1) await follow(`${url}/events`);
    expect((await fetch(`${url}/events`)).status).toBe(503);
  });
});
