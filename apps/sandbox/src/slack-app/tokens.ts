import { randomBytes } from 'node:crypto';
import type { Team } from './directory.ts';

/** A token of the app in one workspace. */
export interface Token {
  value: string;
  team: string;
  kind: 'bot' | 'user';
  /** The bot user, or the person who gave it. */
  user: string;
  scopes: string[];
  /** `uninstalled`: the app has left the workspace. */
  state: 'active' | 'revoked' | 'uninstalled';
}

/** What a person allowed, until the app fetches its tokens with the code. */
export interface Grant {
  code: string;
  team: string;
  person: string;
  scopes: string[];
  userScopes: string[];
  /** As the app sent it along; absent where it relied on its settings. */
  redirectUri?: string;
  at: Date;
  used: boolean;
}

/** Tokens and grants that are remembered, used and revoked ones too; the oldest leave first. */
const mostKept = 1_000;

/** Who may act for whom: the tokens of all workspaces and the codes on their way to become one. */
export class Tokens {
  readonly #tokens = new Map<string, Token>();
  readonly #grants = new Map<string, Grant>();

  find(value: string): Token | undefined {
    return this.#tokens.get(value);
  }

  findGrant(code: string): Grant | undefined {
    return this.#grants.get(code);
  }

  add(token: Token): Token {
    this.#tokens.set(token.value, token);
    forgetOldest(this.#tokens);
    return token;
  }

  grant(facts: Omit<Grant, 'code' | 'used'>): Grant {
    const grant: Grant = { ...facts, code: randomBytes(24).toString('hex'), used: false };
    this.#grants.set(grant.code, grant);
    forgetOldest(this.#grants);
    return grant;
  }

  /**
   * The token of that user in the workspace, as an installation gives it: who installs again keeps the token, and scopes
   * only ever grow. https://docs.slack.dev/authentication/installing-with-oauth#additive
   */
  install({ id }: Team, kind: Token['kind'], user: string, scopes: readonly string[]): Token {
    const present = this.activeOf(id).find((token) => token.kind === kind && token.user === user);
    if (present) {
      present.scopes = [...new Set([...present.scopes, ...scopes])].sort();
      return present;
    }
    const value = `${kind === 'bot' ? 'xoxb' : 'xoxp'}-sandbox-${randomBytes(16).toString('hex')}`;
    return this.add({ value, team: id, kind, user, scopes: [...new Set(scopes)].sort(), state: 'active' });
  }

  activeOf(team: string): Token[] {
    return [...this.#tokens.values()].filter((token) => token.team === team && token.state === 'active');
  }
}

/** A Map keeps the order in which its entries came. */
function forgetOldest(entries: Map<string, unknown>): void {
  for (const key of entries.keys()) {
    if (entries.size <= mostKept) return;
    entries.delete(key);
  }
}
