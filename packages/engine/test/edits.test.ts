import { expect, test } from 'vitest';
import { told } from './support/postman.ts';

// A target that edits what it told shows how a group is, whatever its subscription asked for.

test('A message changes with its group, though only its first firing was asked for', () => {
  const timeline = `
    0s  firing a
    10s ann acknowledge
    20s ann unacknowledge
    30s resolved a`;
  expect(told(timeline, { edits: true, events: ['firing'] })).toEqual([
    '0s firing',
    '10s edit to acknowledged',
    '20s edit to unacknowledged',
    '30s edit to resolved',
  ]);
  expect(told(timeline, { edits: false, events: ['firing'] })).toEqual(['0s firing']);
});

test('Nothing is edited where nothing was told', () => {
  const timeline = `
    0s  firing a
    10s ann acknowledge
    20s resolved a`;
  expect(told(timeline, { edits: true, events: ['resolved'] })).toEqual(['20s resolved']);
  expect(told(timeline, { edits: true, events: ['firing'], wait: '30s' })).toEqual([]);
  expect(told('0s notice a', { edits: true, events: ['firing'] })).toEqual([]);
});

test('What was asked for stays news, and updates come at most once per interval', () => {
  const timeline = `
    0s  firing a
    10s firing b
    20s firing c
    70s ann acknowledge
    80s resolved a
    90s resolved b
    91s resolved c`;
  expect(told(timeline, { edits: true, events: ['firing', 'resolved'], interval: '1m' })).toEqual([
    '0s firing',
    '60s edit to updated of updated, updated',
    '70s edit to acknowledged',
    '91s resolved of updated, updated, resolved',
  ]);
});

test('A message that could not be sent comes first, and is told as the group is then', () => {
  const timeline = `
    0s  down
    0s  firing a
    10s ann acknowledge
    15s up`;
  expect(told(timeline, { edits: true, events: ['firing'] })).toEqual([
    expect.stringMatching(/^\d+(\.\d+)?s acknowledged of firing, acknowledged$/),
  ]);
});

test('Only who asked for the firing is reminded of it', () => {
  const timeline = '0s firing a\n150m resolved a';
  expect(told(timeline, { edits: true, events: ['firing'], repeat: '1h' })).toEqual([
    '0s firing',
    '3600s firing of none',
    '7200s firing of none',
    '9000s edit to resolved',
  ]);
});
