import type { Labels } from '@tocsin/core/base';
import { reserved } from './matcher-lexer.ts';
import { compileRegex } from './matcher-regex.ts';

/** Equal, not equal, and a regular expression (RE2, anchored at both ends) that matches or doesn't. */
export type MatchOperator = '=' | '!=' | '=~' | '!~';

/** One condition on one label, with Alertmanager's meaning. A label that an alert doesn't have counts as empty. */
export interface Matcher {
  name: string;
  op: MatchOperator;
  value: string;
}

/**
 * A test that is true for labels which satisfy every matcher; for no matchers, always.
 * Throws TocsinError('config') for a regular expression that RE2 refuses.
 */
export function compileMatchers(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const conditions = matchers.map((matcher) => ({ name: matcher.name, accepts: compileMatcher(matcher) }));
  return (labels) => {
    for (const { name, accepts } of conditions) if (!accepts(labelValue(labels, name))) return false;
    return true;
  };
}

/** The same for a single matcher and the value that a label has (empty, if the alert has no such label). */
export function compileMatcher({ op, value: expected }: Matcher): (value: string) => boolean {
  switch (op) {
    case '=':
      return (value) => value === expected;
    case '!=':
      return (value) => value !== expected;
    case '=~':
      return compileRegex(expected);
    case '!~': {
      const matches = compileRegex(expected);
      return (value) => !matches(value);
    }
  }
}

/** A label called `constructor` is a label, not what every object inherits. */
export function labelValue(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}

/**
 * `severity=~"critical|error"`; a name that the classic syntax couldn't hold is quoted, as Alertmanager prints it.
 * `parseMatchers` reads it back to the same matcher.
 */
export function formatMatcher({ name, op, value }: Matcher): string {
  return `${reserved.test(name) ? quote(name) : name}${op}${quote(value)}`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`;
}
