import type { OldestOwed } from '@tocsin/engine';
import { z } from 'zod';
import { account } from '../accounting/accounting.ts';
import type { HostContext } from '../context.ts';
import { type Api, route } from './route.ts';
import { count, described, milliseconds, time } from './schemas.ts';
import { isoTime } from './time.ts';

const sumShape = z.object({
  total: described(count, 'What came in, or was owed.'),
  accounted: described(count, 'The other side of the sum.'),
  holds: described(z.boolean(), 'False is a fault of Tocsin: please report it.'),
});

const owedShape = z.object({
  group: z.string(),
  subscription: z.string(),
  since: time,
  age: described(milliseconds, 'In milliseconds.'),
  url: described(z.url(), 'The page of the group.'),
});

const accountingShape = z.object({
  counters: described(z.record(z.string(), z.number()), 'By name, since the store was made.'),
  alerts: described(sumShape, 'received = grouped + ignored.* + rejected'),
  notifications: described(sumShape, 'owed = delivered + pending + superseded + suppressed.* + dead.* + cancelled'),
  oldestOwed: described(
    owedShape.extend({ target: z.string() }).nullable(),
    'Since the oldest event that somebody has yet to be told, though it may be held on purpose.',
  ),
  targets: described(
    z.array(
      z.object({
        target: z.string(),
        deliveries: described(count, 'Deliveries, one for each group and subscription, that owe something.'),
        oldest: owedShape,
        late: described(
          owedShape.nullable(),
          'The first that was due and is not told, since it was due or failed; null where all of it waits on purpose.',
        ),
      }),
    ),
    'Those that are owed something, the longest owed first.',
  ),
});

/** The counters, whether they add up, and what is owed for the longest. */
export function registerAccountingRoutes(api: Api, { store, url }: HostContext, now: () => number): void {
  const words = {
    operationId: 'getAccounting',
    tag: 'accounting',
    summary: 'What became of everything that came in and of everything that was owed',
    description:
      'received = grouped + ignored.* + rejected; owed = delivered + pending + superseded + suppressed.* + dead.* + cancelled.',
  };
  api.get('/v1/accounting', route('viewer', words, accountingShape, {}), async () => {
    const [counters, oldest] = await Promise.all([store.query.tally(), store.query.oldestOwed()]);
    const { owed, ...sums } = account(counters, oldest);
    const at = now();
    const view = ({ group, subscription, since }: OldestOwed['oldest']) => ({
      group,
      subscription,
      since: isoTime(since),
      age: Math.max(0, at - since),
      url: `${url}/g/${group}`,
    });
    return {
      ...sums,
      oldestOwed: owed[0] ? { target: owed[0].target, ...view(owed[0].oldest) } : null,
      targets: owed.map(({ target, deliveries, oldest: longest, first }) => ({
        target,
        deliveries,
        oldest: view(longest),
        late: first.since <= at ? view(first) : null,
      })),
    };
  });
}
