import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Durability, followRows } from './durability.ts';
import { startHost } from './host.ts';

const connections = 16;
const key = 'key-of-the-durable-run';

/**
 * `-D`: the host is our child and the tracer is not between us. `--seccomp-bpf`: only these calls are slowed down.
 * `-s`: a whole entry of the journal.
 */
const straceOptions = [
  '-D',
  '-f',
  '--seccomp-bpf',
  '-y',
  '-s',
  '70000',
  '-e',
  'trace=fsync,fdatasync,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg',
];

const config = {
  version: 1,
  listen: '127.0.0.1:0',
  store: 'sqlite:./tocsin.db',
  integrations: ['@tocsin/source-webhook'],
  sources: [{ id: 'load', use: 'webhook', key, settings: { key: 'id', fingerprint: 'id' } }],
  unrouted: 'drop',
};

export interface TracedRun {
  posts: number;
  /** Of the host, such as one that makes it commit without syncs. */
  env: NodeJS.ProcessEnv;
}

/** Posts alerts to a host that runs under strace, each in a group of its own, and follows their rows through the trace. */
export async function postUnderTrace({ posts, env }: TracedRun): Promise<Durability> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-durable-'));
  const trace = join(folder, 'trace');
  try {
    const under = ['strace', ...straceOptions, '-o', trace];
    const host = await startHost({ folder, config, env, under, patience: 60_000 });
    const marks = await post(`${host.address}/in/load/${key}`, posts);
    await host.end();
    await traceIsComplete(trace, host.pid);
    return await followRows(trace, (body) => marks.get(groupOf(body)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Posts them all, a fifth one by one, and gives the mark of each group. */
async function post(url: string, posts: number): Promise<Map<string, string>> {
  const marks = new Map<string, string>();
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let next = 0;
  const one = async () => {
    const mark = `mark-${next++}-x`;
    const answer = await send(url, agent, JSON.stringify({ id: mark, title: `Disk of ${mark} is full` }));
    marks.set(groupOf(answer), mark);
  };
  while (next < posts / 5) await one();
  // The tables take what is in the journal: what follows is written over it.
  await delay(1_500);
  const many = async () => {
    while (next < posts) await one();
  };
  await Promise.all(Array.from({ length: connections }, many));
  agent.destroy();
  return marks;
}

function send(url: string, agent: Agent, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', agent, headers, timeout: 30_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        if (response.statusCode === 202) resolve(text);
        else reject(new Error(`answered ${response.statusCode}: ${text}`));
      });
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer in 30 s')));
    sent.on('error', reject);
    sent.end(body);
  });
}

function groupOf(body: string): string {
  const { groups } = JSON.parse(body) as { groups: { id: string }[] }; // the host's own answer
  return groups[0]?.id ?? '';
}

/** The tracer writes the end of the host last, after its process id in at least five columns. */
async function traceIsComplete(trace: string, pid: number): Promise<void> {
  const over = new RegExp(`^${pid} +\\+\\+\\+ `, 'm');
  const file = openSync(trace, 'r');
  for (let tries = 0; tries < 4_000; tries++) {
    const end = Buffer.alloc(1_000);
    readSync(file, end, { position: Math.max(0, fstatSync(file).size - end.length) });
    if (over.test(end.toString('latin1'))) return closeSync(file);
    await delay(20);
  }
  throw new Error('the trace does not end');
}

export function isStraceInstalled(): boolean {
  try {
    execFileSync('strace', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
