import { setTimeout as delay } from 'node:timers/promises';
import { alertFor, percentile } from './configs.ts';
import type { FaultTarget } from './fault-target.ts';
import type { Hub } from './hub.ts';

/**
 * Milliseconds from the post of an alert to its arrival at a healthy target, as the 99th of a hundred has it in the calmest
 * of three rounds: what a fault does to others it does in each, what a busy machine does it does in some.
 */
export async function timeToTell(hub: Hub, target: FaultTarget, to: string, count = 200): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < 3; round++) rounds.push(await roundOf(hub, target, to, Math.ceil(count / 3)));
  return Math.round(Math.min(...rounds) * 10) / 10;
}

async function roundOf(hub: Hub, target: FaultTarget, to: string, count: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const path = `/${to}`;
    const before = target.received(path).length;
    const began = performance.now();
    const { status } = await hub.post('any', alertFor(to, `${to}-${performance.now()}`));
    if (status !== 202) throw new Error(`an alert beside the fault was answered ${status}`);
    while (target.received(path).length === before) {
      if (performance.now() - began > 20_000) throw new Error(`the healthy target ${to} was not told in 20 s`);
      await delay(1);
    }
    times.push(performance.now() - began);
  }
  return percentile(times, 0.99);
}

/** At most twice as long; 25 ms of what a busy machine adds are no delay. */
export function atMostTwice(beside: number, alone: number): boolean {
  return beside <= Math.max(2 * alone, alone + 25);
}
