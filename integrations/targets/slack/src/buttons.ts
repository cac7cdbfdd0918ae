import type { Offer, PersonAction } from '@tocsin/core';

/** What silences can be chosen, in minutes. */
const silences = [
  [30, '30 minutes'],
  [60, '1 hour'],
  [240, '4 hours'],
  [720, '12 hours'],
  [1440, '1 day'],
  [10_080, '1 week'],
] as const;

/**
 * A row of buttons. The handle is in its `block_id`, which is to be another for each version of a message.
 * https://docs.slack.dev/reference/block-kit/blocks/actions-block
 */
export function buttonsOf({ handle, actions }: Offer, version: number, isAcknowledged: boolean): object {
  const button = (action: PersonAction, label: string, style?: 'primary' | 'danger') => ({
    type: 'button',
    action_id: action,
    text: { type: 'plain_text', text: label, emoji: false },
    ...(style ? { style } : {}),
  });
  const made: Record<PersonAction, object> = {
    acknowledge: isAcknowledged
      ? button('acknowledge', 'Acknowledge too')
      : button('acknowledge', 'Acknowledge', 'primary'),
    unacknowledge: button('unacknowledge', 'Unacknowledge'),
    resolve: button('resolve', 'Resolve'),
    silence: {
      type: 'static_select',
      action_id: 'silence',
      placeholder: { type: 'plain_text', text: 'Silence for …', emoji: false },
      options: silences.map(([minutes, label]) => ({
        text: { type: 'plain_text', text: label, emoji: false },
        value: String(minutes),
      })),
    },
    unsilence: button('unsilence', 'End silence'),
  };
  return {
    type: 'actions',
    block_id: `${handle}.${version.toString(36)}`,
    elements: actions.map((action) => made[action]),
  };
}

/** The handle in the `block_id` of a row of buttons. */
export function handleIn(blockId: string): string {
  return blockId.split('.', 1)[0] ?? '';
}
