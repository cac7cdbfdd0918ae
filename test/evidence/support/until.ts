import { setTimeout as delay } from 'node:timers/promises';

/** Waits until it is so and gives what it found; rejects after `patience` milliseconds and says what did not come. */
export async function until<Value>(
  what: string,
  isSo: () => Value | Promise<Value>,
  patience = 20_000,
): Promise<NonNullable<Value>> {
  const deadline = Date.now() + patience;
  for (;;) {
    const value = await isSo();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${patience} ms: ${what}`);
    await delay(20);
  }
}
