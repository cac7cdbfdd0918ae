import type { NotificationInput, Offer } from '@tocsin/core';

/** What a host would let people press in a message about a group; nothing once it is over. */
export function offerOf({ group: { status } }: NotificationInput): Offer | undefined {
  if (status === 'resolved') return undefined;
  return {
    handle: 'handle-of-an-example',
    actions: [
      'acknowledge',
      ...(status === 'acknowledged' ? (['unacknowledge'] as const) : []),
      'resolve',
      'silence',
      ...(status === 'silenced' ? (['unsilence'] as const) : []),
    ],
  };
}
