import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test, vi } from 'vitest';
import { Signatures } from '../src/ingest/signatures.ts';
import { readSigningSecret, signMessage } from '../src/standard-webhooks.ts';

// The fixed vectors of Standard Webhooks, and its own library.

const read = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'data/standard-webhooks', name), 'utf8'));

interface VerifyCase {
  name: string;
  expect: 'accept' | 'reject';
  secret: string;
  headers: Record<string, string>;
  payload: string;
  /** Seconds. */
  now: number;
}

/** What the signatures of a source with these keys are worth. */
function check(keys: readonly string[], given: Pick<VerifyCase, 'headers' | 'payload' | 'now'>) {
  const sources = new Map([
    [
      'acme',
      {
        config: { keys: keys.map((value, index) => ({ name: `${index}`, value })) },
        integration: { definition: { verify: { kind: 'standard-webhooks' } } },
      },
    ],
  ]);
  const registry = { config: { secrets: new Map() }, sources } as never; // as much of it as signatures look at
  const headers = Object.fromEntries(Object.entries(given.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const claim = { headers, body: Buffer.from(given.payload), now: given.now * 1000 };
  return new Signatures(registry, async () => undefined).check('acme', claim);
}

describe('a message', () => {
  const cases: VerifyCase[] = read('verify-cases.json').cases;

  test('is one of 31', () => expect(cases.length).toBe(31));

  test.each(cases)('$name: $expect', async (one) => {
    const { outcome } = await check([one.secret], one);
    // Without a signature there is nothing that a key could be missing to.
    const refused = one.headers['webhook-signature'] === undefined ? 'none' : 'invalid';
    expect(outcome).toBe(one.expect === 'accept' ? 'valid' : refused);
  });

  const [valid] = cases as [VerifyCase];

  test('is taken under any key of the source, and its id is that of the delivery', async () => {
    const keys = [`whsec_${Buffer.alloc(24, 7).toString('base64')}`, 'no-signing-secret-at-all', valid.secret];
    expect(await check(keys, valid)).toEqual({ outcome: 'valid', deliveryId: valid.headers['webhook-id'] });
    expect(await check(keys.slice(0, 2), valid)).toEqual({ outcome: 'invalid' });
  });

  test.each([
    '+1614265330',
    '-1614265330',
    ' 1614265330',
    '1614265330.0',
    '1.614265330e9',
    '0x60381d72',
    '1614265330abc',
    '',
  ])('with %j for a time is refused, though it is signed', async (timestamp) => {
    const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
    const signature = signMessage(readSigningSecret(valid.secret)!, { id, timestamp }, valid.payload);
    const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
    expect(await check([valid.secret], { ...valid, headers })).toEqual({ outcome: 'invalid' });
  });

  test('with an empty id is refused, though it is signed', async () => {
    const timestamp = `${valid.now}`;
    const signature = signMessage(readSigningSecret(valid.secret)!, { id: '', timestamp }, valid.payload);
    const headers = { 'webhook-id': '', 'webhook-timestamp': timestamp, 'webhook-signature': signature };
    expect(await check([valid.secret], { ...valid, headers })).toEqual({ outcome: 'invalid' });
  });
});

interface SecretCase {
  name: string;
  secret: string;
  expect: string;
}

describe('a secret', () => {
  const cases: SecretCase[] = read('secret-cases.json').cases;
  // Both lack their padding; the one has 23 bytes, the other 25.
  const ours: Record<string, boolean> = { 'unpadded-base64-1': false, 'unpadded-base64-2': true };

  test.each(cases)('$name: $expect', ({ name, secret, expect: wanted }) => {
    expect(readSigningSecret(secret) !== undefined).toBe(ours[name] ?? wanted === 'accept');
  });

  test.each([
    'whsec_Not base64, but long enough to be it',
    'whsec-MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    `whsec_${'ä'.repeat(32)}`,
  ])('that is no base64 is none: %s', (secret) => expect(readSigningSecret(secret)).toBeUndefined());
});

interface SignCase {
  name: string;
  scheme: string;
  secret: string;
  id: string;
  timestamp: number;
  payload: string;
  signature: string;
}

describe('a signature', () => {
  const cases: SignCase[] = read('vectors.json').sign.filter(({ scheme }: SignCase) => scheme === 'v1');

  test.each(cases)('$name', ({ secret, id, timestamp, payload, signature }) => {
    expect(signMessage(readSigningSecret(secret)!, { id, timestamp: `${timestamp}` }, payload)).toBe(signature);
    const headers = { 'webhook-id': id, 'webhook-timestamp': `${timestamp}`, 'webhook-signature': signature };
    vi.useFakeTimers({ now: timestamp * 1000, toFake: ['Date'] });
    try {
      expect(() => new Webhook(secret).verify(payload, headers)).not.toThrow();
    } finally {
      vi.useRealTimers();
    }
  });

  test('of the reference library is taken, and the library takes ours: both mean the same bytes', async () => {
    const secret = `whsec_${Buffer.alloc(64, 9).toString('base64')}`;
    const [payload, now] = ['{"text":"Früh 🔥"}', Math.floor(Date.now() / 1000)];
    const theirs = new Webhook(secret).sign('m-1', new Date(now * 1000), payload);
    const headers = { 'webhook-id': 'm-1', 'webhook-timestamp': `${now}`, 'webhook-signature': theirs };
    expect(await check([secret], { headers, payload, now })).toEqual({ outcome: 'valid', deliveryId: 'm-1' });
    expect(signMessage(readSigningSecret(secret)!, { id: 'm-1', timestamp: `${now}` }, payload)).toBe(theirs);
  });
});
