import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recheckAfter } from '../src/hold.ts';
import { compileInhibition, InhibitionIndex, type InhibitionRule } from '../src/inhibition.ts';
import { parseMatchers } from '../src/matcher-parser.ts';
import type { Labels } from '../src/types.ts';
import upstream from './data/alertmanager-inhibition.json' with { type: 'json' };
import { type RestatedCase, restated } from './data/restated.ts';
import { code, picker } from './support/digits.ts';

interface WrittenRule {
  source: string[];
  target: string[];
  equal: string[];
}

interface InhibitionCase extends RestatedCase {
  rules: WrittenRule[];
  alerts: { labels: Labels; status: 'firing' | 'resolved' }[];
  checks: { labels: Labels; held: boolean }[];
}

function rule(source: string[], target: string[], equal: string[] = []): InhibitionRule {
  return { source: source.flatMap(parseMatchers), target: target.flatMap(parseMatchers), equal };
}

function indexOf(...rules: InhibitionRule[]): InhibitionIndex {
  return new InhibitionIndex(compileInhibition(rules));
}

/** An alert is who its labels say it is. */
function member(labels: Labels, status: 'firing' | 'resolved' = 'firing', group = 'g1') {
  return { group, fingerprint: JSON.stringify(labels), status };
}

// JSON's types are a union of every case's own shape.
restated(upstream, upstream.cases as unknown as InhibitionCase[], ({ rules, alerts, checks }) => {
  const index = indexOf(...rules.map(({ source, target, equal }) => rule(source, target, equal)));
  for (const { labels, status } of alerts) index.update(member(labels, status), labels);
  for (const { labels, held } of checks) expect(index.mute(labels, 0) !== null, JSON.stringify(labels)).toBe(held);
});

describe('an inhibition', () => {
  const cause = { cause: 'yes', rack: 'r1' };
  const effect = { effect: 'yes', rack: 'r1' };
  const powerCut = rule(['cause=yes'], ['effect=yes'], ['rack']);

  test('says who inhibits, and is looked at again in a minute', () => {
    const index = indexOf(powerCut);
    index.update(member(cause, 'firing', 'g7'), cause);
    expect(index.find(effect)).toEqual({ group: 'g7', fingerprint: JSON.stringify(cause) });
    expect(index.mute(effect, 1000)).toEqual({ until: 1000 + recheckAfter, by: ['inhibited by group g7'] });
  });

  test('takes a missing label and an empty one for the same', () => {
    const index = indexOf(rule(['cause=yes'], ['effect=yes'], ['rack', 'constructor']));
    index.update(member({}), { cause: 'yes' });
    expect(index.find({ effect: 'yes', rack: '' })).not.toBeNull();
    expect(index.find({ effect: 'yes', rack: 'r1' })).toBeNull();
  });

  test('keeps the values of equal labels apart', () => {
    const index = indexOf(rule(['cause=yes'], ['effect=yes'], ['a', 'b']), rule(['cause=yes'], ['effect=no'], []));
    index.update(member({}), { cause: 'yes', a: 'x","y', b: '' });
    expect(index.find({ effect: 'yes', a: 'x', b: 'y' })).toBeNull();
    expect(index.find({ effect: 'no' })).not.toBeNull();
  });

  test('lasts as long as one of its sources fires', () => {
    const index = indexOf(powerCut);
    const other = { ...cause, port: '2' };
    index.update(member(cause), cause);
    index.update(member(other), other);
    index.update(member(cause, 'resolved'), cause);
    expect(index.find(effect)).not.toBeNull();
    index.update(member(other, 'resolved'), other);
    expect(index.find(effect)).toBeNull();
  });

  test('ends when the labels of its source change, or the group of its source is closed', () => {
    const index = indexOf(powerCut);
    const one = { group: 'g1', fingerprint: 'a', status: 'firing' } as const;
    index.update(one, cause);
    index.update(one, { ...cause, rack: 'r2' });
    expect(index.find(effect)).toBeNull();
    index.update(one, cause);
    index.update({ ...one, fingerprint: 'b' }, cause);
    index.update({ ...one, group: 'g2' }, { ...cause, rack: 'r3' });
    index.close('g1');
    expect(index.find(effect)).toBeNull();
    expect(index.find({ ...effect, rack: 'r3' })).toEqual({ group: 'g2', fingerprint: 'a' });
  });

  test('of an alert on both sides is by another that is a source only, though one on both sides fires first', () => {
    const both = { cause: 'yes', effect: 'yes', rack: 'r1' };
    const index = indexOf(powerCut);
    index.update(member(both), both);
    expect(index.find(both)).toBeNull();
    expect(index.find(effect)).not.toBeNull();
    index.update(member(cause), cause);
    expect(index.find(both)).toEqual({ group: 'g1', fingerprint: JSON.stringify(cause) });
  });

  test('of one among many reads the labels of none', () => {
    let reads = 0;
    const index = indexOf(powerCut);
    for (let rack = 0; rack < 2000; rack++) {
      const labels = new Proxy(
        { cause: 'yes', rack: `${rack}` },
        {
          getOwnPropertyDescriptor: (...told) => {
            reads++;
            return Reflect.getOwnPropertyDescriptor(...told);
          },
        },
      );
      index.update({ group: 'g1', fingerprint: `${rack}`, status: 'firing' }, labels);
    }
    expect(reads).toBeGreaterThan(2000);
    reads = 0;
    expect(index.find({ effect: 'yes', rack: '1999' })?.fingerprint).toBe('1999');
    expect(reads).toBe(0);
  });
});

test('a plain model says the same', () => {
  const values = [undefined, '', 'x', 'x', 'x', 'y'];
  const labelsOf = (shape: number): Labels => {
    const pick = picker(shape);
    const labels = { s: pick(values), t: pick(values), e: pick(values), f: pick(values) };
    return Object.fromEntries(
      Object.entries(labels).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  };
  const rules = [
    rule(['s=x'], ['t=x'], ['e']),
    rule(['s=~"x|y"'], ['t!=""'], ['e', 'f']),
    rule(['e=y', 's!=""'], ['f=y']),
  ];
  const matches: [(labels: Labels) => boolean, (labels: Labels) => boolean][] = [
    [({ s }) => s === 'x', ({ t }) => t === 'x'],
    [({ s }) => s === 'x' || s === 'y', ({ t = '' }) => t !== ''],
    [({ e, s = '' }) => e === 'y' && s !== '', ({ f }) => f === 'y'],
  ];
  let held = 0;
  fc.assert(
    fc.property(fc.array(code, { maxLength: 6 }), code, (shapes, target) => {
      const index = indexOf(...rules);
      const firing = new Map<string, Labels>();
      for (const shape of shapes) {
        const labels = labelsOf(shape);
        const one = { ...member(labels, shape % 3 === 0 ? 'resolved' : 'firing'), fingerprint: `${shape % 4}` };
        index.update(one, labels);
        if (one.status === 'firing') firing.set(one.fingerprint, labels);
        else firing.delete(one.fingerprint);
      }
      const labels = labelsOf(target);
      const expected = rules.some(({ equal }, number) => {
        const [isSource, isTarget] = matches[number]!;
        const inhibits = (other: Labels) =>
          isSource(other) &&
          equal.every((name) => (other[name] ?? '') === (labels[name] ?? '')) &&
          !(isSource(labels) && isTarget(other));
        return isTarget(labels) && [...firing.values()].some(inhibits);
      });
      expect(index.find(labels) !== null).toBe(expected);
      held += expected ? 1 : 0;
    }),
    { numRuns: 300 },
  );
  expect(held).toBeGreaterThan(15);
});
