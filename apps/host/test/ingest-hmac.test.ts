import { createHmac } from 'node:crypto';
import type { HmacVerification } from '@tocsin/core';
import { describe, expect, test } from 'vitest';
import { hmacVerifier } from '../src/ingest/hmac.ts';

// HMACs as real vendors make them, each from what its page says.

const now = Date.parse('2026-01-15T09:23:00Z');
const seconds = `${now / 1000}`;
const iso = '2026-01-15T09:23:00Z';
const body = '{"alert":"Disk is full — 97 %"}';
const [old, fresh] = ['old-key-of-the-vendor', 'new-key-of-the-vendor'];

const make = (text: string, algorithm = 'sha256', encoding: 'hex' | 'base64' = 'hex', key = fresh) =>
  createHmac(algorithm, key).update(text).digest(encoding);

async function outcome(verification: Omit<HmacVerification, 'kind'>, headers: Record<string, string>, text = body) {
  const verifier = hmacVerifier({ kind: 'hmac', ...verification }, [old, fresh]);
  return (await verifier.verify({ headers, body: Buffer.from(text), now })).outcome;
}

const plain = { header: 'x-signature' };
/** https://docs.slack.dev/authentication/verifying-requests-from-slack/ */
const stamped = {
  header: 'x-slack-signature',
  prefix: 'v0=',
  signed: [{ text: 'v0:' }, 'timestamp', { text: ':' }, 'body'],
  timestamp: { header: 'x-slack-request-timestamp' },
} as const;

describe('the signature of', () => {
  test.each<[string, Omit<HmacVerification, 'kind'>, Record<string, string>]>([
    // https://docs.sentry.io/organization/integrations/integration-platform/webhooks/
    ['Sentry', { header: 'sentry-hook-signature' }, { 'sentry-hook-signature': make(body) }],
    // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    ['GitHub', { header: 'x-hub-signature-256', prefix: 'sha256=' }, { 'x-hub-signature-256': `sha256=${make(body)}` }],
    // https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
    [
      'Shopify',
      { header: 'x-shopify-hmac-sha256', encoding: 'base64' },
      { 'x-shopify-hmac-sha256': make(body, 'sha256', 'base64') },
    ],
    // https://vercel.com/docs/webhooks/webhooks-api#securing-webhooks
    ['Vercel', { header: 'x-vercel-signature', algorithm: 'sha1' }, { 'x-vercel-signature': make(body, 'sha1') }],
    ['one with SHA-512', { ...plain, algorithm: 'sha512' }, { 'x-signature': make(body, 'sha512') }],
    [
      'Slack',
      stamped,
      { 'x-slack-signature': `v0=${make(`v0:${seconds}:${body}`)}`, 'x-slack-request-timestamp': seconds },
    ],
    // https://developer.zendesk.com/documentation/webhooks/verifying/
    [
      'Zendesk',
      {
        header: 'x-zendesk-webhook-signature',
        encoding: 'base64',
        signed: ['timestamp', 'body'],
        timestamp: { header: 'x-zendesk-webhook-signature-timestamp' },
      },
      {
        'x-zendesk-webhook-signature': make(iso + body, 'sha256', 'base64'),
        'x-zendesk-webhook-signature-timestamp': iso,
      },
    ],
    // https://developer.pagerduty.com/docs/verifying-webhook-signatures: several, of which one is enough
    [
      'PagerDuty',
      { header: 'x-pagerduty-signature', prefix: 'v1=' },
      { 'x-pagerduty-signature': `v1=${make('other')},v1=${make(body)}` },
    ],
    ['one under the old key', plain, { 'x-signature': make(body, 'sha256', 'hex', old) }],
    ['one in capitals', plain, { 'x-signature': make(body).toUpperCase() }],
  ])('%s is taken, and of another body refused', async (_, verification, headers) => {
    expect(await outcome(verification, headers)).toBe('valid');
    expect(await outcome(verification, headers, `${body} `)).toBe('invalid');
  });
});

describe('a signature is refused that', () => {
  test.each<[string, Omit<HmacVerification, 'kind'>, Record<string, string>]>([
    ['is empty', plain, { 'x-signature': '' }],
    ['is of another key', plain, { 'x-signature': make(body, 'sha256', 'hex', 'key-of-somebody-else') }],
    ['is cut', plain, { 'x-signature': make(body).slice(0, 16) }],
    ['goes on', plain, { 'x-signature': `${make(body)}00` }],
    ['goes on with what is no hex', plain, { 'x-signature': `${make(body)}zz` }],
    ['is of another algorithm', plain, { 'x-signature': make(body, 'sha1') }],
    ['is written otherwise', plain, { 'x-signature': make(body, 'sha256', 'base64') }],
    ['lacks its prefix', { ...plain, prefix: 'sha256=' }, { 'x-signature': make(body) }],
    ['has another prefix', { ...plain, prefix: 'sha256=' }, { 'x-signature': `sha512=${make(body)}` }],
    ['has a prefix that nobody knows', plain, { 'x-signature': `sha256=${make(body)}` }],
    [
      'stands behind too many others',
      plain,
      { 'x-signature': [...Array.from({ length: 16 }, () => make('other')), make(body)].join(',') },
    ],
    ['lacks its time', stamped, { 'x-slack-signature': `v0=${make(body)}` }],
    [
      'has a time that is not signed',
      stamped,
      { 'x-slack-signature': `v0=${make(body)}`, 'x-slack-request-timestamp': seconds },
    ],
  ])('%s', async (_, verification, headers) => {
    expect(await outcome(verification, headers)).toBe('invalid');
  });
});

describe('a time', () => {
  const at = (time: string, tolerance?: number) =>
    outcome(
      {
        ...plain,
        signed: ['timestamp', 'body'],
        timestamp: { header: 'x-time', ...(tolerance === undefined ? {} : { tolerance }) },
      },
      { 'x-time': time, 'x-signature': make(time + body) },
    );

  test.each<[string, string, number?]>([
    ['of 300 seconds ago', `${now / 1000 - 300}`],
    ['300 seconds ahead', `${now / 1000 + 300}`],
    ['in milliseconds', `${now - 300_000}`],
    ['in ISO 8601', '2026-01-15T10:18:00.000+01:00'],
    ['of an hour ago where the vendor is that slow', `${now / 1000 - 3600}`, 3600],
  ])('%s is near enough', async (_, time, tolerance) => {
    expect(await at(time, tolerance)).toBe('valid');
  });

  test.each<[string, string, number?]>([
    ['of 301 seconds ago', `${now / 1000 - 301}`],
    ['301 seconds ahead', `${now / 1000 + 301}`],
    ['of a minute ago where that is too long', `${now / 1000 - 60}`, 59],
    ['that is a fraction', `${seconds}.0`],
    ['with a sign', `+${seconds}`],
    ['with something behind it', `${seconds}abc`],
    ['without a zone', '2026-01-15T09:23:00'],
    ['in words', 'Thu Jan 15 2026 09:23:00 GMT'],
    ['that is empty', ''],
  ])('%s is refused, though it is signed', async (_, time, tolerance) => {
    expect(await at(time, tolerance)).toBe('invalid');
  });

  test('may be missing where the source says so, but not be taken away', async () => {
    const optional = {
      ...plain,
      signed: ['timestamp', { text: ':' }, 'body'],
      timestamp: { header: 'x-time', optional: true },
    } as const;
    expect(await outcome(optional, { 'x-signature': make(body) })).toBe('valid');
    const signature = make(`${seconds}:${body}`);
    expect(await outcome(optional, { 'x-signature': signature, 'x-time': seconds })).toBe('valid');
    expect(await outcome(optional, { 'x-signature': signature })).toBe('invalid');
  });
});
