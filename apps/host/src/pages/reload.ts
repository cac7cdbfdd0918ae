import type { FastifyReply } from 'fastify';
import type { HostContext } from '../context.ts';
import { basePath } from './address.ts';
import { html } from './html.ts';
import { sendPage } from './layout.ts';

/**
 * A browser keeps a SameSite=Strict cookie back when another site leads here. Loaded once more by our own page, the
 * cookie comes along. The mark in the address keeps this from going round. `page` is a path of ours with its query.
 */
export function reload(reply: FastifyReply, host: Pick<HostContext, 'url'>, page: string): FastifyReply {
  const address = `${basePath(host.url)}${page}${page.includes('?') ? '&' : '?'}opened=1`;
  return sendPage(reply, host, {
    title: 'Opening',
    reload: address,
    main: html`<h1>Opening…</h1><p><a href="${address}">Go on</a> if nothing happens.</p>`,
  });
}

export function isReloaded(url: string): boolean {
  return /[?&]opened=1$/.test(url);
}
