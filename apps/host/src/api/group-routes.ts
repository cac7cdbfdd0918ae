import { severities } from '@tocsin/core';
import { z } from 'zod';
import type { HostContext } from '../context.ts';
import type { Acted } from './act.ts';
import { invalid, refused, unknownGroup } from './failure.ts';
import { type Api, nameOf, route } from './route.ts';
import {
  closed,
  deliveryPage,
  described,
  eventShape,
  groupShape,
  groupStatuses,
  memberShape,
  pageOf,
  paging,
} from './schemas.ts';
import { parseUntil } from './time.ts';
import { viewDelivery, viewEvent, viewGroup, viewMember, viewPage } from './views.ts';

const tag = 'groups';
const groupPage = pageOf('GroupPage', groupShape);
const eventPage = pageOf('EventPage', eventShape);
const memberPage = pageOf('MemberPage', memberShape);
const one = z.object({ id: described(z.string().min(1).max(40), "The group's id.") });

/** The groups: lists, one of them, and what a person does to it. */
export function registerGroupRoutes(api: Api, context: HostContext, now: () => number): void {
  registerList(api, context);
  registerOne(api, context);
  registerParts(api, context);
  for (const action of ['acknowledge', 'unacknowledge', 'resolve', 'unsilence'] as const) {
    registerAction(api, context, action);
  }
  registerSilence(api, context, now);
}

function registerList(api: Api, context: HostContext): void {
  const querystring = closed({
    status: z.enum(groupStatuses).optional(),
    source: described(z.string().max(128), 'The id of a configured source.').optional(),
    severity: z.enum(severities).optional(),
    ...paging(200, 50),
  });
  const words = { operationId: 'listGroups', tag, summary: 'The groups, newest first' };
  api.get('/v1/groups', route('viewer', words, groupPage, { querystring }), async (request) => {
    const { limit, after, ...filter } = request.query;
    const page = await context.store.query.groups(filter, { limit, after });
    return viewPage(page, (group) => viewGroup(group, context.url));
  });
}

function registerOne(api: Api, context: HostContext): void {
  const { query } = context.store;
  const answer = groupShape.extend({
    events: described(eventPage, 'Its oldest events; `next` continues in `/events`.'),
    members: described(memberPage, 'Its first members; `next` continues in `/members`.'),
    deliveries: described(deliveryPage, 'Its newest deliveries; `next` continues in `/deliveries?group=`.'),
  });
  const words = { operationId: 'getGroup', tag, summary: 'One group with its log, its members and its deliveries' };
  const options = route('viewer', words, answer, { params: one, refusals: [404] });
  api.get('/v1/groups/:id', options, async ({ params: { id } }, reply) => {
    const group = await query.group(id);
    if (!group) return refused(reply, unknownGroup(id));
    const [events, members, deliveries] = await Promise.all([
      query.events(id, { limit: 50 }),
      query.members(id, { limit: 50 }),
      query.deliveries({ group: id }, { limit: 50 }),
    ]);
    return {
      ...viewGroup(group, context.url),
      events: viewPage(events, viewEvent),
      members: viewPage(members, viewMember),
      deliveries: viewPage(deliveries, viewDelivery),
    };
  });
}

function registerParts(api: Api, { store: { query } }: HostContext): void {
  const parts = { params: one, querystring: closed(paging(200, 50)), refusals: [404] as const };

  const log = { operationId: 'listEvents', tag, summary: 'The log of a group, oldest first' };
  api.get('/v1/groups/:id/events', route('viewer', log, eventPage, parts), async (request, reply) => {
    const { id } = request.params;
    if (!(await query.group(id))) return refused(reply, unknownGroup(id));
    return viewPage(await query.events(id, request.query), viewEvent);
  });

  const alerts = {
    operationId: 'listMembers',
    tag,
    summary: 'The alerts of a group, in the order in which they joined',
  };
  api.get('/v1/groups/:id/members', route('viewer', alerts, memberPage, parts), async (request, reply) => {
    const { id } = request.params;
    if (!(await query.group(id))) return refused(reply, unknownGroup(id));
    return viewPage(await query.members(id, request.query), viewMember);
  });
}

const actedShape = z.object({
  changed: described(z.boolean(), 'False where the group was so already.'),
  group: groupShape,
});

const decision = {
  comment: described(z.string().max(2000), 'Kept in the group’s log for everyone.').optional(),
  incarnation: described(
    z.int().min(0),
    'The incarnation that you decided about; where the group has fired again since, nothing is changed.',
  ).optional(),
};

const actions = {
  acknowledge: 'Say that someone is on it',
  unacknowledge: 'Take the acknowledgement back',
  resolve: 'Close the group by hand',
  unsilence: 'End the silence',
} as const;

function registerAction(api: Api, context: HostContext, action: keyof typeof actions): void {
  const words = { operationId: `${action}Group`, tag, summary: actions[action] };
  const parts = { params: one, body: closed(decision), refusals: [404, 409] as const };
  api.post(`/v1/groups/:id/${action}`, route('operator', words, actedShape, parts), async (request, reply) => {
    const { params, body, token } = request;
    const acted = await context.presses.act({ ...body, action, group: params.id, actor: nameOf(token) });
    return 'refused' in acted ? refused(reply, acted.refused) : viewActed(acted, context.url);
  });
}

function registerSilence(api: Api, context: HostContext, now: () => number): void {
  const until = described(
    z.string().max(64),
    'A duration (`30m`, `2h`, `1d`) or a time (`2026-03-01T09:00:00+01:00`), at most a year ahead.',
  );
  const words = { operationId: 'silenceGroup', tag, summary: 'Hold updates back until a time' };
  const parts = { params: one, body: closed({ until, ...decision }), refusals: [404, 409] as const };
  api.post('/v1/groups/:id/silence', route('operator', words, actedShape, parts), async (request, reply) => {
    const { params, body, token } = request;
    const end = parseUntil(body.until, now());
    if ('fault' in end) return refused(reply, invalid('body.until', end.fault));
    const action = { ...body, ...end, action: 'silence', group: params.id, actor: nameOf(token) } as const;
    const acted = await context.presses.act(action);
    return 'refused' in acted ? refused(reply, acted.refused) : viewActed(acted, context.url);
  });
}

function viewActed({ changed, group }: Exclude<Acted, { refused: unknown }>, url: string) {
  return { changed, group: viewGroup(group, url) };
}
