import { byId, make, say } from '/dom.js';
import { hiddenFrom, livelyTeams, seenBy } from '/slack-model.js';
import { buildNode, STYLES } from '/view.js';

/** The workspaces as they stand, the messages by their keys, and who the reader is in each workspace. */
const messages = new Map();
const people = new Map();
const drawn = new Map();
let workspaces = { teams: [] };
let channel;
let isWaiting = false;

/** Follows the events of the page; the returned `show` chooses the channel. */
export function followSlack(events, shownChannel) {
  channel = shownChannel;
  events.addEventListener('cleared', () => {
    messages.clear();
    drawn.clear();
    refresh();
  });
  events.addEventListener('slack', (event) => {
    workspaces = JSON.parse(event.data);
    drawn.clear();
    refresh();
  });
  events.addEventListener('slack-message', (event) => {
    const message = JSON.parse(event.data);
    messages.set(message.key, message);
    refresh();
  });
  return {
    show(name) {
      channel = name;
      refresh();
    },
  };
}

/** Once for all that came together. */
function refresh() {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    draw();
  });
}

function draw() {
  const teams = livelyTeams(workspaces.teams, messages.values());
  byId('slack').hidden = messages.size === 0 && workspaces.interactivity === undefined;
  byId('arrived').hidden = byId('slack').hidden;
  say(
    'slack-callbacks',
    workspaces.interactivity === undefined
      ? 'Buttons lead nowhere yet: the sandbox knows no address of the app (--slack-callbacks).'
      : `Presses go to ${workspaces.interactivity}`,
  );
  const focus = rememberFocus();
  byId('slack-teams').replaceChildren(...teams.map(buildTeam));
  focus();
}

function buildTeam(team) {
  const person = people.get(team.id) ?? team.people[0].id;
  const seen = seenBy(messages.values(), team, person, channel);
  const hidden = hiddenFrom(messages.values(), team, person);
  const heading = make('h4', team.name, { id: team.id });
  const state = make('span', team.installed ? 'The app is installed' : 'The app is not installed', { class: 'kind' });
  const header = make('header', [heading, state, buildPersonSelect(team, person)]);
  if (team.installed) header.append(buildUninstall(team));
  const section = make('section', [header], { class: 'team', 'aria-labelledby': team.id });
  const list = make(
    'ol',
    seen.map((message) => drawOnce(message, team, person)),
  );
  section.append(seen.length > 0 ? list : make('p', 'No messages here yet.', { class: 'kind' }));
  if (hidden.length > 0) section.append(make('p', `Not shown: ${hidden.join(', ')}`, { class: 'kind' }));
  return section;
}

function buildPersonSelect(team, person) {
  const select = make(
    'select',
    team.people.map(({ id, label }) => make('option', label, { value: id, ...(id === person && { selected: '' }) })),
  );
  select.dataset.focus = `person ${team.id}`;
  select.addEventListener('change', () => {
    people.set(team.id, select.value);
    refresh();
  });
  return make('label', ['You are ', select]);
}

function buildUninstall(team) {
  const button = make('button', 'Uninstall the app', { type: 'button' });
  button.dataset.focus = `uninstall ${team.id}`;
  button.addEventListener('click', async () => {
    if (!confirm(`Uninstall the app from ${team.name}? Its tokens end, and it is told.`)) return;
    const { events, error } = await post('event', { type: 'app_uninstalled', team: team.id });
    const told = events?.map(({ type, answer }) => `${type}: ${answer.error ?? `answered ${answer.status}`}`);
    say(
      'slack-status',
      error ?? `Uninstalled from ${team.name}. ${told.join(', ') || 'The app has no address for events.'}`,
    );
  });
  return button;
}

/** What hasn't changed stays the same element, with whatever is open in it. */
function drawOnce(message, team, person) {
  const signature = JSON.stringify([message, person]);
  const before = drawn.get(message.key);
  if (before?.signature === signature) return before.item;
  const item = make('li', [buildMessage(message, team, person)]);
  if (before) keepOpen(before.item, item);
  drawn.set(message.key, { signature, item });
  return item;
}

/** A message may change while somebody chooses from a menu of it. */
function keepOpen(before, item) {
  const summaries = [...item.querySelectorAll('.menu > summary')];
  for (const { dataset } of before.querySelectorAll('.menu[open] > summary')) {
    const same = summaries.find((summary) => summary.dataset.focus === dataset.focus);
    if (same) same.parentElement.open = true;
  }
}

function buildMessage(message, team, person) {
  const place = team.channels.find(({ id }) => id === message.channel);
  const article = make('article', [buildHeader(message, place)], {
    tabindex: '-1',
    class: message.visibleTo ? 'mine' : '',
  });
  article.dataset.focus = message.key;
  if (message.isDeleted) article.append(make('p', 'This message was deleted.', { class: 'kind' }));
  const build = (view) => buildNode(view, document, (control) => buildControl(control, message, person));
  article.append(make('div', message.content.map(build), { class: 'content' }));
  if (message.press) {
    const { ok, says } = message.press;
    article.append(make('p', ok ? says : `⚠ ${says}`, { class: ok ? 'press' : 'press failed' }));
  }
  if (message.replies.length > 0) {
    const replies = message.replies.map((reply) => make('li', [buildMessage(reply, team, person)]));
    article.append(make('ol', replies, { class: 'thread', 'aria-label': 'Thread' }));
  }
  return article;
}

function buildHeader(message, place) {
  const marks = [
    message.isApp && 'app',
    `${place.isPrivate ? '🔒 ' : '#'}${place.name}`,
    place.isArchived && 'archived',
    message.isEdited && 'edited',
    message.isBroadcast && 'also sent to the channel',
    message.visibleTo && 'Only visible to you',
  ];
  return make('header', [
    make('strong', message.author),
    make('time', new Date(message.at).toLocaleTimeString(), { datetime: message.at, title: message.at }),
    ...marks.filter(Boolean).map((mark) => make('span', mark, { class: 'kind' })),
  ]);
}

/** A button that presses, or a menu whose choices are such buttons. */
function buildControl(view, message, person) {
  const { id, block, value, choices, confirm: question } = view.action;
  const label = view.children.map((child) => buildNode(child, document));
  const style = STYLES.has(view.style) ? view.style : 'button';
  // Not by its block, which has another id in each version of a message.
  const name = `${message.key} ${id}`;
  const act = (chosen) => async () => {
    if (question !== undefined && !confirm(question)) return;
    await press({
      channel: message.channel,
      ts: message.ts,
      action_id: id,
      block_id: block,
      user: person,
      value: chosen,
    });
  };
  if (choices === undefined) {
    const attributes = { class: style, ...(view.link ? linkTo(view.link) : { type: 'button' }) };
    return pressable(make(view.link ? 'a' : 'button', label, attributes), name, act(value));
  }
  const summary = make('summary', label, { class: style });
  summary.dataset.focus = name;
  const menu = make('details', [summary], { class: 'menu' });
  const close = () => {
    menu.open = false;
    summary.focus();
  };
  const buttons = choices.map((choice) => {
    const choose = () => {
      close();
      return act(choice.value)();
    };
    const button = make('button', choice.label, { type: 'button' });
    return make('li', [pressable(button, `${name} ${choice.value}`, choose)]);
  });
  menu.append(make('ul', buttons));
  menu.addEventListener('keydown', ({ key }) => key === 'Escape' && close());
  return menu;
}

function pressable(element, focus, act) {
  element.dataset.focus = focus;
  element.addEventListener('click', act);
  return element;
}

/** Only what a page may link to; the server sends nothing else. */
function linkTo(address) {
  const isLink = /^(?:https?|mailto):/i.test(address);
  return { ...(isLink && { href: address }), target: '_blank', rel: 'noopener noreferrer' };
}

async function press(wanted) {
  say('slack-status', 'Waiting for the app…');
  const { error, ok, status, milliseconds } = await post('press', wanted);
  say(
    'slack-status',
    ok ? `The app answered ${status} after ${milliseconds} ms` : `⚠ ${error ?? `The app answered ${status}`}`,
  );
}

async function post(what, body) {
  const answer = await fetch(`/control/slack/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer.json();
}

/** Where the reader was, before everything is put in its place anew: the same control, else its message. */
function rememberFocus() {
  const name = document.activeElement?.dataset?.focus;
  if (name === undefined) return () => {};
  return () => {
    const places = [...byId('slack-teams').querySelectorAll('[data-focus]')];
    // A control that is gone or in a closed menu doesn't take it: then what it was part of.
    for (let part = name; part !== ''; part = part.slice(0, Math.max(0, part.lastIndexOf(' ')))) {
      const place = places.find(({ dataset }) => dataset.focus === part);
      place?.focus({ preventScroll: true });
      if (place && document.activeElement === place) return;
    }
  };
}
