import { byId, make, say } from '/dom.js';
import { followSlack } from '/slack.js';
import { buildNode } from '/view.js';

/** As many messages as the page keeps; the server keeps them too, up to its own bound. */
const MOST_MESSAGES = 500;
/** Announcements wait until it has been quiet for this long, in milliseconds, so that a burst is said once. */
const QUIET = 400;

const SERVICES = { slack: 'Slack', 'slack-api': 'Slack API', webhook: 'Webhook', dutycalls: 'DutyCalls' };

const feed = byId('feed');
const shown = [];
let channel = readChannel();
let unsaid = [];
let quietTimer;
let slack;

const slackAddress = `${location.origin}/slack/services/ops/B1/any-secret`;
byId('slack-address').textContent = slackAddress;
byId('slack-api-address').textContent = `${location.origin}/slack/api/`;
byId('webhook-address').textContent = `${location.origin}/webhook/anything`;
byId('dutycalls-address').textContent = `${location.origin}/dutycalls/api`;
byId('try').textContent = `curl -H 'content-type: application/json' -d '{"text":"*It works* :tada:"}' ${slackAddress}`;
byId('delete').addEventListener('click', async () => {
  await fetch('/messages', { method: 'DELETE' });
  byId('messages').focus();
});
addEventListener('hashchange', () => {
  channel = readChannel();
  refresh();
  slack.show(channel);
});
follow();
refresh();

function follow() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const events = new EventSource(`/events?zone=${encodeURIComponent(zone)}`);
  events.addEventListener('open', () => say('connection', 'Live'));
  events.addEventListener('error', () => say('connection', 'Connection lost, trying again…'));
  events.addEventListener('message', (event) => add(JSON.parse(event.data)));
  events.addEventListener('tickets', (event) => showTickets(JSON.parse(event.data)));
  slack = followSlack(events, channel);
  events.addEventListener('cleared', () => {
    for (const { item } of shown.splice(0)) item.remove();
    unsaid = [];
    showTickets([]);
    refresh();
  });
}

/** What the tickets of DutyCalls have become, those that are open first. */
function showTickets(tickets) {
  const open = tickets.filter(({ status }) => status !== 'closed');
  const closed = tickets.filter(({ status }) => status === 'closed');
  byId('tickets').hidden = tickets.length === 0;
  byId('tickets-heading').textContent = `Tickets in DutyCalls: ${open.length} open, ${closed.length} closed`;
  byId('ticket-list').replaceChildren(...[...open.reverse(), ...closed.reverse()].map(buildTicket));
}

function buildTicket({ channel, status, comment, ticket, hits }) {
  const facts = [status, ...(ticket.severity === undefined ? [] : [ticket.severity]), `${hits.length} hits`].join(
    ' · ',
  );
  const parts = [
    make('header', [
      make('h4', String(ticket.title)),
      make('span', channel, { class: 'kind' }),
      make('span', facts, { class: 'kind' }),
    ]),
    ...(comment === undefined ? [] : [make('p', comment)]),
    ...(hits.length === 0
      ? []
      : [
          make(
            'ol',
            hits.map(({ summary }) => make('li', summary)),
          ),
        ]),
    make('details', [make('summary', 'Ticket'), make('pre', JSON.stringify(ticket, null, 2), { tabindex: '0' })]),
  ];
  return make('li', [make('article', parts, { class: status })]);
}

function add(message) {
  const item = document.createElement('li');
  item.append(buildMessage(message));
  feed.prepend(item);
  shown.push({ item, channel: message.channel });
  if (shown.length > MOST_MESSAGES) shown.shift().item.remove();
  announce(message);
  refresh();
}

function buildMessage(message) {
  const name = `message-${message.id}`;
  const time = make('time', new Date(message.at).toLocaleTimeString(), { datetime: message.at, title: message.at });
  const outcome = make('span', message.accepted ? message.outcome || 'Accepted' : `Refused: ${message.outcome}`, {
    class: message.accepted ? 'outcome' : 'outcome refused',
  });
  const kind = make('span', SERVICES[message.kind], { class: 'kind' });
  const header = make('header', [make('h3', message.channel, { id: name }), kind, time, outcome]);
  const article = make('article', [header], { 'aria-labelledby': name, class: message.kind });
  if (message.source) {
    const page = make('a', message.source, { href: message.source, target: '_blank', rel: 'noopener noreferrer' });
    article.append(make('p', ['Nobody saw this. See ', page], { class: 'reason' }));
  }
  article.append(...buildMentions('Notifies ', message.mentions, 'mention'));
  article.append(...buildMentions('Might notify ', message.perhaps, 'mention maybe'));
  if (message.content.length > 0) {
    article.append(
      make(
        'div',
        message.content.map((view) => buildNode(view, document)),
        { class: 'content' },
      ),
    );
  }
  if (message.notes.length > 0) {
    article.append(
      make(
        'ul',
        message.notes.map((note) => make('li', note)),
        { class: 'notes' },
      ),
    );
  }
  article.append(make('details', [make('summary', 'Request'), make('pre', message.request, { tabindex: '0' })]));
  return article;
}

function buildMentions(label, names, style) {
  if (names.length === 0) return [];
  const chips = names.map((name) => make('span', name, { class: style }));
  return [make('p', [label, ...chips], { class: 'mentions' })];
}

/** The filter, the counts and the empty state, as they follow from what is shown. */
function refresh() {
  const counts = new Map([[undefined, shown.length]]);
  for (const one of shown) counts.set(one.channel, (counts.get(one.channel) ?? 0) + 1);
  if (channel !== undefined && !counts.has(channel)) counts.set(channel, 0);
  const focused = document.activeElement?.dataset?.channel;
  const entries = [...counts].sort(([one], [other]) => (one ?? '').localeCompare(other ?? ''));
  byId('channels').replaceChildren(...entries.map(([name, count]) => make('li', [channelButton(name, count)])));
  if (focused !== undefined) {
    [...byId('channels').querySelectorAll('button')].find((button) => button.dataset.channel === focused)?.focus();
  }
  for (const one of shown) one.item.hidden = channel !== undefined && one.channel !== channel;
  const heading = channel ?? 'All messages';
  byId('heading').textContent = heading;
  document.title = `${heading} (${counts.get(channel)}) · Tocsin sandbox`;
  byId('empty').hidden = counts.get(channel) > 0;
  byId('delete').hidden = shown.length === 0;
}

function channelButton(name, count) {
  const label = [name ?? 'All', ' ', make('span', String(count), { class: 'count' })];
  const button = make('button', label, { type: 'button', 'aria-pressed': String(name === channel) });
  button.dataset.channel = name ?? '';
  button.addEventListener('click', () => {
    location.hash = name === undefined ? '' : encodeURIComponent(name);
  });
  return button;
}

function readChannel() {
  try {
    return decodeURIComponent(location.hash.slice(1)) || undefined;
  } catch {
    return undefined;
  }
}

function announce(message) {
  unsaid.push(`${message.channel}: ${message.accepted ? message.summary : `Refused, ${message.outcome}`}`);
  clearTimeout(quietTimer);
  quietTimer = setTimeout(() => {
    say('announcement', unsaid.length === 1 ? unsaid[0] : `${unsaid.length} messages arrived`);
    unsaid = [];
  }, QUIET);
}
