import {
  type Notification,
  renderNotification,
  standardNotifications,
  standardNow,
  standardTemplates,
} from '@tocsin/core';
import { describe, expect, test } from 'vitest';
import webhook from '../src/index.ts';

function request(given: object, name: keyof typeof standardNotifications = 'firing') {
  const settings = webhook.settings.parse({ url: 'https://receiver.example.com/', ...given });
  if (typeof webhook.medium !== 'function') throw new Error('the medium is a setting');
  const target = { medium: webhook.medium(settings), limits: webhook.limits };
  const notification = renderNotification(standardNotifications[name], standardTemplates, target, { now: standardNow });
  return webhook.request(notification, settings, []);
}

test('seed-D11 the body is exactly a text, by POST, as JSON', () => {
  expect(request({})).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
  const body = JSON.parse(request({})?.body ?? '');
  expect(Object.keys(body)).toEqual(['text']);
  expect(body.text).toMatch(/^Firing · critical: \/var on db-1 is 97 % full\n\nAt the present rate/);
  expect(body.text).toContain('Open alert: https://alerts.example.com/g/g-1f3a\n');
});

test('seed-D12 a title and an address may stand beside the same text', () => {
  const { text } = JSON.parse(request({})?.body ?? '');
  expect(JSON.parse(request({ body: 'rich' })?.body ?? '')).toEqual({
    title: 'Firing · critical: /var on db-1 is 97 % full',
    text,
    url: 'https://alerts.example.com/g/g-1f3a',
  });
});

describe('seed-K6 a method', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s has the body', (method) => {
    const sent = request({ method });
    expect(sent?.method).toBe(method);
    expect(sent?.body).toBe(request({})?.body);
  });

  test.each(['GET', 'HEAD'])('%s has none, and no type of one', (method) => {
    expect(request({ method })).toEqual({
      method,
      url: 'https://receiver.example.com/',
      headers: { 'webhook-id': 'g-1f3a-ops-1' },
    });
  });

  test('that HTTP does not have, or in small letters, is refused', () => {
    for (const method of ['TRACE', 'post', '']) {
      expect(webhook.settings.safeParse({ url: 'https://receiver.example.com/', method }).success).toBe(false);
    }
  });
});

describe('seed-K8 a payload of one’s own', () => {
  const payload = '{"who": "{{alert.labels.host}}", "used": {{.used}}, "say": "{{title}}\\n{{.nobody}}"}';

  test('is what is sent, with what the alert’s payload has', () => {
    const sent = request({ payload: payload.replace('{{.nobody}}', ''), method: 'PUT' });
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      who: 'db-1',
      used: 0.97,
      say: '/var on db-1 is 97 % full\n',
    });
  });

  test('that names what is not there is refused with its path', () => {
    expect(() => request({ payload })).toThrow("payload:1 can't be rendered: payload.nobody is missing");
  });

  test('may be text', () => {
    const sent = request({ payload: '{{headline}} "{{.used}}"', contentType: 'text/plain; charset=utf-8' });
    expect(sent?.body).toBe('Firing · critical "0.97"');
    expect(sent?.headers?.['content-type']).toBe('text/plain; charset=utf-8');
  });

  test('is given once, for a method that has a body', () => {
    const reasons = (given: object) =>
      webhook.settings
        .safeParse({ url: 'https://receiver.example.com/', ...given })
        .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(reasons({ payload: '{}', body: 'rich' })).toEqual([
      'payload: takes the place of `body`; remove one of them',
    ]);
    expect(reasons({ payload: '{}', method: 'GET' })?.[0]).toContain('GET has no body');
    expect(reasons({ payload: '{}', headers: { 'content-type': 'text/plain' } })?.[0]).toContain('`contentType`');
    expect(reasons({ payload: '{"a": }' })?.[0]).toContain('gives no JSON');
    expect(reasons({ payload: '{"a": "{{.a}}"', contentType: 'text/plain' })).toBeUndefined();
  });
});

test('the body may be everything that is known', () => {
  const body: Notification = JSON.parse(request({ body: 'notification' }, 'updated')?.body ?? '');
  expect(body).toMatchObject({
    headline: 'Update · critical · 2 of 3 firing',
    group: { firing: 2 },
    event: { kind: 'updated' },
  });
  expect(body.alerts.map(({ labels }) => labels.host)).toEqual(['db-1', 'db-2', 'db-3']);
});

test('texts may be rendered for what the receiver shows', () => {
  expect(JSON.parse(request({ medium: 'html' })?.body ?? '').text).toContain('<strong>97%</strong>');
  expect(JSON.parse(request({})?.body ?? '').text).toContain('Used: 97%');
});

test("headers are sent, in lower case, and win over the host's", () => {
  const headers = { Authorization: 'Bearer x', 'Content-Type': 'application/vnd.acme+json' };
  expect(request({ headers })?.headers).toEqual({
    authorization: 'Bearer x',
    'content-type': 'application/vnd.acme+json',
    'webhook-id': 'g-1f3a-ops-1',
  });
});

describe('settings are refused', () => {
  test.each<[string, object]>([
    ['a header with two lines', { headers: { 'X-A': 'a\r\nX-B: b' } }],
    ['a name that is none', { headers: { 'X A': 'a' } }],
    ["a header of the connection's", { headers: { Host: 'other.example' } }],
    ['another length', { headers: { 'content-length': '3' } }],
    ['an unknown body', { body: 'yaml' }],
    ['a content type that is none', { contentType: 'json' }],
    ['a content type of two lines', { contentType: 'text/plain\r\nx: y' }],
    ['a medium that is not there', { medium: 'fax' }],
    ['an unknown key', { uri: 'x' }],
  ])('with %s', (_, given) => {
    expect(webhook.settings.safeParse({ url: 'https://receiver.example.com/', ...given }).success).toBe(false);
  });

  test('without an address', () => {
    expect(webhook.settings.safeParse({}).success).toBe(false);
  });
});
