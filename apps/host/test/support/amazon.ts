import { createSign } from 'node:crypto';
import { makeAuthority } from './certificates.ts';

// Messages as Amazon SNS sends them, signed as its documentation says with a certificate of our own.

export const topic = 'arn:aws:sns:eu-west-1:123456789012:alarms';
export const host = 'https://sns.eu-west-1.amazonaws.com';
export const certUrl = `${host}/SimpleNotificationService-6209c161c6221fdf56ec1eb5c821d112.pem`;
export const confirmation = `${host}/?Action=ConfirmSubscription&TopicArn=${topic}&Token=2336412f37fb`;
/** When the messages came; they were sent a minute before. */
export const now = Date.now();

export const amazon = makeAuthority('Amazon').issue(['sns.amazonaws.com']);

export type Message = Record<string, string | undefined>;

const subscriptionOrder = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
const notificationOrder = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];

export const notification: Message = {
  Type: 'Notification',
  MessageId: '4e1cfd15-71a4-5b1f-9b6a-a1d2e4c0b7aa',
  TopicArn: topic,
  Subject: 'ALARM: "Checkout is slow"',
  Message: '{"AlarmName":"Checkout is slow"}',
  Timestamp: new Date(now - 60_000).toISOString(),
  SignatureVersion: '1',
  SigningCertURL: certUrl,
};

export const subscription: Message = {
  ...notification,
  Type: 'SubscriptionConfirmation',
  Subject: undefined,
  Token: '2336412f37fb',
  SubscribeURL: confirmation,
};

/** With a signature over what it says. */
export function sign(message: Message, key = amazon.key): Message {
  const fields = message.Type?.endsWith('Confirmation') ? subscriptionOrder : notificationOrder;
  const text = fields
    .flatMap((field) => (message[field] === undefined ? [] : [`${field}\n${message[field]}\n`]))
    .join('');
  const algorithm = message.SignatureVersion === '2' ? 'RSA-SHA256' : 'RSA-SHA1';
  return { ...message, Signature: createSign(algorithm).update(text).sign(key, 'base64') };
}
