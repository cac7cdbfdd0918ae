import { type NotificationInput, standardNotifications } from '@tocsin/core';
import type { PackedInput } from '../integrations/jobs.ts';
import type { Attempted, Sender } from './sender.ts';

/** Milliseconds that a test may take in all. */
const longest = 45_000;

/**
 * Sends a notification that says it is a test, of an alert that nobody has: through the same rendering, the same door
 * and the same reading of the answer as any other. Nothing of it is stored.
 */
export async function testSend(
  sender: Sender,
  target: { id: string; address?: string },
  { now, url, nonce }: { now: number; url: string; nonce: string },
): Promise<Attempted> {
  const letter = {
    source: null,
    target: target.id,
    wording: null,
    input: testInput(target.address, { now, url, nonce }),
  };
  return await sender.send(letter, AbortSignal.timeout(longest), async () => true);
}

function testInput(
  address: string | undefined,
  { now, url, nonce }: { now: number; url: string; nonce: string },
): PackedInput {
  const { event, group, alert } = standardNotifications.minimal satisfies NotificationInput;
  const told = { ...event, at: now };
  return {
    id: `test-${nonce}`,
    group: { ...group, id: 'test', source: 'test', key: 'test', severity: 'info', startedAt: now, url },
    event: told,
    since: [told],
    alerts: [{ ...alert, severity: 'info', labels, startedAt: now, data: JSON.stringify(data) }],
    test: true,
    ...(address === undefined ? {} : { address }),
  };
}

const labels = { alertname: 'Test' };

const data = {
  summary: 'A test of the way to you',
  description: 'Somebody tries whether messages arrive here. Nothing is wrong, and there is nothing to do.',
};
