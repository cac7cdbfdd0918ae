import type { Delivery } from '@tocsin/engine';

export const deliveryStates = ['given-up', 'sending', 'retrying', 'held', 'waiting', 'told', 'idle'] as const;

/**
 * How a delivery stands, in one word: `given-up` (its last step is dead), `sending` (claimed now), `retrying` (an attempt
 * failed), `held` (a silence, an inhibition or a time interval holds it back), `waiting` (something is owed at `due`), `told` (up to date), `idle` (nothing was owed yet).
 */
export type DeliveryState = (typeof deliveryStates)[number];

export function deliveryState(delivery: Delivery): DeliveryState {
  if (delivery.leaseUntil !== null) return 'sending';
  if (delivery.due !== null && delivery.held !== null) return 'held';
  if (delivery.due !== null) return delivery.attempt > 0 ? 'retrying' : 'waiting';
  if (delivery.dead !== null) return 'given-up';
  return delivery.toldAt === null ? 'idle' : 'told';
}
