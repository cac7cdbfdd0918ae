import { setTimeout as delay } from 'node:timers/promises';
import { alertFor, percentile } from './configs.ts';
import type { FaultTarget } from './fault-target.ts';
import type { Hub } from './hub.ts';

/** Milliseconds from the post of an alert to its arrival at a healthy target, as the 99th of a hundred has it. */
export async function timeToTell(hub: Hub, target: FaultTarget, to: string, count = 200): Promise<number> {
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
  return Math.round(percentile(times, 0.99) * 10) / 10;
}

/** At most twice as long; 25 ms of what a busy machine adds are no delay. */
export function atMostTwice(beside: number, alone: number): boolean {
  return beside <= Math.max(2 * alone, alone + 25);
}
