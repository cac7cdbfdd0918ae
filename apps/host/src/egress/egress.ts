import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { type HttpRequest, type HttpResponse, TocsinError } from '@tocsin/core';
import { Agent, buildConnector, request as undiciRequest } from 'undici';
import type { Guard } from './guard.ts';
import type { Vault } from './vault.ts';

/** Bytes of an answer that are read. */
const largestAnswer = 64 * 1024;

/** Milliseconds. */
const timeouts = { connect: 5_000, headers: 10_000, body: 5_000, total: 20_000 } as const;

export interface Sent {
  response?: HttpResponse;
  /** Why there is no response, without any secret. */
  error?: string;
  /** The guard denied it, or the request is impossible: another try changes nothing. */
  isFinal?: boolean;
}

/** The one door for outgoing connections: secrets are put in here, addresses are checked here, answers are bounded. */
export class Egress {
  readonly #agent: Agent;
  readonly #vault: Vault;

  constructor(guard: Guard, vault: Vault) {
    this.#vault = vault;
    this.#agent = new Agent({
      connect: guardedConnect(guard),
      headersTimeout: timeouts.headers,
      bodyTimeout: timeouts.body,
      keepAliveTimeout: 10_000,
      connections: 64,
      pipelining: 1,
    });
  }

  /** Never rejects: how it went is in the result. Redirects are not followed. */
  async send(sealed: HttpRequest, signal: AbortSignal): Promise<Sent> {
    try {
      const { url, method, headers, body } = this.#vault.open(sealed);
      const target = checkedUrl(url);
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeouts.total)]);
      const answer = await undiciRequest(target, {
        method,
        headers: { 'user-agent': 'tocsin', ...headers },
        body: body ?? null,
        dispatcher: this.#agent,
        signal: deadline,
      });
      const text = await readBounded(answer.body);
      const names = Object.entries(answer.headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
      );
      return {
        response: { status: answer.statusCode, headers: Object.fromEntries(names), body: this.#vault.mask(text) },
      };
    } catch (error) {
      const known = findTocsinError(error);
      if (known) return { error: this.#vault.mask(known.toText()), isFinal: true };
      return { error: this.#vault.mask(describe(error)) };
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Checks a literal before, every resolved address before, and the connected address after connecting. */
function guardedConnect(guard: Guard): buildConnector.connector {
  const guardedLookup =
    (hostname: string, port: number): LookupFunction =>
    (name, options, callback) => {
      lookup(name, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, '', 4);
        try {
          for (const { address } of addresses) guard.check(address, port, hostname);
        } catch (denied) {
          return callback(denied as Error, '', 4);
        }
        const [first] = addresses;
        return options.all ? callback(null, addresses) : callback(null, first?.address ?? '', first?.family ?? 4);
      });
    };
  return (options, callback) => {
    const hostname = options.hostname.replace(/^\[|\]$/g, '');
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);
    try {
      if (isIP(hostname)) guard.check(hostname, port, hostname);
    } catch (denied) {
      return callback(denied as Error, null);
    }
    const connect = buildConnector({ timeout: timeouts.connect, lookup: guardedLookup(hostname, port) });
    return connect(options, (...[error, socket]) => {
      if (error) return callback(error, null);
      try {
        guard.check(socket.remoteAddress ?? '', port, hostname);
        return callback(null, socket);
      } catch (denied) {
        socket.destroy();
        return callback(denied as Error, null);
      }
    });
  };
}

function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '')
    return url;
  throw new TocsinError('egress', 'the URL of this target is not a plain http or https address', {
    remedy: 'Check the setting, and the variable that it comes from; a user and password in the URL are not allowed.',
  });
}

async function readBounded(body: AsyncIterable<Buffer> & { destroy(): void }): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk.subarray(0, largestAnswer - size));
    size += chunk.length;
    if (size >= largestAnswer) break;
  }
  if (size >= largestAnswer) body.destroy();
  return Buffer.concat(chunks).toString('utf8');
}

function findTocsinError(error: unknown): TocsinError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof TocsinError) return cause;
  return undefined;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? `${String(error.code)}: ` : '';
  const inner = error instanceof AggregateError ? error.errors.map(describe).join('; ') : error.message;
  return `${code}${inner}`;
}
