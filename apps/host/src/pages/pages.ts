import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { allows, forbidden } from '../api/access.ts';
import { type Failure, failureOf } from '../api/failure.ts';
import { Mask } from '../api/mask.ts';
import type { HostContext } from '../context.ts';
import { basePath, isOwnOrigin } from './address.ts';
import { registerAssets } from './assets.ts';
import { answerFailure } from './error-page.ts';
import { registerGroupPages } from './group-routes.ts';
import { registerInstallationPages } from './installation-routes.ts';
import { wantsHtml } from './layout.ts';
import { registerLinks } from './link-routes.ts';
import { isReloaded, reload } from './reload.ts';
import { Sessions } from './session.ts';
import { registerSignIn } from './sign-in-routes.ts';

export interface PageOptions {
  /** Milliseconds since 1970. */
  now?: () => number;
  /** IANA name of the zone that times are told in; that of this machine without it. */
  zone?: string;
}

/** What the routes of the pages work with. */
export interface PageContext {
  host: HostContext;
  sessions: Sessions;
  mask: Mask;
  now: () => number;
  zone: string;
}

/** Bytes of a form. */
const largestForm = 16 * 1024;

/**
 * The pages for people: the list, a group, the sign-in. Also answers, for the whole server, what no route answers and
 * what fails: as a page to a browser, as JSON to a program.
 */
export async function registerPages(
  app: FastifyInstance,
  host: HostContext,
  { now = Date.now, zone = Intl.DateTimeFormat().resolvedOptions().timeZone }: PageOptions = {},
): Promise<void> {
  const pages: PageContext = { host, sessions: new Sessions(host, now), mask: new Mask(host), now, zone };
  app.setErrorHandler((error, request, reply) => answerFailure(request, reply, host, failureOf(error, request)));
  app.setNotFoundHandler((request, reply) => answerFailure(request, reply, host, nothingHere));
  await app.register(async (scope) => {
    readForms(scope);
    scope.decorateRequest('token', undefined);
    scope.addHook('onRequest', async (request, reply) => checkOrigin(request, reply, host));
    scope.addHook('onRequest', async (request, reply) => checkSession(request, reply, pages));
    registerAssets(scope);
    registerSignIn(scope, pages);
    registerGroupPages(scope, pages);
    registerLinks(scope, pages);
    registerInstallationPages(scope, pages);
  });
}

function readForms(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: largestForm },
    (_request, body, done) => done(null, new URLSearchParams(body as string)),
  );
}

/** Only forms of ours change anything. */
async function checkOrigin(request: FastifyRequest, reply: FastifyReply, host: HostContext): Promise<unknown> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  if (isOwnOrigin(request.headers.origin, host.url)) return undefined;
  return answerFailure(request, reply, host, {
    status: 403,
    code: 'forbidden',
    message: 'this form came from another place than this host’s own pages; nothing was changed',
    remedy: `Open ${host.url}/ and use the form there: that address is the \`url\` of the config.`,
  });
}

/** A page that needs a role is shown to who has it; others sign in first and come back. */
async function checkSession(request: FastifyRequest, reply: FastifyReply, pages: PageContext): Promise<unknown> {
  const { needs } = request.routeOptions.config;
  if (!needs) return undefined;
  const { host, sessions } = pages;
  const token = sessions.read(request.headers.cookie);
  if (token && allows(token.role, needs)) {
    request.token = token;
    return undefined;
  }
  if (token) return answerFailure(request, reply, host, forbidden(token, needs), token);
  const base = basePath(host.url);
  const page = wantedPage(request);
  if (cameFromElsewhere(request)) return reload(reply, host, page);
  return reply.redirect(`${base}/sign-in${page === '/' ? '' : `?return=${encodeURIComponent(page)}`}`, 303);
}

/** The page to come back to: for a form, the one that it stood on. */
function wantedPage({ method, url }: FastifyRequest): string {
  const path = method === 'POST' ? url.replace(/\/[a-z]+(\?.*)?$/, '') : url;
  return path.replace(/[?&]opened=1$/, '');
}

/** As by a link in a chat or a mailbox: the browser keeps the session's cookie back. */
function cameFromElsewhere(request: FastifyRequest): boolean {
  return (
    request.method === 'GET' &&
    request.headers['sec-fetch-site'] === 'cross-site' &&
    wantsHtml(request) &&
    !isReloaded(request.url)
  );
}

const nothingHere: Failure = {
  status: 404,
  code: 'not-found',
  message: 'there is nothing at this address',
  remedy: 'Check the address. Sources post to /in/<source>, and the API is under /api/v1.',
};
