import { z } from 'zod';
import type { HostContext } from '../context.ts';
import { type Asked, readFacts } from '../why/facts.ts';
import { explain, type Why } from '../why/why.ts';
import { deliveryStates } from './delivery-state.ts';
import { type Failure, invalid, refused, unknownGroup } from './failure.ts';
import { type Api, route } from './route.ts';
import {
  attemptShape,
  closed,
  count,
  described,
  eventKind,
  eventShape,
  groupShape,
  groupStatus,
  labels,
  memberShape,
  silenceShape,
  storedRequestShape,
  time,
} from './schemas.ts';
import { viewSilence } from './silence-routes.ts';
import { isoTime, isoTimeOrNull } from './time.ts';
import { viewAttempt, viewEvent, viewGroup, viewMember, viewRequest } from './views.ts';

const requestShape = storedRequestShape.omit({ body: true });

const triedShape = z.object({
  path: described(
    z.string(),
    'Where it stands in the config: `routes[0].routes[2]`; or which channel it is: `channels[storage]`.',
  ),
  line: described(count.nullable(), 'The same as a line of the config file; null for a channel that the API made.'),
  matchers: z.array(z.string()),
  matched: z.boolean(),
  failed: described(
    z.object({ matcher: z.string(), label: z.string(), value: z.string() }).nullable(),
    'The first matcher that wasn’t satisfied, and what the alert has in its place; empty where it has no such label.',
  ),
  selected: described(z.boolean(), 'It matched, and no route below it did: its targets are told.'),
  subscriptions: described(z.array(z.string()), 'What comes from it.'),
});

const wayShape = z.object({
  labels: described(labels, 'As routes see them.'),
  alerts: described(count, 'How many of the alerts that were looked at go this way.'),
  fingerprints: described(z.array(z.string()), 'Of up to three of them.'),
  routes: described(z.array(triedShape), 'Every route that was tried, in order.'),
});

const tellingShape = z.object({
  subscription: z.string(),
  target: z.string(),
  address: z.string().nullable(),
  state: z.enum(deliveryStates),
  verdict: described(
    z.enum(['told', 'waits', 'trouble', 'never']),
    '`told`: it has all; `waits`: on purpose; `trouble`: something is wrong; `never`: not told, and nothing is owed.',
  ),
  says: described(z.array(z.string()), 'The same in sentences, in the order in which it happened.'),
  advice: described(z.string().nullable(), 'What to do, where somebody has to.'),
  routes: described(z.array(z.string()), 'The routes that it comes from, as the config is now.'),
  told: z.object({ status: groupStatus, at: time }).nullable(),
  owes: described(
    z.array(z.object({ number: count, kind: eventKind, at: time })),
    'The events that it wants and has not been told.',
  ),
  due: described(time.nullable(), 'When it is looked at next.'),
  attempts: described(
    z.array(
      attemptShape
        .pick({ id: true, event: true, startedAt: true, duration: true, outcome: true, reason: true, error: true })
        .extend({ status: described(z.int().nullable(), 'Of the answer; null where there was none.') }),
    ),
    'Up to twenty, the newest first; `/api/v1/attempts` has them whole.',
  ),
});

const whyShape = z.object({
  answer: described(z.string(), 'Who was told, and what the others wait for.'),
  advice: described(z.array(z.string()), 'What to do.'),
  group: groupShape,
  alert: described(memberShape.nullable(), 'The alert that was asked about; null for a group.'),
  request: z.object({
    first: described(time, 'When the first event was decided.'),
    last: described(time, 'When the last event was decided.'),
    kept: described(requestShape.nullable(), 'A kept request of the source that came in just as the group began.'),
    rejected: described(z.array(requestShape), 'Up to five of the source that couldn’t be read since, newest first.'),
  }),
  decisions: described(z.array(eventShape), 'The group’s log: its first and its last events.'),
  ways: described(
    z.array(wayShape),
    'The ways of the first fifty alerts through the routes; those that are alike are one.',
  ),
  silences: described(z.array(silenceShape), 'Those that match now, are yet to begin, or hold something.'),
  tellings: described(z.array(tellingShape), 'What was told to each subscription, and why the rest waits.'),
});

/** Why somebody was told of an alert, or wasn't. */
export function registerWhyRoutes(api: Api, context: HostContext, now: () => number, zone: string): void {
  const words = {
    operationId: 'explainWhy',
    tag: 'groups',
    summary: 'The way of one alert or group: request, decisions, routes, silences, timers, attempts',
    description: 'Ask with `group`, or with the `fingerprint` of an alert and its `source`.',
  };
  const querystring = closed({
    group: described(z.string().max(40), 'The id of a group.').optional(),
    source: described(
      z.string().max(128),
      'The id of the alert’s source; needed where several have the alert.',
    ).optional(),
    fingerprint: described(z.string().max(512), 'What its source tells the alert by.').optional(),
  });
  api.get('/v1/why', route('viewer', words, whyShape, { querystring, refusals: [404] }), async ({ query }, reply) => {
    const asked = await askedOf(query, context);
    if ('status' in asked) return refused(reply, asked);
    const facts = await readFacts(context, asked, now());
    if (!facts) return refused(reply, 'group' in asked ? unknownGroup(asked.group) : unknownAlert(asked));
    const at = now(); // after the reading: nothing that was read lies ahead of it
    return view(explain(facts, { now: at, zone }), context.url, at);
  });
}

interface Question {
  group?: string | undefined;
  source?: string | undefined;
  fingerprint?: string | undefined;
}

async function askedOf({ group, source, fingerprint }: Question, context: HostContext): Promise<Asked | Failure> {
  if ((group === undefined) === (fingerprint === undefined)) {
    return invalid('query', 'name either `group`, or `fingerprint` and `source`');
  }
  if (group !== undefined) return { group };
  if (fingerprint === undefined) throw new Error('checked above');
  if (source !== undefined) return { source, fingerprint };
  const sources = [...context.registry.sources.keys()];
  const known = await Promise.all(sources.map((one) => context.store.query.member(one, fingerprint)));
  const having = sources.filter((_, index) => known[index]);
  const [only, ...others] = having;
  if (only === undefined) return unknownAlert({ fingerprint });
  if (others.length > 0) return invalid('query.source', `several have this alert; name one of: ${having.join(', ')}`);
  return { source: only, fingerprint };
}

function unknownAlert({ source, fingerprint }: { source?: string; fingerprint: string }): Failure {
  const whose = source === undefined ? 'any source' : `the source ${JSON.stringify(source.slice(0, 64))}`;
  return {
    status: 404,
    code: 'not-found',
    message: `no alert ${JSON.stringify(fingerprint.slice(0, 64))} of ${whose} ever came into a group`,
    remedy:
      'See the requests that couldn’t be read (`tocsin requests --rejected`), or take a fingerprint from a group’s alerts.',
  };
}

function view(why: Why, hostUrl: string, now: number): z.output<typeof whyShape> {
  const { answer, advice, group, alert, request, decisions, ways, silences, tellings } = why;
  const { first, last, kept, rejected } = request;
  return {
    answer,
    advice,
    group: viewGroup(group, hostUrl),
    alert: alert && viewMember(alert),
    request: {
      first: isoTime(first),
      last: isoTime(last),
      kept: kept && viewRequest(kept),
      rejected: rejected.map(viewRequest),
    },
    decisions: decisions.map(viewEvent),
    ways,
    silences: silences.map((silence) => viewSilence(silence, now)),
    tellings: tellings.map(({ clause: _, told, owes, due, attempts, ...telling }) => ({
      ...telling,
      told: told && { status: told.status, at: isoTime(told.at) },
      owes: owes.map((event) => ({ ...event, at: isoTime(event.at) })),
      due: isoTimeOrNull(due),
      attempts: attempts.map((attempt) => ({ ...viewAttempt(attempt), status: attempt.response?.status ?? null })),
    })),
  };
}
