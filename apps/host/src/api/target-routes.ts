import { randomBytes } from 'node:crypto';
import type { LaneState } from '@tocsin/engine';
import { z } from 'zod';
import type { HostContext } from '../context.ts';
import type { Attempted } from '../deliver/sender.ts';
import { testSend } from '../deliver/test-send.ts';
import { type Failure, refused } from './failure.ts';
import { type Api, route } from './route.ts';
import { closed, described, targetShape, testedShape } from './schemas.ts';
import { isoTime } from './time.ts';

/** The targets, and what they said of everything that goes to them. */
export function registerTargetRoutes(api: Api, context: HostContext, now: () => number): void {
  const { registry, store, sender } = context;
  const tag = 'targets';

  const list = { operationId: 'listTargets', tag, summary: 'The targets, and which of them take nothing for now' };
  const listShape = z.object({ items: z.array(targetShape) });
  api.get('/v1/targets', route('viewer', list, listShape, {}), async () => {
    const lanes = new Map((await store.query.lanes()).map((lane) => [lane.target, lane]));
    return {
      items: [...registry.targets].map(([id, { integration }]) => ({
        id,
        integration: integration.id,
        ...viewLane(lanes.get(id), now()),
      })),
    };
  });

  const words = {
    operationId: 'enableTarget',
    tag,
    summary: 'Let a target have what it is owed, though it said that it is no more or asked for a pause',
  };
  const enabledShape = z.object({ changed: described(z.boolean(), 'False: nothing was in its way.') });
  const parts = { params: z.object({ id: z.string().max(128) }), body: closed({}), refusals: [404] as const };
  api.post('/v1/targets/:id/enable', route('operator', words, enabledShape, parts), async ({ params }, reply) => {
    const { id } = params;
    if (!registry.targets.has(id)) return refused(reply, unknownTarget(id, registry.targets.keys()));
    return { changed: await store.enable(id) };
  });

  const test = { operationId: 'testTarget', tag, summary: 'Send a message to a target that says that it is a test' };
  const given = {
    params: z.object({ id: z.string().max(128) }),
    body: closed({
      address: described(z.string().max(256), 'Whom to tell, where the target tells several.').optional(),
    }),
    refusals: [404] as const,
  };
  api.post('/v1/targets/:id/test', route('operator', test, testedShape, given), async ({ params, body }, reply) => {
    const { id } = params;
    if (!registry.targets.has(id)) return refused(reply, unknownTarget(id, registry.targets.keys()));
    const nonce = randomBytes(6).toString('hex');
    const tested = await testSend(sender, { id, ...body }, { now: now(), url: context.url, nonce });
    return viewTested(tested);
  });
}

export function unknownTarget(id: string, known: Iterable<string>): Failure {
  return {
    status: 404,
    code: 'not-found',
    message: `there is no target ${JSON.stringify(id.slice(0, 40))}`,
    remedy: `Name one of: ${[...known].join(', ')}.`,
  };
}

function viewTested({ result, attempt, setUp, problems }: Attempted): z.output<typeof testedShape> {
  return {
    outcome: result.outcome,
    reason: 'reason' in result ? result.reason : null,
    setUp: setUp ?? null,
    duration: attempt?.duration ?? 0,
    request: attempt?.request ?? null,
    response: attempt?.response ?? null,
    problems,
  };
}

function viewLane(lane: LaneState | undefined, now: number) {
  const { disabled = null, pausedUntil = null } = lane ?? {};
  const isPaused = pausedUntil !== null && pausedUntil > now;
  return {
    state: disabled ? ('disabled' as const) : isPaused ? ('paused' as const) : ('open' as const),
    until: isPaused && !disabled ? isoTime(pausedUntil) : null,
    reason: disabled?.reason ?? null,
    since: disabled ? isoTime(disabled.at) : null,
  };
}
