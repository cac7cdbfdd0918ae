/**
 * As much of a message as the model looks at; the rest of it passes through.
 *
 * @typedef {{ key: string, team: string, channel: string, ts: string, isDeleted: boolean, visibleTo?: { id: string, label: string }, replies: ChannelMessage[] }} ChannelMessage
 * @typedef {{ id: string, name: string, installed: boolean, people: { id: string, label: string }[], channels: { id: string, name: string }[] }} Team
 */

/** Messages that stand on the page for each workspace; older ones are in `GET /slack/state`. */
const MOST_SHOWN = 100;

/**
 * What one person sees of a workspace, newest first: without what only others see, and without what was deleted and has no
 * thread. `channel` is a name like `#ops`; without it, all.
 *
 * @template {ChannelMessage} Message
 * @param {Iterable<Message>} messages
 * @param {Team} team
 * @param {string} person
 * @param {string | undefined} channel
 * @returns {Message[]}
 */
export function seenBy(messages, team, person, channel) {
  const ids = team.channels.filter(({ name }) => channel === undefined || channel === `#${name}`).map(({ id }) => id);
  return [...messages]
    .filter((message) => message.team === team.id && ids.includes(message.channel))
    .filter((message) => isFor(person, message) && !(message.isDeleted && message.replies.length === 0))
    .map((message) => ({ ...message, replies: message.replies.filter((reply) => isFor(person, reply)) }))
    .sort((one, other) => Number(other.ts) - Number(one.ts))
    .slice(0, MOST_SHOWN);
}

/**
 * What only others see: `2 that only Benedict Okoye sees`.
 *
 * @param {Iterable<ChannelMessage>} messages
 * @param {Team} team
 * @param {string} person
 * @returns {string[]}
 */
export function hiddenFrom(messages, team, person) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const message of messages) {
    for (const one of [message, ...message.replies]) {
      const owner = one.team === team.id && !one.isDeleted && !isFor(person, one) ? one.visibleTo : undefined;
      if (owner) counts.set(owner.label, (counts.get(owner.label) ?? 0) + 1);
    }
  }
  return [...counts].map(([label, count]) => `${count} that only ${label} sees`);
}

/**
 * The workspaces that the page has something to say about: in which the app is or something was said.
 *
 * @param {readonly Team[]} teams
 * @param {Iterable<ChannelMessage>} messages
 * @returns {Team[]}
 */
export function livelyTeams(teams, messages) {
  const spoken = new Set([...messages].map(({ team }) => team));
  return teams.filter(({ id, installed }) => installed || spoken.has(id));
}

/**
 * @param {string} person
 * @param {ChannelMessage} message
 */
function isFor(person, { visibleTo }) {
  return visibleTo === undefined || visibleTo.id === person;
}
