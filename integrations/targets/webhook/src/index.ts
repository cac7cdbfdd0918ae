import { defineTarget, type Notification, secret, z } from '@tocsin/core';

/** https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2, less those that are the connection's own. */
const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'this is no name of a header')
  .refine(
    (name) =>
      !/^(connection|content-length|host|keep-alive|te|trailer|transfer-encoding|upgrade|webhook-(id|timestamp|signature))$/i.test(
        name,
      ),
    {
      message: 'this header is set by the host',
    },
  );

const headerValue = secret().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'a header has one line of Latin characters');

export default defineTarget({
  title: 'Webhook',
  summary: 'A POST with JSON to any address: your own program, a chat that takes {"text": …}, an automation',
  docs: 'https://www.rfc-editor.org/rfc/rfc9110#name-post',
  settings: z.strictObject({
    url: secret().describe('Where to post'),
    headers: z.record(headerName, headerValue).default({}).describe('Headers to send with it, such as Authorization'),
    body: z
      .enum(['text', 'notification'])
      .default('text')
      .describe('`text`: exactly {"text": …}; `notification`: all that is known, as JSON'),
    medium: z.enum(['text', 'markdown', 'html', 'slack']).default('text').describe('How texts are rendered'),
    signingSecret: z
      .union([secret(), z.array(secret()).min(1).max(8)])
      .optional()
      .describe('Signs by Standard Webhooks: `whsec_…`, or a list of the old one and the new one'),
  }),
  auth: { kind: 'standard-webhooks', secret: 'signingSecret' },
  address: z.string().describe('Goes into the body, where that is the notification'),
  medium: (settings) => settings.medium,
  mode: 'every',
  limits: {},
  // A POST bounds no text, and what its answer means for later requests is the receiver's own affair.
  notOffered: {
    limits: 'https://www.rfc-editor.org/rfc/rfc9110#name-post',
    edit: 'https://www.rfc-editor.org/rfc/rfc9110#name-post',
    actions: 'https://www.rfc-editor.org/rfc/rfc9110#name-post',
  },
  request: (notification, { url, headers, body }, answers) =>
    answers.length > 0
      ? undefined
      : {
          method: 'POST',
          url,
          headers: {
            'content-type': 'application/json',
            // The same on every attempt, so that the receiver can tell a repetition.
            // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
            'webhook-id': notification.id,
            ...lowerCase(headers),
          },
          body: JSON.stringify(body === 'text' ? { text: textOf(notification) } : notification),
        },
});

function textOf({ headline, title, message, comment, link, group }: Notification): string {
  const times =
    group.resolvedAt === undefined
      ? `Since ${utc(group.startedAt)}`
      : `From ${utc(group.startedAt)} to ${utc(group.resolvedAt)}`;
  const pages = [`Open alert: ${group.url}`, ...(link ? [`Open at ${group.source}: ${link}`] : [])];
  return [`${headline}: ${title}`, comment ? `“${comment}”` : '', message, [times, ...pages].join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
