import type { Labels } from '@tocsin/core/base';
import { type Hold, type Muter, recheckAfter } from './hold.ts';
import { compileMatchers, labelValue, type Matcher } from './matcher.ts';
import type { Member } from './types.ts';

/**
 * While an alert fires that satisfies `source`, those that satisfy `target` and have the same values of the labels
 * in `equal` are held; a label that both don't have is the same, and so is an empty one. An alert that satisfies both
 * sides is held only by one that satisfies `source` alone, so none holds itself, and no two hold each other.
 * https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule
 */
export interface InhibitionRule {
  source: Matcher[];
  target: Matcher[];
  equal: string[];
}

/**
 * The rules as keys: an alert is inhibited if one that fires has a source key among its target keys. So a store finds
 * it by an index, in memory (`InhibitionIndex`) or in a table. The keys are of these very rules: others need new keys.
 */
export interface Inhibition {
  /** At most one for each rule. */
  sourceKeys(labels: Labels): string[];
  /** At most two for each rule. */
  targetKeys(labels: Labels): string[];
}

/** Throws TocsinError('config') for a regular expression that RE2 refuses. */
export function compileInhibition(rules: readonly InhibitionRule[]): Inhibition {
  const compiled = rules.map(({ source, target, equal }, rule) => ({
    isSource: compileMatchers(source),
    isTarget: compileMatchers(target),
    key: (side: 'source' | 'both', labels: Labels) =>
      JSON.stringify([rule, side, ...equal.map((name) => labelValue(labels, name))]),
  }));
  return {
    sourceKeys: (labels) =>
      compiled.flatMap(({ isSource, isTarget, key }) =>
        isSource(labels) ? [key(isTarget(labels) ? 'both' : 'source', labels)] : [],
      ),
    targetKeys: (labels) =>
      compiled.flatMap(({ isSource, isTarget, key }) => {
        if (!isTarget(labels)) return [];
        return isSource(labels) ? [key('source', labels)] : [key('source', labels), key('both', labels)];
      }),
  };
}

/** Which member inhibits. */
export type Inhibitor = Pick<Member, 'group' | 'fingerprint'>;

/**
 * The firing members that may inhibit, by their keys: a check costs a look-up per rule, however many fire. Only members
 * that satisfy the source side of a rule are kept.
 *
 * It is right as long as it has been told of every firing member once (at the start), then of every member that
 * changed and every group that was closed, as `Changes` has them, closed groups first.
 */
export class InhibitionIndex implements Muter {
  readonly #inhibition: Inhibition;
  readonly #sources = new Map<string, Map<string, Inhibitor>>();
  /** The keys of each member, by group and fingerprint. */
  readonly #keys = new Map<string, Map<string, readonly string[]>>();

  constructor(inhibition: Inhibition) {
    this.#inhibition = inhibition;
  }

  /** A member as it is now, with its labels as routes see them. */
  update(member: Pick<Member, 'group' | 'fingerprint' | 'status'>, labels: Labels): void {
    this.#remove(member);
    if (member.status !== 'firing') return;
    const keys = this.#inhibition.sourceKeys(labels);
    if (keys.length === 0) return;
    const { group, fingerprint } = member;
    insert(this.#keys, group, fingerprint, keys);
    for (const key of keys) insert(this.#sources, key, idOf(member), { group, fingerprint });
  }

  /** All members of a group ended at once. */
  close(group: string): void {
    for (const fingerprint of this.#keys.get(group)?.keys() ?? []) this.#remove({ group, fingerprint });
  }

  /** A firing member that inhibits an alert with these labels. */
  find(labels: Labels): Inhibitor | null {
    for (const key of this.#inhibition.targetKeys(labels)) {
      for (const inhibitor of this.#sources.get(key)?.values() ?? []) return inhibitor;
    }
    return null;
  }

  /** Nothing says when an inhibition will end. */
  mute(labels: Labels, now: number): Hold | null {
    const inhibitor = this.find(labels);
    return inhibitor && { until: now + recheckAfter, by: [`inhibited by group ${inhibitor.group}`] };
  }

  #remove(member: Inhibitor): void {
    const { group, fingerprint } = member;
    for (const key of this.#keys.get(group)?.get(fingerprint) ?? []) remove(this.#sources, key, idOf(member));
    remove(this.#keys, group, fingerprint);
  }
}

function idOf({ group, fingerprint }: Inhibitor): string {
  return `${group}\n${fingerprint}`;
}

function insert<Value>(table: Map<string, Map<string, Value>>, row: string, column: string, value: Value): void {
  const values = table.get(row);
  if (values) values.set(column, value);
  else table.set(row, new Map([[column, value]]));
}

/** An empty row goes, so that the table doesn't grow for ever. */
function remove(table: Map<string, Map<string, unknown>>, row: string, column: string): void {
  const values = table.get(row);
  values?.delete(column);
  if (values?.size === 0) table.delete(row);
}
