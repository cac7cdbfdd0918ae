import type { Silence } from '@tocsin/engine';
import type { HostContext } from '../context.ts';
import type { Telling } from '../why/telling.ts';
import type { TriedRoute, Way } from '../why/ways.ts';
import type { Why } from '../why/why.ts';
import { basePath } from './address.ts';
import { outcomes, shortened } from './group-deliveries.ts';
import { eventNames } from './group-events.ts';
import { statusOf } from './group-list.ts';
import { type Html, html } from './html.ts';
import { absolute, ago, type Clock, moment } from './moment.ts';
import { groupName, labelList, table } from './parts.ts';
import { severityMark, statusMark } from './status.ts';

/** Why somebody was told of a group, or wasn't: the answer first, then the way of the group in its order. */
export function whyPage(why: Why, { url }: Pick<HostContext, 'url'>, clock: Clock): { title: string; main: Html } {
  const { answer, advice, group } = why;
  const { name } = groupName(group);
  const address = `${basePath(url)}/g/${group.id}`;
  return {
    title: `Why: ${name}`,
    main: html`<p class="back"><a href="${address}">Back to the group</a></p>
<div class="headline">${statusMark(statusOf(group))} ${severityMark(group.severity)}</div>
<h1>Why? <bdi>${name}</bdi></h1>
<p><b><bdi>${answer}</bdi></b></p>
${advice.length > 0 && html`<ul>${advice.map((line) => html`<li><bdi>${line}</bdi></li>`)}</ul>`}
${cameIn(why, clock)}
${decided(why, clock)}
${tried(why.ways)}
${silenced(why.silences, clock)}
${told(why.tellings, clock)}
<p class="as-of">As of ${absolute(clock.now, clock)}. <a href="${address}/why">Load it again</a> for the present state.</p>`,
  };
}

function section(id: string, title: string, content: Html): Html {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>`;
}

function cameIn({ group, request }: Why, clock: Clock): Html {
  const { first, last, kept, rejected } = request;
  const refusals = rejected.map(
    ({ id, receivedAt, reason }) =>
      html`<li>request ${id}, ${ago(receivedAt, clock)}: <bdi>${shortened(reason ?? '')}</bdi></li>`,
  );
  return section(
    'request',
    'How it came in',
    html`<p>From <bdi>${group.source}</bdi>, with the key <code><bdi>${group.key}</bdi></code>. First ${moment(first, clock)}, last ${ago(last, clock)}.${kept && html` Request ${kept.id} came in just then, and is kept.`}</p>
${refusals.length > 0 && html`<p>Requests of this source that could not be read since:</p><ul>${refusals}</ul>`}`,
  );
}

function decided({ group, decisions }: Why, clock: Clock): Html {
  const entries = decisions.map(
    ({ number, kind, at, actor, comment, quiet, after }) =>
      html`<li value="${number}"><b>${eventNames[kind]}</b>${actor !== null && html` by <bdi>${actor}</bdi>`}${quiet && html` <span class="quiet">(nobody is told of this)</span>`}, ${ago(at, clock)}; then ${after.status}, ${after.firing} of ${after.members} firing${comment !== null && html`<blockquote><bdi>${comment}</bdi></blockquote>`}</li>`,
  );
  const isCut = decisions.length < group.events;
  return section(
    'decisions',
    'What was decided',
    html`<ol>${entries}</ol>${isCut && html`<p class="quiet">${group.events - decisions.length} in between are left out.</p>`}`,
  );
}

function tried(ways: readonly Way[]): Html {
  const shown = ways.map(({ labels, alerts, fingerprints, routes }) => {
    const who = `${fingerprints.join(', ')}${alerts > fingerprints.length ? ` and ${alerts - fingerprints.length} more` : ''}`;
    return html`<h3><bdi>${who}</bdi></h3>
${labelList(labels)}
${table<TriedRoute>(
  `Routes that were tried for ${who}`,
  [
    {
      name: 'Route',
      isHeader: true,
      cell: ({ path, line }) =>
        html`<code>${path}</code> <span class="quiet">${line === null ? 'made by the API' : `line ${line}`}</span>`,
    },
    {
      name: 'Matchers',
      cell: ({ matchers }) =>
        matchers.length === 0 ? 'everything' : html`<code><bdi>${matchers.join(', ')}</bdi></code>`,
    },
    { name: 'Result', cell: resultOf },
  ],
  routes,
)}`;
  });
  const none = html`<p class="empty">No alert of the group is known.</p>`;
  return section('routes', 'Which routes were tried', html`${shown.length === 0 ? none : shown}`);
}

function resultOf({ failed, selected, subscriptions }: TriedRoute): Html {
  if (failed) {
    const has =
      failed.value === ''
        ? html`there is no ${failed.label}`
        : html`${failed.label} is <bdi>${JSON.stringify(failed.value)}</bdi>`;
    return html`<b>No</b>: <code><bdi>${failed.matcher}</bdi></code>, and ${has}`;
  }
  if (!selected) return html`<b>Yes</b>: a route below takes it`;
  return html`<b>Yes</b>: ${subscriptions.length === 0 ? 'and it names no target' : html`tells <bdi>${subscriptions.join(', ')}</bdi>`}`;
}

function silenced(silences: readonly Silence[], clock: Clock): Html | undefined {
  if (silences.length === 0) return undefined;
  const items = silences.map(
    ({ id, startsAt, endsAt, comment, author }) =>
      html`<li><code>${id}</code> by <bdi>${author}</bdi>, from ${moment(startsAt, clock)} to ${moment(endsAt, clock)}: <bdi>${comment}</bdi></li>`,
  );
  return section('silences', 'Silences that match', html`<ul>${items}</ul>`);
}

const verdicts: Record<Telling['verdict'], [kind: string, word: string]> = {
  told: ['good', 'Told'],
  waits: ['', 'Waiting'],
  trouble: ['bad', 'Trouble'],
  never: ['', 'Not told'],
};

function told(tellings: readonly Telling[], clock: Clock): Html {
  const shown = tellings.map(({ target, address, verdict, says, routes, attempts }) => {
    const [kind, word] = verdicts[verdict];
    const from = routes.length > 0 && html` <span class="quiet">from ${routes.join(', ')}</span>`;
    return html`<h3><bdi>${target}</bdi>${address !== null && html` <span class="quiet"><bdi>${address}</bdi></span>`}</h3>
<p><b class="delivery ${kind}">${word}</b>${from}</p>
<ul>${says.map((line) => html`<li><bdi>${line}</bdi></li>`)}</ul>
${attempts.length > 0 && html`<p>Attempts, the newest first:</p><ul>${attempts.map((attempt) => attemptItem(attempt, clock))}</ul>`}`;
  });
  const none = html`<p class="empty">Nobody.</p>`;
  return section('tellings', 'Who is told', html`${shown.length === 0 ? none : shown}`);
}

function attemptItem(
  { startedAt, duration, event, outcome, reason, error, response }: Telling['attempts'][number],
  clock: Clock,
): Html {
  const why = reason ?? error ?? (response && `HTTP ${response.status}`);
  return html`<li>${outcomes[outcome]} ${ago(startedAt, clock)}, up to event ${event}, after ${duration} ms${why && html`: <bdi>${shortened(why)}</bdi>`}</li>`;
}
