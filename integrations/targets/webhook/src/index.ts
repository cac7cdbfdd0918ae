import { defineTarget, z } from '@tocsin/core';
import { bodyOf } from './body.ts';
import { settings, takesBody } from './settings.ts';

export default defineTarget({
  title: 'Webhook',
  summary:
    'A request to any address: your own program, a chat that takes {"text": …}, an automation, with a body as you write it',
  docs: 'https://www.rfc-editor.org/rfc/rfc9110#name-post',
  settings,
  auth: { kind: 'standard-webhooks', secret: 'signingSecret' },
  address: z.string().describe('Goes into the body, where that is the notification or a template'),
  medium: ({ medium }) => medium,
  mode: 'every',
  limits: {},
  // A request bounds no text, and what its answer means for later requests is the receiver's own affair.
  notOffered: {
    limits: 'https://www.rfc-editor.org/rfc/rfc9110#name-post',
    edit: 'https://www.rfc-editor.org/rfc/rfc9110#name-post',
    actions: 'https://www.rfc-editor.org/rfc/rfc9110#name-post',
  },
  request: (notification, settings, answers) => {
    if (answers.length > 0) return undefined;
    const { method, url, headers, contentType } = settings;
    const body = takesBody(method) ? { body: bodyOf(notification, settings) } : {};
    return {
      method,
      url,
      headers: {
        ...('body' in body ? { 'content-type': contentType } : {}),
        // The same on every attempt, so that the receiver can tell a repetition.
        // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
        'webhook-id': notification.id,
        ...lowerCase(headers),
      },
      ...body,
    };
  },
});

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
