import type { CheckResult } from '@tocsin/testkit';
import type { TestedIntegration } from './test-report.ts';

/**
 * The results as JUnit XML, a suite for each integration and a case for each rule and file; as
 * https://github.com/testmoapp/junitxml describes what programs read of it.
 */
export function junit(tested: readonly TestedIntegration[]): string {
  const all = tested.flatMap(({ results }) => results);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tocsin test"${countsOf(all)}>`,
    ...tested.flatMap(({ name, results }) => [
      `  <testsuite name="${escapeXml(name)}"${countsOf(results)}>`,
      ...results.map((result) => testcase(name, result)),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function testcase(suite: string, { file, rule, ok, message, remedy }: CheckResult): string {
  const attributes = `classname="${escapeXml(suite)}" name="${escapeXml(`${rule}: ${file}`)}" file="${escapeXml(file)}"`;
  if (ok) return `    <testcase ${attributes}/>`;
  const [firstLine = ''] = message.split('\n');
  const failure = `<failure type="${escapeXml(rule)}" message="${escapeXml(firstLine)}">${escapeXml(`${message}\n→ ${remedy}`)}</failure>`;
  return `    <testcase ${attributes}>${failure}</testcase>`;
}

function countsOf(results: readonly CheckResult[]): string {
  return ` tests="${results.length}" failures="${results.filter(({ ok }) => !ok).length}" errors="0" skipped="0"`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // Else an attribute would have a space in their place.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Text for an element or an attribute; what XML can't hold at all becomes U+FFFD. https://www.w3.org/TR/xml/#charsets */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(
      /[\p{Cc}\ufffe\uffff&<>"']/gu,
      (character) => entities[character] ?? (isC1(character) ? character : '\ufffd'),
    );
}

/** XML 1.0 leaves out the older controls and keeps these. */
function isC1(character: string): boolean {
  return character >= '\u007f' && character <= '\u009f';
}
