import { relative } from 'node:path';
import { styleText } from 'node:util';
import type { CheckResult } from '@tocsin/testkit';
import { printable } from './printable.ts';

export interface TestedIntegration {
  /** `source-acme` */
  name: string;
  folder: string;
  results: readonly CheckResult[];
}

export interface ReportOptions {
  /** Files are named from here. */
  folder: string;
  isColoured: boolean;
}

/** The results for people: what fails first, each with what to do, then what holds, then the sum. */
export function report(tested: readonly TestedIntegration[], { folder, isColoured }: ReportOptions): string {
  const paint = (color: 'red' | 'green' | 'dim', text: string) =>
    isColoured ? styleText(color, text, { validateStream: false }) : text;
  const broken = tested.filter(({ results }) => results.some(({ ok }) => !ok));
  const whole = tested.filter((one) => !broken.includes(one));
  const failed = tested.flatMap(({ results }) => results.filter(({ ok }) => !ok)).length;
  const passed = tested.flatMap(({ results }) => results).length - failed;
  return [
    ...(failed > 0
      ? [
          paint('red', `${failed} of ${failed + passed} checks fail, in ${broken.map(({ name }) => name).join(', ')}`),
          '',
        ]
      : []),
    ...broken.flatMap((one) => [
      `${paint('red', '✗')} ${headOf(one)}`,
      ...failuresOf(one, folder, (text) => paint('dim', text)),
      '',
    ]),
    ...whole.map((one) => `${paint('green', '✓')} ${headOf(one)}`),
    `${passed} passed, ${failed} failed`,
    '',
  ].join('\n');
}

function headOf({ name, results }: TestedIntegration): string {
  return `${printable(name)}: ${results.filter(({ ok }) => ok).length} of ${results.length} checks hold`;
}

function failuresOf({ folder, results }: TestedIntegration, from: string, quiet: (text: string) => string): string[] {
  const byFile = Map.groupBy(
    results.filter(({ ok }) => !ok),
    ({ file }) => file,
  );
  return [...byFile].flatMap(([file, failures]) => [
    `    ${printable(relative(from, `${folder}/${file}`))}`,
    ...failures.flatMap(({ rule, message, remedy }) => [
      ...indented(`${rule}: ${message}`, '      '),
      ...indented(`→ ${remedy}`, '      ').map(quiet),
    ]),
  ]);
}

function indented(text: string, indentation: string): string[] {
  const [first = '', ...rest] = printable(text).split('\n').map(cut);
  return [indentation + first, ...rest.map((line) => `${indentation}  ${line}`)];
}

/** More is not read; `--json` has it all. */
const longestLine = 400;

function cut(line: string): string {
  return line.length > longestLine ? `${line.slice(0, longestLine - 1).toWellFormed()}…` : line;
}
