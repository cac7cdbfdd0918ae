import type { DeadLetter } from '@tocsin/engine';
import { z } from 'zod';
import type { HostContext } from '../context.ts';
import { invalid, refused } from './failure.ts';
import { type Api, route } from './route.ts';
import { closed, deadCauseShape, deadLetterShape, described, pageOf, paging } from './schemas.ts';
import { isoTime, isoTimeOrNull } from './time.ts';
import { viewPage } from './views.ts';

const tag = 'deliveries';

const page = pageOf('DeadLetterPage', deadLetterShape);

const id = z.coerce.number().int().min(1);

const filter = {
  target: described(z.string().max(128), 'Only to this target.').optional(),
  cause: described(z.string().max(100), 'Only with this cause, as the list of causes has it: `HTTP 404`.').optional(),
  group: described(z.string().max(40), 'Only of this group.').optional(),
  from: described(id, 'Only with this id or a later one.').optional(),
  to: described(id, 'Only with this id or an earlier one.').optional(),
};

/** What was given up, why, and another try. */
export function registerDeadLetterRoutes(api: Api, { store }: HostContext): void {
  const all = described(z.enum(['true', 'false']), 'Those that were tried again too.').optional();
  const list = { operationId: 'listDeadLetters', tag, summary: 'What was given up, newest first' };
  const querystring = closed({ ...filter, all, ...paging(200, 50) });
  api.get('/v1/dead-letters', route('viewer', list, page, { querystring }), async ({ query }) => {
    const { limit, after, all: isAll, ...where } = query;
    return viewPage(await store.query.deadLetters({ ...where, all: isAll === 'true' }, { limit, after }), viewLetter);
  });

  const causes = { operationId: 'listDeadCauses', tag, summary: 'What was given up and not tried again, by its cause' };
  const causesShape = z.object({ items: z.array(deadCauseShape) });
  const ofCauses = { querystring: closed({ target: filter.target, group: filter.group }) };
  api.get('/v1/dead-letters/causes', route('viewer', causes, causesShape, ofCauses), async ({ query }) => {
    const items = await store.query.deadCauses(query);
    return { items: items.map((one) => ({ ...one, first: isoTime(one.first), last: isoTime(one.last) })) };
  });

  const retry = {
    operationId: 'retryDeadLetters',
    tag,
    summary: 'Have what was given up tried again',
    description:
      'A target that is told the newest state gets that; one that is told every event gets the very events, marked as `replayed`. At most 1,000 at a call, the oldest first: call again while `more` is true.',
  };
  const retriedShape = z.object({
    retried: described(z.int().min(0), 'Letters that are tried again.'),
    more: described(z.boolean(), 'There are others that match.'),
  });
  const body = { body: closed({ ...filter, all: described(z.literal(true), 'All of them.').optional() }) };
  api.post('/v1/dead-letters/retry', route('operator', retry, retriedShape, body), async (request, reply) => {
    const { all: isAll, ...where } = request.body;
    if (!isAll && Object.values(where).every((value) => value === undefined)) {
      return refused(
        reply,
        invalid('body', 'names none of target, cause, group, from and to; for all of them write `all`'),
      );
    }
    const retried = await store.retry(where);
    const { items } = await store.query.deadLetters(where, { limit: 1 });
    return { retried, more: retried > 0 && items.length > 0 };
  });
}

function viewLetter(letter: DeadLetter): z.output<typeof deadLetterShape> {
  return { ...letter, at: isoTime(letter.at), retriedAt: isoTimeOrNull(letter.retriedAt) };
}
