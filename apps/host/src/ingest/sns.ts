import { createVerify, type X509Certificate } from 'node:crypto';
import type { Claim, Proof, Verifier } from './proof.ts';
import { Certificates, type FetchText } from './sns-certificates.ts';
import { readTopic } from './sns-topic.ts';

export type { FetchText } from './sns-certificates.ts';

/** Milliseconds for which ids of deliveries are remembered; what is older could be somebody's repetition. */
const oldest = 24 * 60 * 60_000;
const clockTolerance = 5 * 60_000;

/** What each type of message signs, in this order. https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html */
const subscriptionFields = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
const signedFields: Readonly<Record<string, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: subscriptionFields,
  UnsubscribeConfirmation: subscriptionFields,
};

const algorithms: Readonly<Record<string, string>> = { 1: 'RSA-SHA1', 2: 'RSA-SHA256' };

/**
 * Checks messages of one topic. All that is fetched is at the host of that topic's own region: the certificate, and the
 * confirmation of a subscription, whose address is made here from the signed token.
 */
export function snsVerifier(arn: string, fetchText: FetchText): Verifier {
  const topic = readTopic(arn);
  const certificates = topic && new Certificates(topic.host, fetchText);
  return {
    header: 'x-amz-sns-message-type',
    async verify({ body, now }: Claim): Promise<Proof> {
      const message = readMessage(body);
      // All this before anything is fetched, so that a stranger's messages send us nowhere.
      if (!topic || !certificates) return refused('the settings of the source have no ARN of a topic');
      if (message?.TopicArn !== arn) return refused('it is of another topic than the settings say');
      if (!isRecent(message.Timestamp, now)) return refused('it is older than a day, or the clocks differ');
      const algorithm = algorithms[message.SignatureVersion ?? ''];
      const text = textToSign(message);
      const signature = message.Signature ?? '';
      if (!algorithm || text === undefined || signature === '') return refused('it is not signed in a known way');
      const certificate = await certificates.get(message.SigningCertURL ?? '', now);
      if (certificate === 'foreign') return refused('its certificate is not from the host of the topic’s region');
      if (certificate === 'unavailable') return { outcome: 'unavailable', reason: certificateMissing };
      if (!isIn(certificate, now)) return refused('its certificate is not valid now');
      if (!createVerify(algorithm).update(text).verify(certificate.publicKey, signature, 'base64')) {
        return refused('its signature is wrong');
      }
      if (message.Type === 'Notification')
        return { outcome: 'valid', isJson: true, deliveryId: message.MessageId as string }; // it is signed
      if (message.Type === 'UnsubscribeConfirmation') return { outcome: 'valid', done: 'the subscription has ended' };
      if (!topic.isAt(message.SubscribeURL ?? '') || !/^[A-Za-z0-9]{1,2048}$/.test(message.Token ?? '')) {
        return refused('its confirmation is not at the host of the topic’s region');
      }
      const confirmed = await fetchText(topic.confirmation(message.Token as string));
      if (confirmed === undefined) return { outcome: 'unavailable', reason: notConfirmed };
      return { outcome: 'valid', done: 'the subscription is confirmed' };
    },
  };
}

function refused(reason: string): Proof {
  return { outcome: 'invalid', reason };
}

const certificateMissing = 'the certificate of Amazon SNS can’t be fetched';
const notConfirmed = 'the subscription can’t be confirmed at Amazon SNS';

type Message = Partial<Record<string, string>>;

/** Its fields that are texts. */
function readMessage(body: Buffer): Message | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (value === null || typeof value !== 'object') return undefined;
    return Object.fromEntries(Object.entries(value).filter(([, field]) => typeof field === 'string'));
  } catch {
    return undefined;
  }
}

/** Each field that is there as two lines; nothing where one is missing that must not. */
function textToSign(message: Message): string | undefined {
  const type = message.Type ?? '';
  const fields = Object.hasOwn(signedFields, type) ? (signedFields[type] as readonly string[]) : undefined;
  if (!fields?.every((field) => field === 'Subject' || message[field] !== undefined)) return undefined;
  return fields.map((field) => (message[field] === undefined ? '' : `${field}\n${message[field]}\n`)).join('');
}

function isRecent(timestamp: string | undefined, now: number): boolean {
  const time = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(timestamp ?? '') ? Date.parse(timestamp as string) : Number.NaN;
  return time >= now - oldest && time <= now + clockTolerance;
}

function isIn({ validFrom, validTo }: X509Certificate, now: number): boolean {
  return Date.parse(validFrom) <= now && now <= Date.parse(validTo);
}
