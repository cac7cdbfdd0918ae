import { parseArgs } from 'node:util';
import { lineOf, totalsOf } from './report.ts';
import { soak } from './rows/soak.ts';
import { rows } from './rows.ts';
import { chooseRows, runRows } from './runner.ts';

/*
 * Faults, done to real processes on this machine: what each has to stand, and whether it did.
 *
 *   npm run test:faults -- [--only D1,D6] [--quick] [--prove] [--seed 7] [--json]
 *   npm run test:faults -- --soak 20
 *
 * `--prove` takes the protection of each row away; then it must turn red.
 */

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    /** The part that CI runs. */
    quick: { type: 'boolean', default: false },
    prove: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** Minutes of a long run, in place of the others. */
    soak: { type: 'string' },
  },
});

const seed = Number(values.seed);
if (!Number.isSafeInteger(seed)) fail(`--seed is a whole number, not ${JSON.stringify(values.seed)}`);
const chosen = choose();
if (!values.json) console.log(`seed ${seed}${values.prove ? ', each row without its protection' : ''}`);
const results = await runRows(chosen, {
  seed,
  isQuick: values.quick,
  isProving: values.prove,
  onResult: (result) => {
    if (!values.json) console.log(lineOf(result));
  },
});
const report = values.json
  ? JSON.stringify({ seed, quick: values.quick, prove: values.prove, results }, undefined, 2)
  : totalsOf(results);
// What a row that hung has left behind doesn't keep us; what is written goes out to its end.
process.stdout.write(`${report}\n`, () => process.exit(results.some(({ verdict }) => verdict === 'failed') ? 1 : 0));

function choose() {
  if (values.soak !== undefined) return [soak(minutesOf(values.soak))];
  try {
    return chooseRows(rows, values.only.split(',').filter(Boolean));
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  return minutes >= 1 && minutes <= 24 * 60
    ? minutes
    : fail(`--soak is a number of minutes, not ${JSON.stringify(text)}`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
