import { z } from 'zod';
import type { HostContext } from '../context.ts';
import { type Api, route } from './route.ts';
import { attemptShape, closed, deliveryPage, described, pageOf, paging, storedRequestShape } from './schemas.ts';
import { viewAttempt, viewDelivery, viewPage, viewRequest } from './views.ts';

const attemptPage = pageOf('AttemptPage', attemptShape);
const requestPage = pageOf('StoredRequestPage', storedRequestShape);

const ofGroup = described(z.string().max(40), "Only this group's.").optional();
const toTarget = described(z.string().max(128), 'Only to this target.').optional();
const ofSource = described(z.string().max(128), "Only this source's.").optional();

const ifRejected = described(
  z.enum(['true', 'false']),
  'Only those that couldn’t be read, or only the others.',
).optional();

/** What went out, what is owed, and what couldn't be read on the way in. */
export function registerDeliveryRoutes(api: Api, { store: { query } }: HostContext): void {
  const tag = 'deliveries';

  const deliveries = route(
    'viewer',
    { operationId: 'listDeliveries', tag, summary: 'How far each subscription has been told, newest first' },
    deliveryPage,
    { querystring: closed({ group: ofGroup, target: toTarget, ...paging(200, 50) }) },
  );
  api.get('/v1/deliveries', deliveries, async ({ query: { limit, after, ...filter } }) => {
    return viewPage(await query.deliveries(filter, { limit, after }), viewDelivery);
  });

  const attempts = route(
    'viewer',
    { operationId: 'listAttempts', tag, summary: 'What was sent and what came back, newest first' },
    attemptPage,
    { querystring: closed({ group: ofGroup, target: toTarget, ...paging(50, 20) }) },
  );
  api.get('/v1/attempts', attempts, async ({ query: { limit, after, ...filter } }) => {
    return viewPage(await query.attempts(filter, { limit, after }), viewAttempt);
  });

  const requests = route(
    'viewer',
    {
      operationId: 'listRequests',
      tag: 'requests',
      summary: 'Requests that couldn’t be read, and a sample of the others, newest first',
    },
    requestPage,
    { querystring: closed({ source: ofSource, rejected: ifRejected, ...paging(200, 50) }) },
  );
  api.get('/v1/requests', requests, async ({ query: { limit, after, source, rejected } }) => {
    const filter = { source, rejected: rejected && rejected === 'true' };
    return viewPage(await query.requests(filter, { limit, after }), viewRequest);
  });
}
