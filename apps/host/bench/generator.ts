import { connect } from 'node:net';
import { prometheusBody, webhookBody } from './payloads.ts';

/**
 * One process that posts as fast as 64 keep-alive connections let it; the same for every side. It speaks HTTP on plain
 * sockets, so that it takes as little as it can of the two cores that it shares with what it measures.
 */
export interface Load {
  url: string;
  shape: 'webhook' | 'prometheus';
  /** Alerts in one request. */
  batch: number;
  /** In milliseconds. */
  warmUp: number;
  measure: number;
  round: string;
}

export interface Measured {
  requestsPerSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  failed: number;
}

const connections = 64;

process.on('message', async (load: Load) => {
  process.send?.(await run(load));
});

async function run({ url, shape, batch, warmUp, measure, round }: Load): Promise<Measured> {
  const { hostname, port, pathname } = new URL(url);
  const head = `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: `;
  const bodyOf = shape === 'webhook' ? webhookBody : prometheusBody;
  const start = performance.now() + warmUp;
  const end = start + measure;
  const durations: number[] = [];
  let failed = 0;
  let next = 0;
  /** Batches take numbers a hundred apart, so that each stays in one group and none repeats. */
  const first = () => {
    const number = next++;
    return batch === 1 ? number : Math.floor(number / 100) * 100 * batch + (number % 100);
  };
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      let answer = '';
      let sent = 0;
      const post = () => {
        sent = performance.now();
        if (sent >= end) {
          socket.destroy();
          return resolve();
        }
        const body = bodyOf(round, first(), batch);
        return socket.write(`${head}${body.length}\r\n\r\n${body}`, 'latin1');
      };
      socket.setEncoding('latin1');
      socket.on('connect', post);
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the server closed a connection')));
      socket.on('data', (text: string) => {
        answer += text;
        if (!isWhole(answer)) return;
        const now = performance.now();
        if (!answer.startsWith('HTTP/1.1 20')) failed++;
        else if (sent >= start && now <= end) durations.push(now - sent);
        answer = '';
        post();
      });
    });
  await Promise.all(Array.from({ length: connections }, work));
  durations.sort((left, right) => left - right);
  const at = (share: number) => durations[Math.floor(durations.length * share)] ?? Number.NaN;
  return { requestsPerSecond: (durations.length / measure) * 1000, p50: at(0.5), p99: at(0.99), failed };
}

/** Every side answers with its length. */
function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1];
  if (length === undefined) throw new Error(`an answer without a length: ${answer.slice(0, headEnd)}`);
  return answer.length >= headEnd + 4 + Number(length);
}
