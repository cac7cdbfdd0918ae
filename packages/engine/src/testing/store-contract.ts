import { describe, test } from 'vitest';
import { accounting } from './store-contract/accounting.ts';
import { channels } from './store-contract/channels.ts';
import { claims } from './store-contract/claims.ts';
import { commits } from './store-contract/commits.ts';
import { deadLetters } from './store-contract/dead-letters.ts';
import { digests } from './store-contract/digests.ts';
import { holds } from './store-contract/holds.ts';
import { lanes } from './store-contract/lanes.ts';
import { pins } from './store-contract/pins.ts';
import { queries } from './store-contract/queries.ts';
import { records } from './store-contract/records.ts';
import { rules } from './store-contract/rules.ts';
import { settlements } from './store-contract/settlements.ts';
import { beginning, type StoreUnderTest } from './store-contract/subject.ts';
import { timers } from './store-contract/timers.ts';

const parts = {
  commits,
  claims,
  settlements,
  holds,
  lanes,
  deadLetters,
  digests,
  rules,
  channels,
  pins,
  records,
  timers,
  queries,
  accounting,
};

/**
 * Registers the tests that every store passes. `open` makes an empty store whose clock stands at `now`, in
 * milliseconds since 1970, until the test moves it.
 */
export function storeContract(name: string, open: (options: { now: number }) => Promise<StoreUnderTest>): void {
  describe.concurrent(`${name} keeps the contract of a store`, () => {
    for (const [part, checks] of Object.entries(parts)) {
      describe(part, () => {
        for (const [title, check] of Object.entries(checks)) {
          test(title, async () => {
            const subject = await open({ now: beginning });
            try {
              await check(subject);
            } finally {
              await subject.dispose();
            }
          });
        }
      });
    }
  });
}
