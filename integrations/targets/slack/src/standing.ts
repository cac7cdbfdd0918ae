import { mediumOf, type Notification, type Offer, type PersonAction } from '@tocsin/core';
import { date, section } from './message.ts';

/** Who has the alert already, and what can be pressed. https://docs.slack.dev/reference/block-kit/blocks/actions-block */
export function standingOf(notification: Notification): object[] {
  const { offer, group, event } = notification;
  if (group.status === 'resolved') return [];
  const holder = holderOf(notification);
  return [
    ...(holder === undefined ? [] : [section(holder)]),
    ...(offer === undefined || offer.actions.length === 0 ? [] : [buttons(offer, event.number, holder !== undefined)]),
  ];
}

/** Whether the comment of the notification's event stands in what {@link standingOf} says. */
export function standsWithComment({ group, event }: Notification): boolean {
  return group.status !== 'resolved' && event.kind === 'acknowledged';
}

function holderOf({ group, event, since, comment }: Notification): string | undefined {
  if (group.acknowledgedBy === undefined && group.status !== 'acknowledged') return undefined;
  const taken = since.findLast(({ kind }) => kind === 'acknowledged');
  const name = group.acknowledgedBy ?? taken?.actor;
  const at = taken?.at ?? group.acknowledgedAt;
  const said = event.kind === 'acknowledged' ? comment : line(taken?.comment ?? '', 300);
  const who = name === undefined ? '' : ` by ${line(name, 200)}`;
  const when = at === undefined ? '' : `  ·  ${date(at)}`;
  return `*Already acknowledged${who}*${when}${said ? `\n“${said}”` : ''}`;
}

/** The minutes of a silence, and how people are asked for them. */
const silences: readonly (readonly [minutes: number, label: string])[] = [
  [60, '1 hour'],
  [4 * 60, '4 hours'],
  [8 * 60, '8 hours'],
  [24 * 60, '24 hours'],
  [3 * 24 * 60, '3 days'],
  [7 * 24 * 60, '7 days'],
];

/**
 * The handle rides in `block_id`, which holds 255 characters, and "should be unique for each message and each iteration
 * of a message": a menu that keeps its id keeps what was chosen. Numbers of events only grow.
 */
function buttons({ handle, actions }: Offer, number: number, isHeld: boolean): object {
  return {
    type: 'actions',
    block_id: `${handle}.${number}`,
    elements: actions.map((action) => element(action, isHeld)),
  };
}

function element(action: PersonAction, isHeld: boolean): object {
  switch (action) {
    case 'acknowledge':
      return { ...button(action, isHeld ? 'Acknowledge too' : 'Acknowledge'), style: 'primary' };
    case 'unacknowledge':
      return button(action, 'Unacknowledge');
    case 'resolve':
      return button(action, 'Resolve');
    case 'unsilence':
      return button(action, 'End silence');
    case 'silence':
      // https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#static_select
      return {
        type: 'static_select',
        action_id: action,
        placeholder: plain('Silence for …'),
        options: silences.map(([minutes, label]) => ({ text: plain(label), value: String(minutes) })),
      };
  }
}

/** https://docs.slack.dev/reference/block-kit/block-elements/button-element */
function button(action: PersonAction, label: string): object {
  return { type: 'button', action_id: action, text: plain(label) };
}

function plain(text: string): object {
  return { type: 'plain_text', text, emoji: false };
}

function line(text: string, limit: number): string {
  return mediumOf('slack').line(text, limit);
}
