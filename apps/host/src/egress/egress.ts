import { type HttpRequest, type HttpResponse, TocsinError } from '@tocsin/core';
import { Agent, type buildConnector, type Dispatcher, interceptors } from 'undici';
import type { EgressConfig, LoadedConfig, TargetConfig } from '../config/config.ts';
import type { Failpoints } from '../failpoints.ts';
import { NotInstalled } from '../installations/not-installed.ts';
import { MissingSecret } from '../secrets/missing-secret.ts';
import { monitorOf } from '../write-back/settings.ts';
import { largestAnswer, textOf } from './answer.ts';
import { guardedConnector } from './connect.ts';
import { exchange } from './exchange.ts';
import { explain, Failure } from './failure.ts';
import type { Guard } from './guard.ts';
import { Names } from './names.ts';
import { chooseProxy } from './proxies.ts';
import type { Signer } from './signer.ts';
import { readTrust } from './trust.ts';
import type { Vault } from './vault.ts';

export interface Sent {
  response?: HttpResponse;
  /** Why there is no response, without any secret. */
  error?: string;
  /** The guard denied it, or the request is impossible: another try changes nothing. */
  isFinal?: boolean;
  /** The id of a secret without which it could not be sent. */
  missing?: string;
  /** The workspace that has not let the app in, without which it could not be sent. */
  notInstalled?: string;
}

export interface SendOptions {
  /** Whose token goes with it, where the target is an app that workspaces install. */
  workspace?: string | undefined;
  /** Bytes of the answer that are read. */
  largestAnswer?: number;
  /** The answer brings a secret, and goes nowhere but into the store under its key. */
  isUnmasked?: boolean;
}

/** The tokens of apps that workspaces install. */
export interface Tokens {
  isInstallable(target: string): boolean;
  /** Nothing where it is not for that address. Throws where there is none. */
  tokenFor(target: string, workspace: string, url: URL): string | undefined;
}

export interface EgressOptions {
  config: Pick<LoadedConfig, 'egress' | 'secrets' | 'targets'> & { sources?: LoadedConfig['sources'] };
  guard: Guard;
  vault: Vault;
  /** By target; those that aren't there sign nothing. */
  signers: ReadonlyMap<string, Signer>;
  tokens?: Tokens;
  failpoints?: Pick<Failpoints, 'has'>;
}

/** The one door for outgoing connections: secrets are put in here, addresses are checked here, answers are bounded. */
export class Egress {
  readonly #vault: Vault;
  readonly #timeouts: EgressConfig['timeouts'];
  readonly #signers: ReadonlyMap<string, Signer>;
  readonly #tokens: Tokens | undefined;
  /** What the hub itself asks for, with no target's proxy, authorities or certificate. */
  readonly #own: Agent;
  /** Each target has connections of its own, which stay open between its messages. */
  readonly #agents = new Map<string, Agent>();
  readonly #isBroken: Failpoints['has'];

  constructor({ config, guard, vault, signers, tokens, failpoints = { has: () => false } }: EgressOptions) {
    const { egress, secrets, targets, sources = [] } = config;
    this.#vault = vault;
    this.#signers = signers;
    this.#tokens = tokens;
    this.#isBroken = failpoints.has;
    const endless = { connect: 3_600_000, headers: 3_600_000, body: 3_600_000 };
    this.#timeouts = failpoints.has('no-deadline') ? endless : egress.timeouts;
    const names = new Names(egress.resolver);
    const trust = readTrust(egress.ca, secrets);
    const agentFor = (target: Pick<TargetConfig, 'proxy' | 'ca' | 'certificate'>) => {
      const connect = guardedConnector({
        guard: failpoints.has('no-egress-guard') ? { check() {} } : guard,
        names,
        proxyFor: chooseProxy(target.proxy, egress, secrets),
        trust: trust.ofTarget(target),
        proxyTrust: trust.ofProxy,
        timeout: this.#timeouts.connect,
        isAnyCertificateGood: failpoints.has('any-certificate'),
      });
      return agentWith(connect, this.#timeouts);
    };
    this.#own = agentFor({});
    for (const target of targets) this.#agents.set(target.id, agentFor(target));
    for (const { id, writeBack } of sources) if (writeBack) this.#agents.set(monitorOf(id), this.#own);
  }

  /** Never rejects: how it went is in the result. Redirects are not followed. */
  async send(
    target: string,
    sealed: HttpRequest,
    signal: AbortSignal,
    { workspace, ...options }: SendOptions = {},
  ): Promise<Sent> {
    let where = target;
    try {
      const dispatcher = this.#agents.get(target);
      if (!dispatcher) throw new TocsinError('not-found', `the config has no target ${target}`);
      const plain = this.#vault.open(sealed, target);
      const signed = this.#signers.get(target)?.(plain, Date.now()) ?? plain;
      const url = checkedUrl(signed.url);
      const opened = workspace === undefined ? signed : this.#withToken(signed, { target, workspace, url });
      where = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
      return { response: await this.#exchange(dispatcher, url, opened, where, signal, options) };
    } catch (error) {
      const known = findTocsinError(error) ?? explain(error, where);
      const text = this.#vault.mask(known.toText());
      if (known instanceof MissingSecret) return { error: text, missing: known.secret };
      if (known instanceof NotInstalled) return { error: text, notInstalled: known.workspace };
      return known instanceof Failure ? { error: text } : { error: text, isFinal: true };
    }
  }

  /** Gets what the hub itself needs, such as a certificate. Never rejects; redirects are not followed. */
  async get(url: string): Promise<Sent> {
    let where = 'the address';
    try {
      const address = checkedUrl(url);
      where = address.hostname;
      const signal = new AbortController().signal;
      return { response: await this.#exchange(this.#own, address, { method: 'GET', url }, where, signal) };
    } catch (error) {
      return { error: this.#vault.mask((findTocsinError(error) ?? explain(error, where)).toText()) };
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#own, ...this.#agents.values()].map((agent) => agent.destroy()));
  }

  /** https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
  #withToken(request: HttpRequest, { target, workspace, url }: { target: string; workspace: string; url: URL }) {
    if (!this.#tokens?.isInstallable(target)) return request;
    const token = this.#tokens.tokenFor(target, workspace, url);
    if (token === undefined) return request;
    const others = Object.entries(request.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'authorization');
    return { ...request, headers: { ...Object.fromEntries(others), authorization: `Bearer ${token}` } };
  }

  async #exchange(
    dispatcher: Dispatcher,
    url: URL,
    request: HttpRequest,
    where: string,
    signal: AbortSignal,
    { largestAnswer: most = largestAnswer, isUnmasked = false }: Omit<SendOptions, 'workspace'> = {},
  ): Promise<HttpResponse> {
    const { connect, headers, body } = this.#timeouts;
    const bounds = {
      whole: connect + headers + body,
      body,
      endless: () => endless(where, body),
      most: this.#isBroken('no-answer-bound') ? Number.POSITIVE_INFINITY : most,
    };
    const way = this.#isBroken('follow-redirects')
      ? dispatcher.compose(interceptors.redirect({ maxRedirections: 5 }))
      : dispatcher;
    const answered = await exchange(way, url, request, bounds, signal);
    const text = await textOf(answered.body, String(answered.headers['content-encoding'] ?? ''), bounds.most);
    const names = Object.entries(answered.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, this.#vault.mask([value].flat().join(', '))] as const],
    );
    const shown = isUnmasked ? text : this.#vault.mask(text);
    return { status: answered.status, headers: Object.fromEntries(names), body: shown };
  }
}

function agentWith(connect: buildConnector.connector, timeouts: EgressConfig['timeouts']): Agent {
  return new Agent({
    connect,
    headersTimeout: timeouts.headers,
    bodyTimeout: timeouts.body,
    keepAliveTimeout: 10_000,
    connections: 64,
    pipelining: 1,
  });
}

function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '')
    return url;
  throw new TocsinError('egress', 'the URL of this target is not a plain http or https address', {
    remedy: 'Check the setting, and the variable that it comes from; a user and password in the URL are not allowed.',
  });
}

function endless(where: string, timeout: number): Failure {
  const message = `the answer of ${where} did not end within ${timeout / 1000} s`;
  return new Failure(message, 'If it may take that long, raise `egress.timeouts.body`.');
}

function findTocsinError(error: unknown): TocsinError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof TocsinError) return cause;
  return undefined;
}
