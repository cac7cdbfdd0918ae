import type { Fields } from '@tocsin/message-view';
import type { Call } from './call.ts';
import type { Workspaces } from './workspaces.ts';

/** A method of the Web API that the sandbox plays. */
export type MethodName =
  | 'apps.uninstall'
  | 'auth.revoke'
  | 'auth.test'
  | 'chat.delete'
  | 'chat.postEphemeral'
  | 'chat.postMessage'
  | 'chat.update'
  | 'conversations.list'
  | 'oauth.v2.access'
  | 'team.info'
  | 'users.info';

/** A reason for which a call is refused. */
export interface MethodRule {
  name: string;
  /** The methods it holds for. */
  methods: (method: string) => boolean;
  /** What Slack answers as `error`; where it depends, for each call. */
  error: string | ((call: Call) => string);
  /** The vendor's page that the rule rests on. */
  source: string;
  /** What that page says. */
  says: string;
  /** What breaks it, in the call; undefined if nothing does. */
  broken(call: Call, workspaces: Workspaces): string | undefined;
  /** What the answer says beside the error. */
  more?(call: Call): Fields;
}

const known: readonly string[] = [
  'apps.uninstall',
  'auth.revoke',
  'auth.test',
  'chat.delete',
  'chat.postEphemeral',
  'chat.postMessage',
  'chat.update',
  'conversations.list',
  'oauth.v2.access',
  'team.info',
  'users.info',
] satisfies MethodName[];

export function isMethod(method: string): method is MethodName {
  return known.includes(method);
}

/** The page of a method; it lists its own errors and those that all methods have. */
export function methodPage(method: MethodName): string {
  return `https://docs.slack.dev/reference/methods/${method}#errors`;
}

export const these =
  (...methods: MethodName[]) =>
  (method: string): boolean =>
    isMethod(method) && methods.includes(method);
