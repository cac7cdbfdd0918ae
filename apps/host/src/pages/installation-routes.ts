import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Failure } from '../api/failure.ts';
import { beginningLifetime } from '../installations/beginnings.ts';
import { isRefusal } from '../installations/vendor.ts';
import { basePath } from './address.ts';
import { OwnCookie } from './cookie.ts';
import { answerFailure } from './error-page.ts';
import { html } from './html.ts';
import { type InstalledApp, installationsPage, removalPage } from './installations-page.ts';
import { sendPage } from './layout.ts';
import type { PageContext } from './pages.ts';
import { isReloaded, reload } from './reload.ts';
import { tokenOf } from './session.ts';

type Query = Record<string, unknown>;

/** `/installations`, and the way of an admin to a vendor and back. */
export function registerInstallationPages(scope: FastifyInstance, pages: PageContext): void {
  const { host, now, zone } = pages;
  const { installations, registry } = host;
  const cookie = new OwnCookie('tocsin-install', host);

  const appOf = (target: string): InstalledApp => ({
    target,
    title: registry.targets.get(target)?.integration.definition.title ?? target,
    installations: installations.all.list(target),
    missing: installations.missing().flatMap((one) => (one.target === target ? [one.workspace] : [])),
  });

  scope.get(
    '/installations',
    { config: { needs: 'admin' } },
    async (request: FastifyRequest<{ Querystring: Query }>, reply) => {
      const [target = '', workspace = ''] = textOf(request.query.installed).split('/');
      const main = installationsPage({
        apps: installations.all.targets.map(appOf),
        done: installations.all.find(target, workspace),
        isRemoved: request.query.removed === '1',
        context: host,
        clock: { now: now(), zone },
      });
      return sendPage(reply, host, { title: 'Installations', main, token: tokenOf(request) });
    },
  );

  type One = FastifyRequest<{ Params: { target: string; workspace: string } }>;
  const removal = '/installations/:target/:workspace/remove';
  scope.get(removal, { config: { needs: 'admin' } }, async (request: One, reply) => {
    const { target, workspace } = request.params;
    const found = installations.all.find(target, workspace);
    if (!found) return answerFailure(request, reply, host, nobodyThere, tokenOf(request));
    const isWanted = installations.wanted().some((one) => one.target === target && one.workspace === workspace);
    const main = removalPage(found, isWanted, host);
    return sendPage(reply, host, { title: `Remove from ${found.name}`, main, token: tokenOf(request) });
  });

  scope.post(removal, { config: { needs: 'admin' } }, async (request: One, reply) => {
    const { target, workspace } = request.params;
    const removed = await installations.remove(target, workspace, tokenOf(request).name);
    if (!removed) return answerFailure(request, reply, host, nobodyThere, tokenOf(request));
    if (removed.notRevoked !== undefined)
      return answerFailure(request, reply, host, stillThere(removed.notRevoked), tokenOf(request));
    return reply.redirect(`${basePath(host.url)}/installations?removed=1`, 303);
  });

  type App = FastifyRequest<{ Params: { target: string } }>;
  scope.get('/oauth/:target', { config: { needs: 'admin' } }, async (request: App, reply) => {
    const { target } = request.params;
    if (!installations.isInstallable(target)) return answerFailure(request, reply, host, noApp, tokenOf(request));
    const { address, browser } = await installations.begin(target, tokenOf(request).name);
    return reply
      .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
      .header('set-cookie', cookie.set(browser, beginningLifetime / 1000))
      .redirect(address, 303);
  });

  type Callback = FastifyRequest<{ Params: { target: string }; Querystring: Query }>;
  // Public: the vendor leads the browser here, and what the browser holds is the proof.
  scope.get('/oauth/:target/callback', async (request: Callback, reply) => {
    const { target } = request.params;
    if (!installations.isInstallable(target)) return answerFailure(request, reply, host, noApp);
    const [browser] = cookie.read(request.headers.cookie);
    // It comes along only once a page of ours leads here.
    if (browser === undefined && !isReloaded(request.url)) return reload(reply, host, request.url);
    const { state, code, error } = request.query;
    const actor = installations.finish(target, { state: textOf(state), browser: browser ?? '' });
    reply.header('set-cookie', cookie.set('', 0));
    if (actor === undefined) return answerFailure(request, reply, host, notBegun);
    if (textOf(code) === '') return answerDenied(reply, pages, textOf(error));
    const installed = await installations.install(target, textOf(code), actor);
    if (isRefusal(installed)) return answerFailure(request, reply, host, notDone(installed.refused));
    const query = new URLSearchParams({ installed: `${target}/${installed.workspace}` });
    return reply.redirect(`${basePath(host.url)}/installations?${query}`, 303);
  });
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 */
function answerDenied(reply: FastifyReply, { host }: PageContext, error: string): FastifyReply {
  const why = error === 'access_denied' ? 'It was not allowed there.' : 'The vendor gave no code, but an error.';
  return sendPage(reply, host, {
    title: 'Not installed',
    referrer: 'no-referrer',
    main: html`<h1>Nothing was installed</h1>
<p>${why} Nothing was stored, and what was there before is as it was.</p>
<p><a href="${basePath(host.url)}/installations">Go to the installations</a></p>`,
  });
}

/** A parameter of a query that is given once and has a sensible length. */
function textOf(value: unknown): string {
  return typeof value === 'string' && value.length <= 2_000 ? value : '';
}

const noApp: Failure = {
  status: 404,
  code: 'not-found',
  message: 'there is no such target, or with its settings it is no app that workspaces install',
  remedy: 'The page /installations lists those that are.',
};

const nobodyThere: Failure = {
  status: 404,
  code: 'not-found',
  message: 'that workspace does not have the app',
  remedy: 'The page /installations lists those that have.',
};

const notBegun: Failure = {
  status: 400,
  code: 'not-begun',
  message:
    'this installation was not begun in this browser, or more than ten minutes ago, or it is finished already; nothing was stored',
  remedy: 'Begin it on the page /installations, and finish it in the same browser.',
};

function notDone(reason: string): Failure {
  return {
    status: 502,
    code: 'vendor',
    message: `nothing was installed: ${reason}`,
    remedy: 'Begin again on the page /installations.',
  };
}

function stillThere(reason: string): Failure {
  return {
    status: 502,
    code: 'vendor',
    message: `it is removed here, and its token is deleted; but the vendor did not revoke the token: ${reason}`,
    remedy: 'Remove the app in the workspace’s own settings as well.',
  };
}
