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

test('the body is exactly a text', () => {
  const body = JSON.parse(request({})?.body ?? '');
  expect(Object.keys(body)).toEqual(['text']);
  expect(body.text).toMatch(/^Firing · critical: \/var on db-1 is 97 % full\n\nAt the present rate/);
  expect(body.text).toContain('Open alert: https://alerts.example.com/g/g-1f3a\n');
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
    ['a medium that is not there', { medium: 'fax' }],
    ['an unknown key', { uri: 'x' }],
  ])('with %s', (_, given) => {
    expect(webhook.settings.safeParse({ url: 'https://receiver.example.com/', ...given }).success).toBe(false);
  });

  test('without an address', () => {
    expect(webhook.settings.safeParse({}).success).toBe(false);
  });
});
