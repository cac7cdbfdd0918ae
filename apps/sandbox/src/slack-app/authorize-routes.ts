import type { FastifyInstance, FastifyReply } from 'fastify';
import { allow, cancel, readAuthorize } from './authorize.ts';
import { authorizeFault, authorizePage, authorizePolicy } from './authorize-page.ts';
import type { Workspaces } from './workspaces.ts';

const path = '/slack/oauth/v2/authorize';

/** Where an app sends a person who installs it. https://docs.slack.dev/authentication/installing-with-oauth */
export function addAuthorizeRoutes(app: FastifyInstance, workspaces: Workspaces): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
  app.addHook('onSend', async (_, reply) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
  });

  app.get(path, (request, reply) => {
    const query = request.url.split('?')[1] ?? '';
    const read = readAuthorize(new URLSearchParams(query));
    if ('fault' in read) return fail(reply, read.fault);
    const content = authorizePage(read.request, query, workspaces);
    return show(reply, 200, content, read.request.redirectUri);
  });

  app.post(path, (request, reply) => {
    const read = readAuthorize(new URLSearchParams(request.url.split('?')[1] ?? ''));
    if ('fault' in read) return fail(reply, read.fault);
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    if (form.get('answer') !== 'allow') return reply.redirect(cancel(read.request), 303);
    const team = workspaces.teams.find(({ id }) => id === form.get('team'));
    if (!team) return fail(reply, 'Choose a workspace');
    return reply.redirect(allow(read.request, team, workspaces), 303);
  });
}

function fail(reply: FastifyReply, fault: string): FastifyReply {
  return show(reply, 400, authorizeFault(fault));
}

function show(reply: FastifyReply, status: number, content: string, redirectUri?: string): FastifyReply {
  reply.header('content-security-policy', authorizePolicy(redirectUri));
  return reply.code(status).type('text/html; charset=utf-8').send(content);
}
