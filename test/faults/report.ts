import type { Figure } from './bench.ts';
import type { Result } from './runner.ts';

/** A row as a line, `D6  passed  …`; what can't be done here begins with `skipped:`, which fails a step of CI. */
export function lineOf({ id, title, bar, verdict, reason, figures, seconds }: Result): string {
  if (verdict === 'skipped') return `skipped: ${id} ${title} (${reason})`;
  if (verdict === 'planned') return `${id.padEnd(11)} skipped: ${reason} · ${title}`;
  const told = figures.map(textOf).join(' · ');
  const lines = [`${id.padEnd(11)} ${verdict} ${seconds.toFixed(1).padStart(6)} s  ${title}`, `    ${told}`];
  if (reason !== undefined) lines.push(`    ${reason}`);
  if (verdict === 'failed') lines.push(`    bar: ${bar}`);
  return lines.join('\n');
}

/** The last line. */
export function totalsOf(results: readonly Result[]): string {
  const count = (verdict: Result['verdict']) => results.filter((one) => one.verdict === verdict).length;
  const notRun = count('skipped') + count('planned');
  return `${count('passed')} passed, ${count('failed')} failed, ${notRun} skipped (${count('skipped')} of them because of this machine)`;
}

function textOf({ name, value, isMet }: Figure): string {
  return `${isMet === false ? 'MISSED ' : ''}${name} ${value}`;
}
