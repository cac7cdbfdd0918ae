import { payloadFault, payloadTemplate, secret, secretUrl, z } from '@tocsin/core';

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

export const settings = z
  .strictObject({
    url: secretUrl().describe('Where to send'),
    method: z
      .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])
      .default('POST')
      .describe('GET and HEAD have no body'),
    headers: z.record(headerName, headerValue).default({}).describe('Headers to send with it, such as Authorization'),
    body: z
      .enum(['text', 'rich', 'notification'])
      .default('text')
      .describe(
        '`text`: exactly {"text": …}; `rich`: {"title": …, "text": …, "url": …}; `notification`: all that is known, as JSON',
      ),
    payload: payloadTemplate().optional().describe('A template of the body, in place of `body`'),
    contentType: z
      .string()
      .regex(/^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w.+-]+)*$/, 'this is no media type, such as text/plain')
      .default('application/json')
      .describe('What the body is; values in `payload` are encoded for it'),
    medium: z.enum(['text', 'markdown', 'html', 'slack']).default('text').describe('How texts are rendered'),
    signingSecret: z
      .union([secret(), z.array(secret()).min(1).max(8)])
      .optional()
      .describe('Signs by Standard Webhooks: `whsec_…`, or a list of the old one and the new one'),
  })
  .superRefine(({ payload, method, body, headers, contentType }, context) => {
    if (payload === undefined) return;
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['payload'], message });
    if (!takesBody(method)) refuse(`${method} has no body; remove \`payload\`, or choose another \`method\``);
    if (body !== 'text') refuse('takes the place of `body`; remove one of them');
    // What a header says is for the door to know, as it may be a secret.
    if (Object.keys(headers).some((name) => name.toLowerCase() === 'content-type'))
      refuse('is encoded for its content type; write that as `contentType`, not among `headers`');
    const fault = payloadFault(payload, contentType);
    if (fault !== undefined) refuse(fault);
  });

export type Settings = z.output<typeof settings>;

/** https://www.rfc-editor.org/rfc/rfc9110#section-9.3.1 */
export function takesBody(method: Settings['method']): boolean {
  return method !== 'GET' && method !== 'HEAD';
}
