import {
  type HttpResponse,
  type NotificationEvent,
  type NotificationInput,
  renderNotification,
  standardNotifications,
  standardNow,
  standardTemplates,
} from '@tocsin/core';
import { describe, expect, test } from 'vitest';
import slack from '../src/index.ts';

// The steps by which an app tells of a group: a message, its edits, and what stands in its thread.

const token = 'xoxb-made-up';
const settings = slack.settings.parse({ token, channel: 'C024BE91L', signingSecret: 'made-up' });
const ref = 'C024BE91L:1768469400.000247';
const { firing, acknowledged, resolved, updated, silenced } = standardNotifications;

interface Call {
  method: string;
  body: {
    channel: string;
    ts?: string;
    thread_ts?: string;
    text: string;
    attachments: { blocks?: { type: string; block_id?: string; text?: { text: string }; elements?: Element[] }[] }[];
  };
}

interface Element {
  action_id?: string;
  style?: string;
  text?: { text: string };
  options?: { value: string }[];
}

const ok: HttpResponse = { status: 200, headers: {}, body: '{"ok":true}' };

function refused(error: string): HttpResponse {
  return { status: 200, headers: {}, body: JSON.stringify({ ok: false, error }) };
}

/** All calls of a delivery, where Slack takes each, or answers the first ones as given. */
function calls(input: NotificationInput, answers: HttpResponse[] = [], given = settings): Call[] {
  const notification = renderNotification(
    input,
    standardTemplates,
    { medium: 'slack', limits: slack.limits },
    { now: standardNow },
  );
  const made: Call[] = [];
  const answered: HttpResponse[] = [];
  for (;;) {
    const request = slack.request(notification, given, answered);
    if (!request) return made;
    expect(request.headers?.authorization).toBe(`Bearer ${token}`);
    expect(made.length).toBeLessThan(3);
    made.push({ method: request.url.replace('https://slack.com/api/', ''), body: JSON.parse(request.body ?? '') });
    answered.push(answers[answered.length] ?? ok);
  }
}

const methods = (input: NotificationInput, answers?: HttpResponse[]) =>
  calls(input, answers).map(({ method, body }) => (body.thread_ts ? 'reply' : method));

function told(input: NotificationInput, ...since: Pick<NotificationEvent, 'kind' | 'worse'>[]): NotificationInput {
  const events = since.map((event, index) => ({ number: index + 2, at: standardNow, ...event }));
  return { ...input, ref, event: events.at(-1) ?? input.event, since: events };
}

describe('a group', () => {
  test('is told in one message, and where it is comes from the route before the settings', () => {
    expect(methods(firing)).toEqual(['chat.postMessage']);
    expect(calls(firing)[0]?.body.channel).toBe('C024BE91L');
    expect(calls({ ...firing, address: 'C1234567890' })[0]?.body.channel).toBe('C1234567890');
    expect(calls({ ...firing, address: 'T024BE7LD/C1234567890' })[0]?.body.channel).toBe('C1234567890');
  });

  test('without a channel anywhere is no request, but says what to do', () => {
    const bare = slack.settings.parse({ token });
    expect(() => calls(firing, [], bare)).toThrow(/set `channel`, or give an `address`/);
  });

  test.each(Object.entries({ acknowledged, silenced, resolved: told(resolved, { kind: 'resolved' }), updated }))(
    'that is %s is an edit, and calls nobody',
    (_, input) => {
      const [edit, ...others] = calls({ ...input, ref });
      expect(others).toEqual([]);
      expect(edit).toMatchObject({
        method: 'chat.update',
        body: { channel: 'C024BE91L', ts: '1768469400.000247', parse: 'none' },
      });
    },
  );

  test('keeps its message wherever it was told first', () => {
    const [edit] = calls({ ...acknowledged, ref: 'T024BE7LD/C999:17.5', address: 'C1234567890' });
    expect(edit?.body).toMatchObject({ channel: 'C999', ts: '17.5' });
  });

  test('among many in one message is posted, whatever was told before', () => {
    const [post, ...others] = calls({ ...firing, ref, digest: 12 });
    expect([post?.method, post?.body.ts, others]).toEqual(['chat.postMessage', undefined, []]);
  });
});

describe('what is news', () => {
  const inThread: [string, NotificationInput][] = [
    ['a change for the worse', told(updated, { kind: 'updated', worse: true })],
    ['an acknowledgement that is withdrawn', told(firing, { kind: 'unacknowledged' })],
    ['a silence that ends', told(firing, { kind: 'unsilenced' })],
    ['a re-opening', told(firing, { kind: 'resolved' }, { kind: 'firing' })],
    ['a reminder', { ...firing, ref, since: [], reminder: true }],
    ['a change for the worse of what somebody has', told(acknowledged, { kind: 'updated', worse: true })],
  ];

  test.each(inThread)('%s is edited in, and stands in the thread', (_, input) => {
    const [edit, reply, ...others] = calls(input);
    expect(others).toEqual([]);
    expect(edit?.method).toBe('chat.update');
    expect(reply).toMatchObject({
      method: 'chat.postMessage',
      body: { channel: 'C024BE91L', thread_ts: '1768469400.000247', unfurl_links: false },
    });
    expect(JSON.stringify(reply)).not.toContain('"actions"');
  });

  test.each(inThread.filter(([, { reminder }]) => !reminder))('%s is only edited in where nobody asked', (_, input) => {
    expect(methods({ ...input, quiet: true })).toEqual(['chat.update']);
  });

  test.each<[string, NotificationInput]>([
    ['acknowledged', told(acknowledged, { kind: 'updated', worse: true }, { kind: 'acknowledged' })],
    ['silenced', told(silenced, { kind: 'firing' }, { kind: 'silenced' })],
    ['resolved', told(resolved, { kind: 'firing' }, { kind: 'resolved' })],
  ])('has been %s since calls nobody', (_, input) => {
    expect(methods(input)).toEqual(['chat.update']);
  });

  test('a notice stands in the thread, and leaves the message as it is', () => {
    const notice = told(firing, { kind: 'notice' });
    expect(methods(notice)).toEqual(['reply']);
    expect(calls(notice)[0]?.body.text).toMatch(/^Notice/);
  });

  test('a notice after a change leaves the message with how the group is', () => {
    const [edit, reply] = calls(told(acknowledged, { kind: 'acknowledged' }, { kind: 'notice' }));
    expect(edit?.body.text).toMatch(/^Acknowledged · critical: /);
    expect(reply?.body.text).toMatch(/^Notice/);
  });

  test('what somebody wants to be told again stands in the thread', () => {
    expect(methods({ ...acknowledged, ref, replayed: true })).toEqual(['reply']);
  });
});

describe('a message that can’t be edited', () => {
  test.each(['message_not_found', 'cant_update_message', 'edit_window_closed', 'is_inactive'])(
    '(%s) is posted anew, once, and with buttons',
    (error) => {
      const worse = {
        ...told(firing, { kind: 'unacknowledged' }),
        offer: { handle: 'h', actions: ['resolve' as const] },
      };
      const made = calls(worse, [refused(error)]);
      expect(made.map(({ method }) => method)).toEqual(['chat.update', 'chat.postMessage']);
      expect(made[1]?.body).not.toHaveProperty('thread_ts');
      expect(JSON.stringify(made[1])).toContain('"actions"');
      expect(methods(worse, [refused(error), refused(error)])).toEqual(['chat.update', 'chat.postMessage']);
    },
  );

  test('whose thread takes nothing is followed by a new one', () => {
    const made = methods(told(firing, { kind: 'unacknowledged' }), [ok, refused('cannot_reply_to_message')]);
    expect(made).toEqual(['chat.update', 'reply', 'chat.postMessage']);
  });

  test('because its reference is none is posted anew', () => {
    expect(methods({ ...acknowledged, ref: 'https://example.com/' })).toEqual(['chat.postMessage']);
  });
});

describe('the buttons', () => {
  const all = ['acknowledge', 'unacknowledge', 'resolve', 'silence', 'unsilence'] as const;
  const acting = (input: NotificationInput) =>
    (calls(input)[0]?.body.attachments ?? [])
      .flatMap(({ blocks = [] }) => blocks)
      .filter(({ type }) => type === 'actions');

  test('seed-O11 are those that are offered, and bring back the handle', () => {
    const [row, ...others] = acting({ ...firing, offer: { handle: 'Ab_9-', actions: [...all] } });
    expect(others).toEqual([]);
    expect(row?.block_id).toBe('Ab_9-.1');
    expect(row?.elements?.map(({ action_id }) => action_id)).toEqual(all);
    expect(row?.elements?.[0]).toMatchObject({ style: 'primary', text: { text: 'Acknowledge' } });
    const minutes = row?.elements?.find(({ action_id }) => action_id === 'silence')?.options?.map(({ value }) => value);
    expect(minutes).toEqual(expect.arrayContaining(['60', '240', '1440']));
  });

  test('have a place of their own at each event, or a menu would keep what was chosen', () => {
    const offer = { handle: 'h'.repeat(100), actions: [...all] };
    const ids = [
      { ...firing, offer },
      { ...acknowledged, ref, offer },
    ].map((input) => acting(input)[0]?.block_id ?? '');
    expect(new Set(ids).size).toBe(2);
    expect(Math.max(...ids.map((id) => id.length))).toBeLessThanOrEqual(255);
  });

  test('are not there without an offer, or once it is over', () => {
    expect(acting(firing)).toEqual([]);
    expect(acting({ ...resolved, ref, offer: { handle: 'h', actions: ['acknowledge'] } })).toEqual([]);
  });
});

describe('what somebody has already', () => {
  const held: NotificationInput = {
    ...acknowledged,
    ref,
    group: { ...acknowledged.group, acknowledgedBy: 'Ann <Ops>, *Ben*', acknowledgedAt: standardNow - 60_000 },
    offer: { handle: 'h', actions: ['acknowledge', 'unacknowledge'] },
  };
  const sections = (input: NotificationInput) =>
    (calls(input)[0]?.body.attachments.at(-1)?.blocks ?? []).flatMap(({ text }) => text?.text ?? []);

  test('seed-O12 says who, when and why, and that others may join', () => {
    expect(sections(held)).toEqual([
      expect.stringMatching(
        /^\*Already acknowledged by Ann &lt;Ops&gt;, ∗Ben∗\* {2}· {2}<!date\^1768469400\^[^>]+>\n“I delete old logs\.”$/,
      ),
    ]);
    expect(JSON.stringify(calls(held)).match(/I delete old logs/g)).toHaveLength(1);
    expect(JSON.stringify(calls(held))).toContain('Acknowledge too');
  });

  test('says so at later changes, too', () => {
    const later = { ...told(held, { kind: 'updated' }), group: { ...held.group, firing: 2, members: 2 } };
    expect(sections(later)).toEqual([
      expect.stringMatching(/^\*Already acknowledged by Ann .+\* {2}· {2}<!date\^1768469340\^[^>]+>$/),
    ]);
  });

  test('says so under a silence', () => {
    const { acknowledgedBy } = held.group;
    const text = sections({ ...silenced, ref, group: { ...silenced.group, acknowledgedBy } });
    expect(text).toEqual([expect.stringContaining('Already acknowledged by Ann')]);
  });
});
