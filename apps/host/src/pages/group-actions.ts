import type { GroupSummary } from '@tocsin/engine';
import { allows } from '../api/access.ts';
import { isoTime } from '../api/time.ts';
import type { AccessToken } from '../context.ts';
import { type Html, html } from './html.ts';
import { type Clock, nextMorning } from './moment.ts';

/** Characters of a comment; the API takes longer ones. */
export const longestComment = 1000;

/** What the person may do to the group: one form, in which each button posts to its own address. */
export function groupActions(group: GroupSummary, token: AccessToken, address: string, clock: Clock): Html | undefined {
  if (group.status === 'resolved') return undefined;
  if (!allows(token.role, 'operator')) {
    return html`<p class="quiet">Your token may look, not act: that needs the role operator.</p>`;
  }
  const acknowledged = group.acknowledgedBy !== null;
  const morning = nextMorning(clock);
  const silence = (value: string, name: string) =>
    html`<button type="submit" formaction="${address}/silence" name="until" value="${value}">Silence ${name}</button>\n`;
  return html`<section class="actions" aria-labelledby="actions">
<h2 id="actions">Act</h2>
<form method="post" action="${address}/${acknowledged ? 'unacknowledge' : 'acknowledge'}">
<input type="hidden" name="incarnation" value="${group.incarnation}">
<div class="field">
<label for="comment">Comment <span class="quiet">(optional; kept in the log, and told)</span></label>
<input id="comment" name="comment" maxlength="${longestComment}" autocomplete="off">
</div>
<div class="buttons">
${
  acknowledged
    ? html`<button type="submit">Take the acknowledgement back</button>`
    : html`<button type="submit" class="first">Acknowledge</button>`
}
<button type="submit" formaction="${address}/resolve" aria-describedby="resolve-hint">Resolve</button>
</div>
<div class="buttons">
${group.silencedUntil !== null && html`<button type="submit" formaction="${address}/unsilence">End the silence</button>\n`}${silence('1h', '1 hour')}${silence('4h', '4 hours')}${silence(isoTime(morning.time), `until ${morning.name}`)}</div>
<p class="quiet" id="resolve-hint">Resolve closes the group by hand: the same firing doesn’t open it again, a new one does. A silence holds updates back and ends by itself.</p>
</form>
</section>`;
}
