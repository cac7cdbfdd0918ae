import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Failure, refused, sentence } from '../api/failure.ts';
import type { AccessToken, HostContext } from '../context.ts';
import { basePath } from './address.ts';
import { html } from './html.ts';
import { sendPage, wantsHtml } from './layout.ts';

const titles: Record<number, string> = {
  400: 'That request has a fault',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Nothing is here',
  409: 'Nothing was changed',
  503: 'Not now',
};

/** A failure as a page for people and as JSON for programs. */
export function answerFailure(
  request: FastifyRequest,
  reply: FastifyReply,
  context: Pick<HostContext, 'url'>,
  failure: Failure,
  token?: AccessToken,
): FastifyReply {
  if (!wantsHtml(request)) return reply.send(refused(reply, failure));
  const { status, message, remedy, faults = [], headers } = failure;
  const title = titles[status] ?? (status < 500 ? 'That didn’t work' : 'Something went wrong here');
  const items = faults.map(({ path, message }) => html`<li>${path && html`<code>${path}</code>: `}${message}</li>`);
  return sendPage(reply, context, {
    status,
    title,
    ...(token ? { token } : {}),
    headers: headers ?? {},
    main: html`<h1>${title}</h1>
<p>${sentence(message)}</p>
${items.length > 0 && html`<ul>${items}</ul>`}
${remedy && html`<p>${remedy}</p>`}
<p><a href="${basePath(context.url)}/">Go to the list of groups</a></p>`,
  });
}
