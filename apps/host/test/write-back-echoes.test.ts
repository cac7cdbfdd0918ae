import { packSignals, type Signals, unpackSignals } from '@tocsin/engine';
import { alert } from '@tocsin/engine/testing';
import { expect, test } from 'vitest';
import { Echoes } from '../src/write-back/echoes.ts';

// What a monitor says of what it was asked to do a moment ago.

let now = 0;
const ann = { action: 'acknowledge', actor: 'Ann Archer', comment: 'on it' } as const;

function said(echoes: Echoes, ...signals: Parameters<typeof alert>[]) {
  const named: Signals = echoes.named('prod', packSignals(signals.map((each) => alert(...each))));
  return 'packed' in named ? unpackSignals(named.packed) : named;
}

test('a monitor’s word of what it was asked to do is that of who asked, until it says the opposite', () => {
  const echoes = new Echoes(() => now);
  echoes.expect('prod', 'a', ann);
  expect(
    said(echoes, ['b', { status: 'acknowledged' }], ['a', { status: 'firing' }], ['a', { status: 'acknowledged' }]),
  ).toEqual([
    alert('b', { status: 'acknowledged' }),
    alert('a'),
    alert('a', { status: 'acknowledged', actor: 'Ann Archer', comment: 'on it' }),
  ]);
  expect(said(echoes, ['a', { status: 'acknowledged' }])).toMatchObject([{ actor: 'Ann Archer' }]);
  expect(said(echoes, ['a', { status: 'unacknowledged' }], ['a', { status: 'acknowledged' }])).toEqual([
    alert('a', { status: 'unacknowledged' }),
    alert('a', { status: 'acknowledged' }),
  ]);
  echoes.expect('prod', 'a', { action: 'resolve', actor: 'ann' });
  expect(said(echoes, ['a', { status: 'firing' }], ['a', { status: 'resolved' }])).toEqual([
    alert('a'),
    alert('a', { status: 'resolved' }),
  ]);
});

test('what the monitor says itself, who did it and until when, stands', () => {
  const echoes = new Echoes(() => now);
  echoes.expect('prod', 'a', { action: 'silence', actor: 'ann', until: 5 });
  expect(said(echoes, ['a', { status: 'silenced', actor: 'root', comment: 'mine', expires: 7 }])).toMatchObject([
    { actor: 'root', comment: 'mine', expires: 7 },
  ]);
  echoes.expect('prod', 'a', { action: 'silence', actor: 'ann', until: 5 });
  expect(said(echoes, ['a', { status: 'silenced' }])).toMatchObject([{ actor: 'ann', expires: 5 }]);
});

test('after a minute, or where it was not done, it is the monitor’s own word', () => {
  const echoes = new Echoes(() => now);
  echoes.expect('prod', 'a', ann);
  now += 60_000;
  expect(said(echoes, ['a', { status: 'acknowledged' }])).toEqual([alert('a', { status: 'acknowledged' })]);
  echoes.expect('prod', 'a', ann);
  echoes.forget('prod', 'a', 'acknowledge');
  expect(said(echoes, ['a', { status: 'acknowledged' }])).toEqual([alert('a', { status: 'acknowledged' })]);
});

test('it remembers no more than it can hold', () => {
  const echoes = new Echoes(() => now);
  for (let index = 0; index < 10_001; index++) echoes.expect('prod', `${index}`, ann);
  const [first, last] = said(echoes, ['0', { status: 'acknowledged' }], ['10000', { status: 'acknowledged' }]);
  expect([first, last]).toMatchObject([{ fingerprint: '0' }, { actor: 'Ann Archer' }]);
  expect(first).not.toHaveProperty('actor');
});
