import { setTimeout as delay } from 'node:timers/promises';

/** Waits until it is so; rejects after `patience` milliseconds and says what did not come. */
export async function until<Value>(
  isSo: () => Value | Promise<Value>,
  what: string,
  patience = 10_000,
): Promise<NonNullable<Value>> {
  const deadline = Date.now() + patience;
  for (;;) {
    const value = await isSo();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${patience} ms: ${what}`);
    await delay(20);
  }
}
