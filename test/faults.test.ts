import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Bench } from './faults/bench.ts';
import { lineOf, totalsOf } from './faults/report.ts';
import type { AnyRow, Row } from './faults/row.ts';
import { rows } from './faults/rows.ts';
import { chooseRows, type Result, runRows } from './faults/runner.ts';
import { sumsOf } from './faults/support/sums.ts';

// The runner of `npm run test:faults`, over rows that touch nothing. The faults themselves are a step of CI.

const options = { seed: 7, isQuick: false, isProving: false };

function row(run: Row['run'], more: Partial<Row> = {}): Row {
  return {
    ...{ id: 'D0', title: 'a fault', method: 'it is done', bar: 'it holds' },
    seconds: { full: 5, quick: 5 },
    protection: { none: 'there is none' },
    run,
    ...more,
  };
}

async function resultOf(one: AnyRow, more: Partial<Parameters<typeof runRows>[1]> = {}): Promise<Result> {
  const [result] = await runRows([one], { ...options, ...more });
  return result as Result; // one row, one result
}

describe('A row', () => {
  test('passes when each figure has met its bar', async () => {
    const result = await resultOf(row(async (bench) => bench.none('lost', 0)));
    expect(result).toMatchObject({ verdict: 'passed', figures: [{ name: 'lost', value: 0, isMet: true }] });
  });

  test('fails when a figure has missed its bar, and names it', async () => {
    const result = await resultOf(
      row(async (bench) => {
        bench.none('lost', 3);
        bench.judge('answers', 5, true);
      }),
    );
    expect(result).toMatchObject({ verdict: 'failed', reason: 'lost missed the bar' });
  });

  test('fails when it throws, also nothing at all, and its figures are kept', async () => {
    const thrown = row(async (bench) => {
      bench.none('lost', 0);
      throw new Error('no host');
    });
    expect(await resultOf(thrown)).toMatchObject({ verdict: 'failed', reason: 'no host', figures: [{ name: 'lost' }] });
    expect(await resultOf(row(() => Promise.reject(undefined)))).toMatchObject({ verdict: 'failed' });
    expect(
      await resultOf(
        row(() => {
          throw new Error('at once');
        }),
      ),
    ).toMatchObject({ verdict: 'failed', reason: 'at once' });
  });

  test('fails when it judges nothing', async () => {
    const result = await resultOf(row(async (bench) => bench.note('seen', 5)));
    expect(result).toMatchObject({ verdict: 'failed', reason: 'it judged nothing' });
  });

  test('fails when it hangs, what it started is ended, and the next row has its turn', async () => {
    const ended: string[] = [];
    const hanging = row(
      async (bench) => {
        bench.onEnd(() => ended.push('first'));
        bench.onEnd(() => ended.push('second'));
        await new Promise(() => {});
      },
      { seconds: { full: 0.05 } },
    );
    const results = await runRows([hanging, row(async (bench) => bench.none('lost', 0))], options);
    expect(results.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['failed', 'took more than 0.05 s'],
      ['passed', undefined],
    ]);
    expect(ended).toEqual(['second', 'first']);
  });

  test('leaves no folder, and an end that throws keeps no other from happening', async () => {
    let folder = '';
    let isEnded = false;
    await resultOf(
      row(async (bench) => {
        folder = bench.folder;
        expect(existsSync(folder)).toBe(true);
        bench.onEnd(() => {
          isEnded = true;
        });
        bench.onEnd(() => {
          throw new Error('an end');
        });
        bench.none('lost', 0);
      }),
    );
    expect([existsSync(folder), isEnded]).toEqual([false, true]);
  });

  test('is skipped where this machine can’t do it, by a line that fails a step of CI', async () => {
    const result = await resultOf(row(async (bench) => bench.skip('strace is not installed')));
    expect(result).toMatchObject({ verdict: 'skipped', reason: 'strace is not installed' });
    expect(lineOf(result)).toBe('skipped: D0 a fault (strace is not installed)');
  });

  test('is planned where nothing is built yet, or the quick run leaves it out, by a line that fails nothing', async () => {
    const { run: _, seconds: __, protection: ___, ...described } = row(async () => {});
    const later = await resultOf({ ...described, later: 'comes with PostgreSQL' });
    expect(later).toMatchObject({ verdict: 'planned', reason: 'comes with PostgreSQL' });
    expect(lineOf(later)).toMatch(/^D0 +skipped: comes with PostgreSQL · a fault$/);
    const long = await resultOf(
      row(async () => {}, { seconds: { full: 5 } }),
      { isQuick: true },
    );
    expect(long).toMatchObject({ verdict: 'planned', reason: 'only in the full run' });
  });

  test('has the same chances for the same seed', async () => {
    const chances = async (seed: number) => {
      const bench = new Bench({ seed, isQuick: true, env: {} });
      const numbers = [bench.random(), bench.random()];
      await bench.close();
      return numbers;
    };
    expect(await chances(7)).toEqual(await chances(7));
    expect(await chances(7)).not.toEqual(await chances(8));
    for (const number of await chances(7)) expect(number >= 0 && number < 1).toBe(true);
  });
});

describe('--prove', () => {
  const proving = { isProving: true };
  const protection = { what: 'without syncs', reddens: ['lost'], env: { A: 'b' } };

  test('passes when a figure behind the protection turns red', async () => {
    const seen: unknown[] = [];
    const red = row(
      async (bench) => {
        seen.push(bench.isWeakened, bench.env);
        bench.none('lost', 2);
      },
      { protection },
    );
    expect(await resultOf(red, proving)).toMatchObject({ verdict: 'passed', reason: 'red without syncs' });
    expect(seen).toEqual([true, { A: 'b' }]);
  });

  test('fails when all stays green, when another figure turns red, and when the row only throws', async () => {
    const reason = /^stays green without syncs: none of lost missed the bar/;
    for (const run of [
      async (bench: Bench) => bench.none('lost', 0),
      async (bench: Bench) => bench.none('other', 1),
      async () => {
        throw new Error('no host');
      },
    ]) {
      const result = await resultOf(row(run, { protection }), proving);
      expect(result).toMatchObject({ verdict: 'failed', reason: expect.stringMatching(reason) });
    }
  });

  test('takes several protections away one after the other, and each has to redden a figure of its own', async () => {
    const clock = { what: 'without a clock', reddens: ['late'] };
    const several = (reddened: readonly string[]) =>
      row(
        async (bench) => {
          bench.judge('lost', 1, !(bench.lacks(protection) && reddened.includes('lost')));
          bench.judge('late', 1, !(bench.lacks(clock) && reddened.includes('late')));
        },
        { protection: [protection, clock] },
      );
    expect(await resultOf(several(['lost', 'late']), proving)).toMatchObject({
      verdict: 'passed',
      reason: 'red without syncs; red without a clock',
    });
    expect(await resultOf(several(['lost']), proving)).toMatchObject({
      verdict: 'failed',
      reason: expect.stringContaining('stays green without a clock'),
    });
  });

  test('says why a row has nothing that can be taken away', async () => {
    const result = await resultOf(
      row(async () => {}),
      proving,
    );
    expect(result).toMatchObject({ verdict: 'planned', reason: 'no proof: there is none' });
  });
});

describe('--only', () => {
  test('takes the named ones, whatever their letters, in the order of the list', () => {
    const some = [row(async () => {}), row(async () => {}, { id: 'D1' }), row(async () => {}, { id: 'D2' })];
    expect(chooseRows(some, ['d2', 'D0']).map(({ id }) => id)).toEqual(['D0', 'D2']);
    expect(chooseRows(some, [])).toBe(some);
  });

  test('refuses a name that it doesn’t know, and lists those that there are', () => {
    expect(() => chooseRows([row(async () => {})], ['D0', 'D77'])).toThrow('There is no fault D77. The faults are D0.');
  });
});

describe('The program', () => {
  const run = (...words: string[]) => {
    const flags = ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'];
    const main = join(import.meta.dirname, 'faults', 'main.ts');
    return spawnSync(process.execPath, [...flags, main, ...words], { encoding: 'utf8' });
  };

  test('ends with 2 for a name that it doesn’t know, and for a seed that is none', () => {
    expect(run('--only', 'D77')).toMatchObject({ status: 2, stderr: expect.stringContaining('There is no fault D77') });
    expect(run('--only', 'D18', '--seed', 'x')).toMatchObject({ status: 2 });
  });

  test('writes JSON, all of it', () => {
    const { status, stdout } = run('--only', 'D18,D20', '--json', '--seed', '5');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      seed: 5,
      results: [
        { id: 'D18', verdict: 'planned', reason: 'comes with PostgreSQL' },
        { id: 'D20', verdict: 'planned' },
      ],
    });
  });

  test('prints a line for each, and counts what it did not do', () => {
    const { stdout } = run('--only', 'D18');
    expect(stdout).toMatch(/^seed \d+\nD18 +skipped: comes with PostgreSQL · .*\n0 passed, 0 failed, 1 skipped \(0 /);
  });
});

test('the last line counts each verdict', () => {
  const result = (verdict: Result['verdict']): Result => ({
    id: '',
    title: '',
    bar: '',
    figures: [],
    seconds: 0,
    verdict,
  });
  const verdicts = (['passed', 'passed', 'failed', 'skipped', 'planned'] as const).map(result);
  expect(totalsOf(verdicts)).toBe('2 passed, 1 failed, 2 skipped (1 of them because of this machine)');
});

test('the accounts hold only if both sums do', () => {
  const counters = {
    received: 5,
    grouped: 2,
    'ignored.stale': 2,
    rejected: 1,
    owed: 3,
    delivered: 1,
    'dead.crashed': 1,
    pending: 1,
  };
  expect(sumsOf(counters)).toEqual({
    received: { left: 5, right: 5, holds: true },
    owed: { left: 3, right: 3, holds: true },
  });
  expect(sumsOf({ ...counters, received: 6 }).received.holds).toBe(false);
  expect(sumsOf({ ...counters, pending: 0 }).owed.holds).toBe(false);
});

test('every fault of the list is a row, once, and what proves a row is one of its own figures', () => {
  const ids = rows.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => /^D\d+$/.test(id))).toEqual(Array.from({ length: 46 }, (_, index) => `D${index + 1}`));
});

test('what a row does after its time is over changes nothing', async () => {
  const late = row(
    async (bench) => {
      await delay(80);
      bench.none('lost', 0);
    },
    { seconds: { full: 0.02 } },
  );
  const result = await resultOf(late);
  await delay(120);
  expect(result).toMatchObject({ verdict: 'failed', figures: [] });
});
