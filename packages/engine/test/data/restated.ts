import { describe, expect, test } from 'vitest';

/** The head of a data file that restates another project's tests. */
export interface Restated {
  /** `tests` says how many cases each of the tests has there. */
  origin: { repository: string; path: string; commit: string; tests: Record<string, number> };
  /** Cases that can't apply here, one entry per case. */
  skipped: { test: string; what: string; why: string }[];
}

export interface RestatedCase {
  name?: string;
  /** The tests over there that have this case; it runs once for each. */
  tests: string[];
}

/** Runs every case, and holds that those run and those skipped are as many as there are over there. */
export function restated<Case extends RestatedCase>(
  data: Restated,
  cases: readonly Case[],
  run: (one: Case, test: string) => void,
): void {
  describe(`${data.origin.path} of Alertmanager`, () => {
    for (const one of cases) {
      for (const name of one.tests) test(`${name}: ${one.name ?? JSON.stringify(one)}`, () => run(one, name));
    }

    test('every case runs or is skipped for a reason', () => {
      const counted: Record<string, number> = {};
      const count = (name: string) => (counted[name] = (counted[name] ?? 0) + 1);
      for (const name of cases.flatMap((one) => one.tests)) count(name);
      for (const { test: name, what, why } of data.skipped) {
        count(name);
        console.log(`skipped: ${data.origin.path} ${name}, ${what} (${why})`);
      }
      console.log(`${data.origin.path}: ${total(counted) - data.skipped.length} run, ${data.skipped.length} skipped`);
      expect(counted).toEqual(data.origin.tests);
    });
  });
}

function total(counted: Record<string, number>): number {
  return Object.values(counted).reduce((sum, count) => sum + count, 0);
}
