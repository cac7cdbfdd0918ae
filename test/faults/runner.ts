import { Bench, type BenchOptions, type Figure, Skipped } from './bench.ts';
import { type AnyRow, type Protection, protectionsOf, type Row } from './row.ts';

export interface RunOptions {
  seed: number;
  isQuick: boolean;
  /** Take each protection of each row away, and require that it turns red. */
  isProving: boolean;
  /** Called as soon as a row is over. */
  onResult?: (result: Result) => void;
  /** Where a row works; a test gives its own. */
  makeBench?: (options: BenchOptions) => Bench;
}

/** `skipped`: with what is here it can't be done; `planned`: what it needs does not exist yet, or not in this run. */
export type Verdict = 'passed' | 'failed' | 'skipped' | 'planned';

export interface Result {
  id: string;
  title: string;
  bar: string;
  verdict: Verdict;
  /** Why it failed or was not run. */
  reason?: string;
  figures: readonly Figure[];
  seconds: number;
}

/** Those that are asked for, in the order of the list. Throws a sentence if one is not known. */
export function chooseRows(rows: readonly AnyRow[], only: readonly string[]): readonly AnyRow[] {
  const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
  const unknown = only.filter((name) => !rows.some(({ id }) => same(id, name)));
  if (unknown.length > 0) {
    throw new Error(`There is no fault ${unknown.join(', ')}. The faults are ${rows.map(({ id }) => id).join(', ')}.`);
  }
  return only.length === 0 ? rows : rows.filter(({ id }) => only.some((name) => same(id, name)));
}

/** One after the other, so that none disturbs the figures of another. */
export async function runRows(rows: readonly AnyRow[], options: RunOptions): Promise<Result[]> {
  const results: Result[] = [];
  for (const row of rows) {
    const began = performance.now();
    const outcome = await runRow(row, options);
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    const result = { id: row.id, title: row.title, bar: row.bar, seconds, ...outcome };
    results.push(result);
    options.onResult?.(result);
  }
  return results;
}

type Outcome = Pick<Result, 'verdict' | 'figures' | 'reason'>;

async function runRow(row: AnyRow, options: RunOptions): Promise<Outcome> {
  const { isQuick, isProving } = options;
  if ('later' in row) return planned(row.later);
  const seconds = isQuick ? row.seconds.quick : row.seconds.full;
  if (seconds === undefined) return planned('only in the full run');
  if (!isProving) return runOnce(row, seconds, options);
  if ('none' in row.protection) return planned(`no proof: ${row.protection.none}`);
  const proofs: Outcome[] = [];
  for (const taken of protectionsOf(row)) proofs.push(await runOnce(row, seconds, options, taken));
  return together(proofs);
}

async function runOnce(row: Row, seconds: number, options: RunOptions, taken?: Protection): Promise<Outcome> {
  const makeBench = options.makeBench ?? ((given) => new Bench(given));
  const bench = makeBench({ seed: options.seed, isQuick: options.isQuick, taken, env: taken?.env ?? {} });
  const thrown = await attempt(row, bench, seconds * 1000);
  const figures = [...bench.figures];
  await bench.close();
  if (thrown instanceof Skipped) return { verdict: 'skipped', reason: thrown.message, figures };
  return taken === undefined ? judgeRun(figures, thrown) : judgeProof(taken, figures, thrown);
}

/** The worst of them, with what each says. */
function together(proofs: readonly Outcome[]): Outcome {
  const verdicts: Verdict[] = ['failed', 'skipped', 'passed'];
  return {
    verdict: verdicts.find((verdict) => proofs.some((proof) => proof.verdict === verdict)) ?? 'failed',
    reason: proofs.map(({ reason }) => reason).join('; '),
    figures: proofs.flatMap(({ figures }) => figures),
  };
}

/** What it threw. A row that hangs is left alone: what it started is ended, and what it does then counts for nothing. */
async function attempt(row: Row, bench: Bench, patience: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new Error(`took more than ${patience / 1000} s`)), patience);
  });
  const work = (async () => {
    await row.run(bench);
    await bench.judgeSums();
  })().then(
    () => undefined,
    (error: unknown) => error ?? new Error('rejected with nothing'),
  );
  const thrown = await Promise.race([work, late]);
  clearTimeout(timer);
  return thrown;
}

function judgeRun(figures: readonly Figure[], thrown: unknown): Outcome {
  const missed = figures.filter(({ isMet }) => isMet === false).map(({ name }) => name);
  const judged = figures.filter(({ isMet }) => isMet !== undefined);
  const reasons = [
    ...(thrown === undefined ? [] : [messageOf(thrown)]),
    ...(missed.length > 0 ? [`${missed.join(', ')} missed the bar`] : []),
    ...(judged.length === 0 && thrown === undefined ? ['it judged nothing'] : []),
  ];
  return reasons.length === 0
    ? { verdict: 'passed', figures }
    : { verdict: 'failed', reason: reasons.join('; '), figures };
}

/** Red by one of the figures that the protection stands behind: any other red proves nothing. */
function judgeProof({ reddens, what }: Protection, figures: readonly Figure[], thrown: unknown): Outcome {
  const red = figures.filter(({ name, isMet }) => isMet === false && reddens.includes(name));
  if (red.length > 0) return { verdict: 'passed', reason: `red ${what}`, figures };
  const also = thrown === undefined ? '' : `; ${messageOf(thrown)}`;
  return {
    verdict: 'failed',
    reason: `stays green ${what}: none of ${reddens.join(', ')} missed the bar${also}`,
    figures,
  };
}

function planned(reason: string): Outcome {
  return { verdict: 'planned', reason, figures: [] };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
