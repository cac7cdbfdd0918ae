import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Proof } from '../src/ingest/proof.ts';
import { snsVerifier } from '../src/ingest/sns.ts';
import { readTopic } from '../src/ingest/sns-topic.ts';
import {
  amazon,
  certUrl,
  confirmation,
  host,
  type Message,
  notification,
  now,
  sign,
  subscription,
  topic,
} from './support/amazon.ts';
import { makeAuthority } from './support/certificates.ts';

// What messages of Amazon SNS are worth, and what is fetched for them.

const stranger = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** A verifier of a topic, and what it fetched. */
function open(arn = topic, pages: Record<string, string | undefined> = {}) {
  const fetched: string[] = [];
  const known: Record<string, string | undefined> = { [certUrl]: amazon.cert, [confirmation]: '<ok/>', ...pages };
  const verifier = snsVerifier(arn, async (url) => {
    fetched.push(url);
    return known[url];
  });
  const check = async (message: unknown, at = now): Promise<Proof> =>
    verifier.verify({ headers: {}, body: Buffer.from(JSON.stringify(message)), now: at });
  return { check, fetched };
}

describe('a notification', () => {
  test.each(['1', '2'])('of version %s is taken, and its id is that of the delivery', async (SignatureVersion) => {
    const { check, fetched } = open();
    const proof = { outcome: 'valid', isJson: true, deliveryId: notification.MessageId };
    expect(await check(sign({ ...notification, SignatureVersion }))).toEqual(proof);
    expect(await check(sign({ ...notification, SignatureVersion, Subject: undefined }))).toEqual(proof);
    // The certificate is kept.
    expect(fetched).toEqual([certUrl]);
  });

  test.each(['Message', 'MessageId', 'Subject', 'Timestamp'])('is refused once its %s was changed', async (field) => {
    const signed = sign(notification);
    const value = field === 'Timestamp' ? new Date(now).toISOString() : `${signed[field]} `;
    expect(await open().check({ ...signed, [field]: value })).toMatchObject({ outcome: 'invalid' });
  });

  test.each<[string, unknown]>([
    ['without a signature', notification],
    ['with an empty one', { ...notification, Signature: '' }],
    ['under another key', sign(notification, stranger.privateKey)],
    ['of an unknown version', sign({ ...notification, SignatureVersion: '3' })],
    ['whose version is another than its signature', { ...sign(notification), SignatureVersion: '2' }],
    ['of an unknown type', sign({ ...notification, Type: 'toString' })],
    ['without its id', sign({ ...notification, MessageId: undefined })],
    ['that is no object', null],
    ['that is a list', [sign(notification)]],
  ])('%s is refused', async (_, message) => {
    expect(await open().check(message)).toMatchObject({ outcome: 'invalid' });
  });

  test.each<[string, Message]>([
    ['another topic', { TopicArn: `${topic}s` }],
    ['a topic of another region', { TopicArn: topic.replace('eu-west-1', 'eu-west-2') }],
    ['a topic of somebody else', { TopicArn: topic.replace('123456789012', '123456789013') }],
    ['no topic', { TopicArn: undefined }],
    ['yesterday, which may be a repetition', { Timestamp: new Date(now - 24 * 60 * 60_000 - 1).toISOString() }],
    ['a time to come', { Timestamp: new Date(now + 5 * 60_000 + 1).toISOString() }],
    ['no time', { Timestamp: 'now' }],
  ])('of %s is refused, and nothing is fetched for it', async (_, change) => {
    const { check, fetched } = open();
    expect(await check(sign({ ...notification, ...change }))).toMatchObject({ outcome: 'invalid' });
    expect(fetched).toEqual([]);
  });

  test.each([
    '',
    'alarms',
    `${topic}/../..`,
    topic.replace('aws', 'aws-evil'),
    topic.replace('eu-west-1', 'x.evil.org/'),
  ])('is refused by a source whose topic is %j', async (arn) => {
    const { check, fetched } = open(arn);
    expect(await check(sign({ ...notification, TopicArn: arn }))).toMatchObject({ outcome: 'invalid' });
    expect(fetched).toEqual([]);
  });
});

/** Addresses that some reader of addresses may take for Amazon's, or that are Amazon's and not the topic's. */
const hostile = (path: string) => [
  `http://sns.eu-west-1.amazonaws.com${path}`,
  `//sns.eu-west-1.amazonaws.com${path}`,
  `HTTPS://sns.eu-west-1.amazonaws.com${path}`,
  `https:/sns.eu-west-1.amazonaws.com${path}`,
  `https:\\\\sns.eu-west-1.amazonaws.com${path}`,
  ` https://sns.eu-west-1.amazonaws.com${path}`,
  `https://SNS.eu-west-1.amazonaws.com${path}`,
  `https://sns.eu-west-1.amazonaws.com.${path}`,
  `https://sns.eu-west-1.amazonaws.com:443${path}`,
  `https://sns.eu-west-1.amazonaws.com:8443${path}`,
  `https://sns.eu-west-1.amazonaws.com.evil.org${path}`,
  `https://sns.eu-west-1.amazonaws.com@evil.org${path}`,
  `https://sns.eu-west-1.amazonaws.com%2f@evil.org${path}`,
  `https://user@sns.eu-west-1.amazonaws.com${path}`,
  `https://evil.org/sns.eu-west-1.amazonaws.com${path}`,
  `https://evil.org\\@sns.eu-west-1.amazonaws.com${path}`,
  `https://evil.org#@sns.eu-west-1.amazonaws.com${path}`,
  `https://evil-sns.eu-west-1.amazonaws.com${path}`,
  `https://x.sns.eu-west-1.amazonaws.com${path}`,
  `https://sns.eu-west-2.amazonaws.com${path}`,
  `https://sns.amazonaws.com${path}`,
  `https://sns.eu-west-1.amazonaws.com.cn${path}`,
  `https://sns-eu-west-1.amazonaws.com${path}`,
  `https://s3.eu-west-1.amazonaws.com${path}`,
  `https://bucket.s3.amazonaws.com${path}`,
  `https://sns.eu-west-1.аmazonaws.com${path}`, // a Cyrillic а
  `https://sns.eu-west-1.xn--mazonaws-9yf.com${path}`,
  `https://127.0.0.1${path}`,
  'file:///etc/ssl/cert.pem',
  '',
];

describe('a certificate', () => {
  test.each([
    ...hostile('/SimpleNotificationService-6209.pem'),
    `${host}/`,
    `${host}/SimpleNotificationService-6209`,
    `${host}/SimpleNotificationService-6209.pem?x=1`,
    `${host}/SimpleNotificationService-6209.pem#`,
    `${host}/../SimpleNotificationService-6209.pem`,
    `${host}/%2e%2e/x.pem`,
    `${host}/folder/x.pem`,
    `${host}//evil.org/x.pem`,
    `${host}/\\evil.org/x.pem`,
    `${host}/x.pem\n`,
    `${host}/.pem`,
  ])('at %j is not fetched', async (SigningCertURL) => {
    const { check, fetched } = open(topic, { [SigningCertURL]: amazon.cert });
    expect(await check(sign({ ...notification, SigningCertURL }))).toMatchObject({ outcome: 'invalid' });
    expect(fetched).toEqual([]);
  });

  test('that has expired vouches for nothing', async () => {
    const expired = makeAuthority('Amazon').issue(['sns.amazonaws.com'], new Date(now - 1000));
    const { check } = open(topic, { [certUrl]: expired.cert });
    expect(await check(sign(notification))).toMatchObject({ outcome: 'invalid' });
  });

  test.each<[string, string | undefined]>([
    ['is not to be had', undefined],
    ['is something else', '<html>'],
  ])('that %s can be had later, and is not asked for again at once', async (_, page) => {
    const { check, fetched } = open(topic, { [certUrl]: page });
    const message = sign(notification);
    for (const at of [now, now + 59_000]) expect(await check(message, at)).toMatchObject({ outcome: 'unavailable' });
    expect(fetched).toEqual([certUrl]);
    await check(message, now + 61_000);
    expect(fetched).toEqual([certUrl, certUrl]);
  });

  test('is fetched once for many messages at a time, and strangers have four fetched at most', async () => {
    const { check, fetched } = open();
    const others = Array.from({ length: 20 }, (_, index) => `${host}/made-up-${index}.pem`);
    const proofs = await Promise.all([
      ...[notification, notification].map((message) => check(sign(message))),
      ...others.map((SigningCertURL) => check(sign({ ...notification, SigningCertURL }))),
    ]);
    expect(proofs.slice(0, 2)).toMatchObject([{ outcome: 'valid' }, { outcome: 'valid' }]);
    expect(fetched).toEqual([certUrl, ...others.slice(0, 3)]);
    // What could not be had goes first: the one that is needed stays.
    for (const SigningCertURL of others) await check(sign({ ...notification, SigningCertURL }));
    fetched.length = 0;
    expect(await check(sign(notification))).toMatchObject({ outcome: 'valid' });
    expect(fetched).toEqual([]);
  });
});

describe('a subscription', () => {
  test('is confirmed at the host of the topic, and is nothing for the source', async () => {
    const { check, fetched } = open();
    expect(await check(sign(subscription))).toEqual({ outcome: 'valid', done: 'the subscription is confirmed' });
    expect(fetched).toEqual([certUrl, confirmation]);
  });

  test('is asked for again where it could not be confirmed', async () => {
    const { check } = open(topic, { [confirmation]: undefined });
    expect(await check(sign(subscription))).toMatchObject({ outcome: 'unavailable' });
  });

  test.each(hostile('/?Action=ConfirmSubscription&Token=2336412f37fb'))(
    'is not confirmed at %j',
    async (SubscribeURL) => {
      const { check, fetched } = open(topic, { [SubscribeURL]: '<ok/>' });
      expect(await check(sign({ ...subscription, SubscribeURL }))).toMatchObject({ outcome: 'invalid' });
      expect(fetched).toEqual([certUrl]);
    },
  );

  test.each<[string, Message]>([
    ['with a token that is more than one', { Token: '2336&TopicArn=arn:aws:sns:eu-west-1:666666666666:evil' }],
    ['without a token', { Token: undefined }],
  ])('%s is not confirmed', async (_, change) => {
    const { check, fetched } = open();
    expect(await check(sign({ ...subscription, ...change }))).toMatchObject({ outcome: 'invalid' });
    expect(fetched).not.toContain(confirmation);
  });

  test('that nobody signed is not confirmed, nor one of another topic', async () => {
    const { check, fetched } = open();
    for (const message of [
      subscription,
      sign(subscription, stranger.privateKey),
      sign({ ...subscription, TopicArn: `${topic}s` }),
    ]) {
      expect(await check(message)).toMatchObject({ outcome: 'invalid' });
    }
    expect(fetched).toEqual([certUrl]);
  });

  test('that has ended is nothing for the source either', async () => {
    const { check, fetched } = open();
    expect(await check(sign({ ...subscription, Type: 'UnsubscribeConfirmation' }))).toEqual({
      outcome: 'valid',
      done: 'the subscription has ended',
    });
    expect(fetched).toEqual([certUrl]);
  });
});

test.each([
  ['arn:aws:sns:us-east-1:123456789012:alarms', 'sns.us-east-1.amazonaws.com'],
  ['arn:aws:sns:ap-southeast-2:123456789012:alarms', 'sns.ap-southeast-2.amazonaws.com'],
  ['arn:aws-us-gov:sns:us-gov-west-1:123456789012:alarms', 'sns.us-gov-west-1.amazonaws.com'],
  ['arn:aws-cn:sns:cn-north-1:123456789012:alarms', 'sns.cn-north-1.amazonaws.com.cn'],
])('the messages of %s come from %s', (arn, expected) => {
  expect(readTopic(arn)?.host).toBe(expected);
});
