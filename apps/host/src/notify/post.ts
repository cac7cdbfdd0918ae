import { connect, type Socket } from 'node:net';

/** How a post ended. */
export type Answer =
  | { kind: 'accepted'; body: string }
  /** The same again would end the same. */
  | { kind: 'refused'; reason: string }
  /** Another time it may be taken. */
  | { kind: 'later'; reason: string };

interface Post {
  url: URL;
  /** None where it stands in the address. */
  key?: string | undefined;
  body: string;
  /** Milliseconds for all of it. */
  patience: number;
}

const largestAnswer = 64 * 1024;

/**
 * One POST of JSON on a connection of its own. Written on a bare socket because a monitor starts this program for each
 * notification, and `node:http` takes as long to load as everything else together.
 */
export async function post({ url, key, body, patience }: Post): Promise<Answer> {
  try {
    return answerOf(await exchange(url, requestOf(url, key, body), patience));
  } catch (error) {
    return { kind: 'later', reason: `${url.origin} can't be reached: ${wordsOf(error)}` };
  }
}

function requestOf(url: URL, key: string | undefined, body: string): string {
  return [
    `POST ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'User-Agent: tocsin-notify',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(key === undefined ? [] : [`Authorization: Bearer ${key}`]),
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

async function exchange(url: URL, request: string, patience: number): Promise<Buffer> {
  const socket = await open(url);
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(
      () => socket.destroy(new Error(`no answer within ${(patience / 1000).toFixed(1)} s`)),
      patience,
    );
    socket
      .on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > largestAnswer) socket.end();
      })
      .on('end', () => resolve(Buffer.concat(chunks)))
      .on('error', reject)
      .on('close', () => {
        clearTimeout(timer);
        reject(new Error('it closed the connection'));
      });
    socket.write(request);
  });
}

async function open({ protocol, hostname, port }: URL): Promise<Socket> {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol !== 'https:') return connect({ host, port: Number(port || 80) });
  const tls = await import('node:tls');
  return tls.connect({
    host,
    port: Number(port || 443),
    servername: /[^\d.]/.test(host) && !host.includes(':') ? host : '',
  });
}

function answerOf(bytes: Buffer): Answer {
  const text = bytes.toString('utf8');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  const end = text.indexOf('\r\n\r\n');
  if (status === undefined || end === -1) {
    return { kind: 'later', reason: `the answer is no HTTP: ${JSON.stringify(text.slice(0, 80))}` };
  }
  const head = text.slice(0, end);
  const rest = text.slice(end + 4);
  const body = /^transfer-encoding: *chunked/im.test(head) ? dechunked(Buffer.from(rest)) : rest;
  if (status.startsWith('2')) return { kind: 'accepted', body };
  const reason = `${status}${explanation(body)}`;
  const isLater = status.startsWith('5') || status === '429' || status === '408' || status === '425';
  return isLater
    ? { kind: 'later', reason: `the hub can't take it now: ${reason}` }
    : { kind: 'refused', reason: `the hub refused it: ${reason}${moved(head)}` };
}

/** What the hub says of it, in its own words. */
function explanation(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: Record<string, unknown> }; // read with care below
    const faults = Array.isArray(error?.faults) ? error.faults : [];
    const parts = [error?.message, ...faults.map(({ path, message }) => `${path}: ${message}`), error?.remedy];
    const words = parts.filter((part) => typeof part === 'string' && part !== '').join('; ');
    return words === '' ? '' : `: ${words.slice(0, 600)}`;
  } catch {
    return '';
  }
}

function moved(head: string): string {
  const location = /^location: *(\S+)/im.exec(head)?.[1];
  return location === undefined ? '' : `; it points to ${location}, which --url should name if that is the hub`;
}

function dechunked(bytes: Buffer): string {
  const begin = bytes.indexOf('\r\n') + 2;
  const size = Number.parseInt(bytes.toString('latin1', 0, begin), 16);
  if (!size) return '';
  return bytes.toString('utf8', begin, begin + size) + dechunked(bytes.subarray(begin + size + 2));
}

function wordsOf(error: unknown): string {
  const causes = error instanceof AggregateError ? error.errors : [error];
  const known: Record<string, string> = {
    ECONNREFUSED: 'nobody listens there',
    ENOTFOUND: 'there is no such name',
    EAI_AGAIN: 'its name could not be looked up',
    ECONNRESET: 'the connection was reset',
  };
  const words = causes.map((cause: NodeJS.ErrnoException) => known[cause.code ?? ''] ?? cause.message);
  return [...new Set(words)].join(', ');
}
