import type { Action } from '@tocsin/engine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { account } from '../accounting/accounting.ts';
import { allows } from '../api/access.ts';
import type { Acted } from '../api/act.ts';
import { invalid, unknownGroup } from '../api/failure.ts';
import { parseUntil } from '../api/time.ts';
import { readFacts } from '../why/facts.ts';
import { explain } from '../why/why.ts';
import { accountingPage } from './accounting-page.ts';
import { basePath } from './address.ts';
import { answerFailure } from './error-page.ts';
import { longestComment } from './group-actions.ts';
import { groupList, listLength, readListQuery } from './group-list.ts';
import { type GroupQuery, groupPage, readGroup } from './group-page.ts';
import { sendPage } from './layout.ts';
import type { PageContext } from './pages.ts';
import { type ActionResult, readResult } from './result.ts';
import { tokenOf } from './session.ts';
import { whyPage } from './why-page.ts';

type Query = Record<string, unknown>;

/** The list at `/`, the accounting, a group at `/g/<id>` and why it was told, and what its forms do. */
export function registerGroupPages(scope: FastifyInstance, pages: PageContext): void {
  const { host, mask, now, zone } = pages;

  scope.get('/', { config: { needs: 'viewer' } }, async (request: FastifyRequest<{ Querystring: Query }>, reply) => {
    const query = readListQuery(request.query);
    const page = await host.store.query.groups({ status: query.status }, { limit: listLength, after: query.after });
    const leadsToInstallations = host.installations.all.targets.length > 0 && allows(tokenOf(request).role, 'admin');
    const main = groupList({
      query,
      page: mask.deep(page),
      leadsToInstallations,
      context: host,
      clock: { now: now(), zone },
    });
    return sendPage(reply, host, {
      title: query.status ? `Groups: ${query.status}` : 'Groups',
      main,
      token: tokenOf(request),
    });
  });

  scope.get('/accounting', { config: { needs: 'viewer' } }, async (request, reply) => {
    const stored = host.store.query;
    const [counters, owed, states] = await Promise.all([stored.tally(), stored.oldestOwed(), stored.lanes()]);
    const main = accountingPage(account(counters, owed), mask.deep(states), basePath(host.url), { now: now(), zone });
    return sendPage(reply, host, { title: 'Accounting', main, token: tokenOf(request) });
  });

  type One = FastifyRequest<{ Params: { group: string }; Querystring: Query }>;
  scope.get('/g/:group', { config: { needs: 'viewer' } }, async (request: One, reply) => {
    const token = tokenOf(request);
    const query = readGroupQuery(request.query);
    const view = await readGroup(host.store, request.params.group, query);
    if (!view) return answerFailure(request, reply, host, unknownGroup(request.params.group), token);
    const page = groupPage(mask.deep(view), query, token, host, { now: now(), zone });
    return sendPage(reply, host, { ...page, token });
  });

  scope.get('/g/:group/why', { config: { needs: 'viewer' } }, async (request: One, reply) => {
    const token = tokenOf(request);
    const { group } = request.params;
    const facts = await readFacts(host, { group }, now());
    if (!facts) return answerFailure(request, reply, host, unknownGroup(group), token);
    const clock = { now: now(), zone }; // after the reading: nothing that was read lies ahead of it
    return sendPage(reply, host, { ...whyPage(mask.deep(explain(facts, clock)), host, clock), token });
  });

  type Form = FastifyRequest<{ Params: { group: string }; Body: URLSearchParams | undefined }>;
  for (const action of ['acknowledge', 'unacknowledge', 'resolve', 'silence', 'unsilence'] as const) {
    scope.post(`/g/:group/${action}`, { config: { needs: 'operator' } }, async (request: Form, reply) =>
      perform(action, request, reply, pages),
    );
  }
}

async function perform(
  action: Action,
  request: FastifyRequest<{ Params: { group: string }; Body: URLSearchParams | undefined }>,
  reply: FastifyReply,
  { host, now }: PageContext,
): Promise<FastifyReply> {
  const token = tokenOf(request);
  const { group } = request.params;
  const form = request.body ?? new URLSearchParams();
  const done = (result: ActionResult) =>
    reply.redirect(`${basePath(host.url)}/g/${encodeURIComponent(group)}?result=${result}#result`, 303);

  const comment = form.get('comment') ?? '';
  const incarnation = /^\d{1,9}$/.test(form.get('incarnation') ?? '') ? Number(form.get('incarnation')) : undefined;
  const fault =
    comment.length > longestComment
      ? invalid('comment', `is longer than ${longestComment} characters`)
      : incarnation === undefined && invalid('incarnation', 'is missing: which firing was decided about');
  if (fault) return answerFailure(request, reply, host, fault, token);

  const end: { until?: number } | { fault: string } =
    action === 'silence' ? parseUntil(form.get('until') ?? '', now()) : {};
  if ('fault' in end) {
    return end.fault === 'is not in the future'
      ? done('silence-past')
      : answerFailure(request, reply, host, invalid('until', end.fault), token);
  }
  const acted = await host.presses.act({ action, group, actor: token.name, comment, incarnation, ...end });
  const result = resultOf(action, acted);
  if (result) return done(result);
  const failure = 'refused' in acted ? acted.refused : unknownGroup(group);
  return answerFailure(request, reply, host, failure, token);
}

function resultOf(action: Action, acted: Acted): ActionResult | undefined {
  if ('refused' in acted) return readResult(acted.refused.code);
  return acted.changed ? action : 'unchanged';
}

function readGroupQuery({ members, before, result }: Query): GroupQuery {
  return {
    members: typeof members === 'string' && /^\d{1,16}$/.test(members) ? members : undefined,
    before: typeof before === 'string' && /^\d{1,9}$/.test(before) ? Number(before) : undefined,
    result: readResult(result),
  };
}
