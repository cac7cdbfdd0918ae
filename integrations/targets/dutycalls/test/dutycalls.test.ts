import {
  type HttpRequest,
  type HttpResponse,
  type NotificationEvent,
  type NotificationInput,
  renderNotification,
  type StandardNotification,
  standardNotifications,
  standardNow,
  standardTemplates,
} from '@tocsin/core';
import { describe, expect, test } from 'vitest';
import dutycalls from '../src/index.ts';

// What follows the first request: the suite holds that one by the examples.

const settings = dutycalls.settings.parse({ login: 'a', password: 'b', channels: ['first', 'second'] });

const answerOf = (...sids: string[]): HttpResponse => ({
  status: 201,
  headers: {},
  body: JSON.stringify({ tickets: sids.map((sid, index) => ({ sid, channel: settings.channels[index] })) }),
});
const done: HttpResponse = { status: 204, headers: {}, body: '' };
const ref = 'sid-1 sid-2';

function requestFor(input: NotificationInput, answers: readonly HttpResponse[] = []): HttpRequest | undefined {
  const medium = { medium: 'text', limits: dutycalls.limits } as const;
  const notification = renderNotification(input, standardTemplates, medium, { now: standardNow });
  return dutycalls.request(notification, settings, answers);
}

/** As `POST ticket?channel=first`, with the body. */
function callFor(input: NotificationInput, answers: readonly HttpResponse[] = []): [call: string, body: object] {
  const { method, url, body = '' } = requestFor(input, answers) ?? { method: 'none', url: '' };
  const path = url.replace('https://dutycalls.me/api/', '');
  return [`${method} ${path}`, JSON.parse(body || '{}')];
}

/** The standard notification as it follows another: what it tells of is what the event says. */
function following(name: StandardNotification, changes: Partial<NotificationInput> = {}): NotificationInput {
  const input: NotificationInput = standardNotifications[name];
  return { ...input, since: [input.event], ref, ...changes };
}

const firingAgain: NotificationEvent = { number: 3, kind: 'firing', at: standardNow };

describe('A group is one ticket in each channel', () => {
  test('seed-D14 a ticket has what DutyCalls knows of tickets', () => {
    const [call, ticket] = callFor(standardNotifications.firing);
    expect(call).toBe('POST ticket?channel=first&channel=second');
    expect(ticket).toEqual({
      title: '/var on db-1 is 97 % full',
      body: expect.stringMatching(/^Firing · critical\n\nAt the present rate .*\nSince 2026-01-15 09:23 UTC\n/s),
      dateTime: Date.UTC(2026, 0, 15, 9, 23) / 1000,
      severity: 'high',
      sender: 'prod',
      link: 'https://alerts.example.com/g/g-1f3a',
      identifier: 'g-1f3a',
      dedupKey: 'https://alerts.example.com/g/g-1f3a',
    });
  });

  test('seed-D15 the tickets of all channels are the handle', () => {
    expect(dutycalls.outcome?.(answerOf('sid-1', 'sid-2'), settings)).toEqual({ outcome: 'delivered', ref });
    expect(dutycalls.outcome?.(done, settings)).toEqual({ outcome: 'delivered' });
  });

  test('an address is the channel in place of all', () => {
    expect(callFor({ ...standardNotifications.firing, address: 'Data base team & co' })[0]).toBe(
      'POST ticket?channel=Data+base+team+%26+co',
    );
  });

  test('a playground has the same API elsewhere', () => {
    const playground = { ...settings, baseUrl: 'https://playground.dutycalls.me/api/' };
    const { firing } = standardNotifications;
    const medium = { medium: 'text', limits: {} } as const;
    const notification = renderNotification(firing, standardTemplates, medium, { now: standardNow });
    expect(dutycalls.request(notification, playground, [])?.url).toMatch(
      /^https:\/\/playground\.dutycalls\.me\/api\/ticket\?/,
    );
  });
});

describe('What happens to it is told to its tickets', () => {
  test.each<StandardNotification>(['acknowledged', 'silenced', 'updated'])('seed-D18 %s is a hit', (name) => {
    const [call, hit] = callFor(following(name));
    expect(call).toBe('POST ticket/hit?sid=sid-1&sid=sid-2');
    expect(hit).toEqual({
      summary: expect.stringMatching(/^(Acknowledged by ann|Silenced by ann|Update) · .*\/var on db-1 is 97 % full/),
      timestamp: standardNow,
    });
    expect(requestFor(following(name), [done])).toBeUndefined();
  });

  test('a reminder is a hit', () => {
    expect(callFor(following('firing', { since: [], reminder: true }))).toEqual([
      'POST ticket/hit?sid=sid-1&sid=sid-2',
      expect.objectContaining({ summary: 'Still firing · critical: /var on db-1 is 97 % full' }),
    ]);
  });

  test('a withdrawn acknowledgement makes them unacknowledged', () => {
    const event: NotificationEvent = {
      number: 3,
      kind: 'unacknowledged',
      at: standardNow,
      actor: 'ann',
      comment: 'no',
    };
    expect(callFor(following('firing', { event, since: [event] }))).toEqual([
      'PUT ticket/status?sid=sid-1&sid=sid-2',
      {
        status: 'unacknowledged',
        comment: 'Acknowledgement withdrawn by ann · critical: /var on db-1 is 97 % full “no”',
      },
    ]);
  });

  test('seed-D15 closes every ticket', () => {
    expect(callFor(following('resolved'))).toEqual([
      'PUT ticket/status?sid=sid-1&sid=sid-2',
      { status: 'closed', comment: 'Resolved · was critical: /var on db-1 is 97 % full' },
    ]);
    expect(requestFor(following('resolved'), [done])).toBeUndefined();
  });
});

describe('Where the tickets are not known, DutyCalls finds them by their key', () => {
  test.each<[string, NotificationInput]>([
    ['fires again', following('firing', { event: firingAgain, since: [firingAgain] })],
    ['was acknowledged before it was told', { ...standardNotifications.acknowledged, since: [firingAgain] }],
    ['is told of by a subscription that began later', { ...standardNotifications.updated }],
  ])('when it %s', (_, input) => {
    const [call, body] = callFor(input);
    expect([call, body]).toEqual([
      'POST ticket?channel=first&channel=second',
      expect.objectContaining({ dedupKey: 'https://alerts.example.com/g/g-1f3a' }),
    ]);
    expect(requestFor(input, [answerOf('sid-3', 'sid-4')])).toBeUndefined();
  });

  test.each<[string, NotificationInput]>([
    ['before it is told', standardNotifications.resolved],
    [
      'and the answer to its opening was lost, those of an earlier one are not closed in their place',
      following('resolved', { since: [firingAgain, standardNotifications.resolved.event] }),
    ],
  ])('seed-D15 when it is over %s, every ticket that is found is closed', (_, input) => {
    const [call, ticket] = callFor(input);
    expect([call, ticket]).toEqual([
      'POST ticket?channel=first&channel=second',
      expect.objectContaining({ title: 'Resolved · was critical: /var on db-1 is 97 % full' }),
    ]);
    expect(ticket).not.toHaveProperty('severity');
    const found = answerOf('sid-3', 'sid-4');
    expect(callFor(input, [found])).toEqual([
      'PUT ticket/status?sid=sid-3&sid=sid-4',
      expect.objectContaining({ status: 'closed' }),
    ]);
    expect(requestFor(input, [found, done])).toBeUndefined();
    expect(requestFor(input, [done])).toBeUndefined();
  });

  test('many groups at once are a ticket that nobody closes but people', () => {
    const digest = { ...standardNotifications.resolved, digest: 40 };
    expect(callFor(digest)[0]).toBe('POST ticket?channel=first&channel=second');
    expect(requestFor(digest, [answerOf('sid-5')])).toBeUndefined();
  });
});

test.each([
  [401, '{"error":"Invalid API key provided."}', /copy both anew, from Sources → Setup/],
  [
    400,
    '{"error":"The channel with the name: x, does not exist or is not linked to the current service."}',
    /`channels`/,
  ],
  [403, '', /the source/],
  [404, '', /`baseUrl`/],
  [200, '<!doctype html>', /`baseUrl`/],
])('%d %s says what to replace', (status, body, setUp) => {
  expect(dutycalls.outcome?.({ status, headers: {}, body }, settings)).toMatchObject({
    outcome: 'refused',
    setUp: expect.stringMatching(setUp),
  });
});
