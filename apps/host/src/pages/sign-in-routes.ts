import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { allows, findToken } from '../api/access.ts';
import { basePath, localPage } from './address.ts';
import { sendPage } from './layout.ts';
import type { PageContext } from './pages.ts';
import { type SignInView, signInPage } from './sign-in.ts';

/** `/sign-in` and `/sign-out`. */
export function registerSignIn(scope: FastifyInstance, { host, sessions }: PageContext): void {
  const show = (reply: FastifyReply, view: SignInView, status = 200) =>
    sendPage(reply, host, {
      ...signInPage(view, host),
      status,
      ...(status === 401 ? { headers: { 'www-authenticate': 'Bearer realm="tocsin"' } } : {}),
    });

  scope.get('/sign-in', async (request: FastifyRequest<{ Querystring: Record<string, unknown> }>, reply) => {
    const page = localPage(request.query.return);
    if (sessions.read(request.headers.cookie)) return reply.redirect(`${basePath(host.url)}${page}`, 303);
    return show(reply, { page, signedOut: request.query.signedout === '1' });
  });

  scope.post('/sign-in', async (request: FastifyRequest<{ Body: URLSearchParams | undefined }>, reply) => {
    const page = localPage(request.body?.get('return'));
    const token = findToken(host.tokens, (request.body?.get('token') ?? '').trim());
    if (!token)
      return show(reply, { page, fault: 'This token is not known. Check it for what was cut off or added.' }, 401);
    if (!allows(token.role, 'viewer')) {
      return show(
        reply,
        { page, fault: 'This token is for /metrics only. Use one with the role viewer or higher.' },
        403,
      );
    }
    return reply.header('set-cookie', sessions.start(token)).redirect(`${basePath(host.url)}${page}`, 303);
  });

  scope.post('/sign-out', async (_request, reply) =>
    reply.header('set-cookie', sessions.end()).redirect(`${basePath(host.url)}/sign-in?signedout=1`, 303),
  );
}
