import { formatDuration } from '@tocsin/core/base';
import type { AlertSignal } from './types.ts';

/**
 * A silence that is waited for: a row that becomes a signal when it is due, unless the source is heard of before, which
 * moves it. There is at most one for each alert of a source.
 */
export interface Timer {
  source: string;
  fingerprint: string;
  due: number;
  /** How long the source may be silent, in milliseconds; as long again where nobody could have heard it. */
  period: number;
  /** What the silence says. */
  signal: AlertSignal;
}

/** A timer's time may have come: its store says so, and `decide` looks. */
export interface TimerSignal {
  kind: 'timer';
  source: string;
  fingerprint: string;
}

/**
 * The timer of a source whose alerts are over when nothing is heard of them for `period`. That is no recovery, and is
 * never worded as one.
 */
export function endedBy(heard: AlertSignal, period: number, now: number): Timer {
  const { source, fingerprint, group, severity, labels, data } = heard;
  const said = { source, fingerprint, group, severity, labels, data };
  const comment = `no news for ${formatDuration(period)}`;
  const signal: AlertSignal = { kind: 'alert', ...said, status: 'resolved', actor: 'timeout', comment };
  return { source, fingerprint, due: now + period, period, signal };
}

/** The timer that a word of the source sets: it is heard of again within `period`, or the same alert fires. */
export function armedBy(heard: AlertSignal, period: number, now: number): Timer {
  const { source, fingerprint, group, severity, labels, data } = heard;
  const said = { source, fingerprint, group, severity, labels, data };
  // The silence begins with the last word. People are told of the actor in their own words.
  const signal: AlertSignal = { kind: 'alert', ...said, status: 'firing', startedAt: now, actor: 'timeout' };
  return { source, fingerprint, due: now + period, period, signal };
}
