import { readFileSync, writeFileSync } from 'node:fs';
import { type Host, startHost } from '../../evidence/support/host.ts';
import { freePort } from '../../evidence/support/witness.ts';

export const adminToken = 'token-of-the-fault-runner';
/** The key of every source of these hubs. */
export const sourceKey = 'key-of-the-fault-runner';

export interface HubOptions {
  /** Without what is the same everywhere. */
  config: object;
  folder?: string;
  env?: NodeJS.ProcessEnv;
  /** A program that runs it. */
  under?: readonly string[];
  patience?: number;
  logLevel?: string;
}

export interface Hub {
  readonly address: string;
  readonly folder: string;
  readonly pid: number;
  /** What all its processes so far wrote to both of their outputs. */
  output(): string;
  isRunning(): boolean;
  ended(): Promise<number | NodeJS.Signals>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it as an operator does; its exit code or signal. */
  stop(): Promise<number | NodeJS.Signals>;
  kill(): Promise<void>;
  /** Once it has ended: again, on the same file and port. */
  start(env?: NodeJS.ProcessEnv): Promise<void>;
  /** JSON to a source; the status, or why there is none. */
  post(source: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** The same of text or bytes as they are. */
  postRaw(source: string, body: string | Uint8Array, headers?: Record<string, string>): Promise<Answer>;
  get<Page = Record<string, unknown>>(path: string): Promise<Page>;
  /** All items of a list of the API. */
  list<Item = Record<string, unknown>>(path: string): Promise<Item[]>;
  act(path: string, body?: object): Promise<Answer>;
  accounting(): Promise<Record<string, number>>;
  /** Bytes of memory: now, and the most that it ever used. */
  memory(): { now: number; most: number };
  /** What it uses now; from now on the most is what it has from now on. */
  forgetPeak(): number;
}

export interface Answer {
  /** 0 without an answer. */
  status: number;
  text: string;
  headers: Headers;
}

/** Starts a host on a free port of 127.0.0.1 that tells 127.0.0.2, and nobody else on this machine. */
export async function startHub({ config, folder = '', env, ...more }: HubOptions): Promise<Hub> {
  const port = await freePort();
  const { egress, ...rest } = config as { egress?: object };
  const whole = {
    version: 1,
    listen: `127.0.0.1:${port}`,
    store: 'sqlite:./tocsin.db',
    tokens: [{ name: 'runner', role: 'admin', value: adminToken }],
    unrouted: 'drop',
    ...rest,
    egress: { allow: ['127.0.0.2'], ...egress },
  };
  let earlier = '';
  let isRunning = false;
  const run = async (changed: NodeJS.ProcessEnv = {}): Promise<Host> => {
    const started = await startHost({ folder, config: whole, env: { ...env, ...changed }, ...more });
    isRunning = true;
    void started.ended.then(() => {
      isRunning = false;
    });
    return started;
  };
  let host = await run();
  const { address } = host;
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
  const postRaw: Hub['postRaw'] = (source, body, own) =>
    ask(`${address}/in/${source}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tocsin-key': sourceKey, ...own },
      body: body as never, // what undici takes; Node's types know fewer arrays
    });
  const get = async <Page>(path: string): Promise<Page> => {
    const { status, text } = await ask(`${address}/api/v1/${path}`, { headers });
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    return JSON.parse(text) as Page; // the caller names the shape
  };
  const memory = () => {
    const status = readFileSync(`/proc/${host.pid}/status`, 'utf8');
    const bytes = (name: RegExp) => Number(name.exec(status)?.[1]) * 1024;
    return { now: bytes(/VmRSS:\s+(\d+)/), most: bytes(/VmHWM:\s+(\d+)/) };
  };
  return {
    address,
    folder,
    get pid() {
      return host.pid;
    },
    output: () => earlier + host.output(),
    isRunning: () => isRunning,
    ended: () => host.ended,
    signal: (signal) => host.signal(signal),
    stop: () => host.end(),
    async kill() {
      host.signal('SIGKILL');
      await host.ended;
    },
    async start(changed) {
      earlier += host.output();
      host = await run(changed);
    },
    post: (source, body, own) => postRaw(source, JSON.stringify(body), own),
    postRaw,
    get,
    async list<Item>(path: string) {
      const items: Item[] = [];
      let after = '';
      do {
        const separator = path.includes('?') ? '&' : '?';
        const page = await get<{ items: Item[]; next?: string | null }>(
          `${path}${separator}limit=50${after ? `&after=${encodeURIComponent(after)}` : ''}`,
        );
        items.push(...page.items);
        after = page.next ?? '';
      } while (after !== '');
      return items;
    },
    act: (path, body = {}) => ask(`${address}/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
    accounting: async () => (await get<{ counters: Record<string, number> }>('accounting')).counters,
    memory,
    forgetPeak() {
      // https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html
      writeFileSync(`/proc/${host.pid}/clear_refs`, '5');
      return memory().now;
    },
  };
}

async function ask(url: string, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(40_000), redirect: 'manual' });
    return { status: response.status, text: await response.text(), headers: response.headers };
  } catch (error) {
    return { status: 0, text: error instanceof Error ? error.message : String(error), headers: new Headers() };
  }
}
