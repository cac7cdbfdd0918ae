import { type Call, textOf } from './call.ts';
import { type MethodRule, methodPage, these } from './method-rule.ts';

const list = methodPage('conversations.list');

/** The scope that shows each type of conversation; the sandbox has no direct messages. */
const scopeOfType: Record<string, string> = {
  public_channel: 'channels:read',
  private_channel: 'groups:read',
  mpim: 'mpim:read',
  im: 'im:read',
};

/** What a call that only reads may ask for. */
export const infoRules: MethodRule[] = [
  {
    name: 'list-types',
    methods: these('conversations.list'),
    error: 'invalid_types',
    source: list,
    says: 'types are any of public_channel, private_channel, mpim and im, separated by commas.',
    broken: (call) => (typesOf(call).every((type) => Object.hasOwn(scopeOfType, type)) ? undefined : 'types'),
  },
  {
    name: 'list-scope',
    methods: these('conversations.list'),
    error: 'missing_scope',
    source: list,
    says: 'Each type of conversation has a scope of its own.',
    broken: (call) => (missingListScopes(call).length > 0 ? 'types' : undefined),
    more: (call) => ({ needed: missingListScopes(call).join(','), provided: call.token?.scopes.join(',') }),
  },
  {
    name: 'list-limit',
    methods: these('conversations.list'),
    error: 'invalid_limit',
    source: list,
    says: 'limit is a whole number from 1 to 999.',
    broken: (call) => (limitOf(call) === undefined ? 'limit' : undefined),
  },
  {
    name: 'list-cursor',
    methods: these('conversations.list'),
    error: 'invalid_cursor',
    source: list,
    says: 'cursor is the next_cursor of an earlier page.',
    broken: (call) => (offsetOf(call) === undefined ? 'cursor' : undefined),
  },
  {
    name: 'user-not-found',
    methods: these('users.info'),
    error: 'user_not_found',
    source: methodPage('users.info'),
    says: 'The user must be one of the token’s workspace.',
    broken: (call) => (hasUser(call) ? undefined : 'user'),
  },
  {
    name: 'team-not-found',
    methods: these('team.info'),
    error: 'team_not_found',
    source: methodPage('team.info'),
    says: 'The team must be the token’s own, or be left out.',
    broken: (call) => ([undefined, call.team?.id].includes(textOf(call, 'team')) ? undefined : 'team'),
  },
];

export function typesOf(call: Call): string[] {
  return (textOf(call, 'types') ?? 'public_channel').split(',').map((type) => type.trim());
}

/** How many channels a page has; undefined where that can't be understood. */
export function limitOf({ args: { limit } }: Call): number | undefined {
  if (limit === undefined || limit === '') return 100;
  const number = /^\d+$/.test(String(limit)) ? Number(limit) : 0;
  return number >= 1 && number < 1_000 ? number : undefined;
}

const cursorStart = 'channel:';

/** With which channel the page begins; undefined where the cursor is none of ours. */
export function offsetOf(call: Call): number | undefined {
  const cursor = textOf(call, 'cursor');
  if (cursor === undefined) return 0;
  const text = Buffer.from(cursor, 'base64').toString('utf8');
  return text.startsWith(cursorStart) && /^\d{1,9}$/.test(text.slice(cursorStart.length))
    ? Number(text.slice(cursorStart.length))
    : undefined;
}

export function cursorAt(offset: number): string {
  return Buffer.from(`${cursorStart}${offset}`).toString('base64');
}

function missingListScopes(call: Call): string[] {
  const needed = typesOf(call).map((type) => scopeOfType[type] as string); // the rule before has seen to unknown types
  return needed.filter((scope) => !call.token?.scopes.includes(scope));
}

function hasUser(call: Call): boolean {
  const user = textOf(call, 'user');
  return user === call.team?.bot.user || (call.team?.people.some(({ id }) => id === user) ?? false);
}
