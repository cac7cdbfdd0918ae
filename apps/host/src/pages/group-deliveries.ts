import type { Attempt, Delivery } from '@tocsin/engine';
import { deliveryState } from '../api/delivery-state.ts';
import { type Html, html } from './html.ts';
import { ago, type Clock } from './moment.ts';
import { plural, table } from './parts.ts';

/** Who was told, who will be, and how the last attempt ended. */
export function groupDeliveries(
  deliveries: readonly Delivery[],
  attempts: readonly Attempt[],
  address: string,
  clock: Clock,
): Html {
  return html`<section aria-labelledby="deliveries">
<h2 id="deliveries" tabindex="-1">Who is told</h2>
${
  deliveries.length === 0
    ? html`<p class="empty">Nobody: no route in <code>tocsin.yaml</code> takes these alerts to a target. Add one whose matchers fit the labels above, or a last route that matches everything; it holds from the group’s next change on.</p>`
    : table<Delivery>(
        'Subscriptions to this group',
        [
          { name: 'Target', isHeader: true, cell: nameOf },
          { name: 'State', cell: (delivery) => stateOf(delivery, clock) },
          { name: 'Last attempt', cell: (delivery) => lastOf(delivery, attempts, clock) },
        ],
        deliveries,
      )
}
<p><a href="${address}/why">Why somebody is told, or is not</a></p>
</section>`;
}

function nameOf({ target, address }: Delivery): Html {
  return html`<bdi>${target}</bdi>${address !== null && html` <span class="quiet"><bdi>${address}</bdi></span>`}`;
}

function stateOf(delivery: Delivery, clock: Clock): Html {
  const { due, attempt, dead, held, toldStatus, toldAt } = delivery;
  const told = toldAt !== null && html`told ${toldStatus} ${ago(toldAt, clock)}`;
  const before = told && html`<br><span class="quiet">${told}</span>`;
  const word = (kind: string, text: string) => html`<b class="delivery ${kind}">${text}</b>`;
  switch (deliveryState(delivery)) {
    case 'told':
      return html`${word('good', 'Up to date')}<br><span class="quiet">${told}</span>`;
    case 'waiting':
      return html`${word('', 'Waiting')}: a message ${whenDue(due, clock)}${before}`;
    case 'held':
      return html`${word('', 'Held back')} by <bdi>${held}</bdi>; the next look ${whenDue(due, clock)}${before}`;
    case 'sending':
      return html`${word('', 'Being sent')}${before}`;
    case 'retrying':
      return html`${word('bad', 'Failing')}: ${plural(attempt, 'attempt')} failed, the next ${whenDue(due, clock)}${before}`;
    case 'given-up':
      return html`${word('bad', 'Given up')}: <bdi>${dead}</bdi>${before}`;
    case 'idle':
      return html`${word('', 'Nothing to tell yet')}`;
  }
}

function whenDue(due: number | null, clock: Clock): Html {
  return due !== null && due > clock.now ? html`is due ${ago(due, clock)}` : html`is due now`;
}

export const outcomes: Record<Attempt['outcome'], string> = {
  delivered: 'Delivered',
  retry: 'Failed',
  refused: 'Refused',
  released: 'Put back',
  disabled: 'Gone',
};

function lastOf(delivery: Delivery, attempts: readonly Attempt[], clock: Clock): Html {
  const last = attempts.find(({ subscription }) => subscription === delivery.subscription);
  if (!last) return html`<span class="quiet">none yet</span>`;
  const { outcome, startedAt, reason, error, response } = last;
  const status = response && `HTTP ${response.status}`;
  const why = reason ?? error;
  return html`${outcomes[outcome]} ${ago(startedAt, clock)}${
    outcome === 'delivered' ? status && `, ${status}` : why && html`: <bdi>${shortened(why)}</bdi>`
  }`;
}

export function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300).toWellFormed()}…` : text;
}
