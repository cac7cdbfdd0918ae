import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

export const token = 'token-of-the-test-admin';
/** The key of every source in these tests. */
export const key = 'key-of-every-test-source';

export interface HostProcess {
  /** `http://127.0.0.1:<port>` */
  address: string;
  /** Where its config and its database are. */
  folder: string;
  /** What it wrote to both of its outputs. */
  output(): string;
  /** The JSON of a page of the API. */
  get<Answer = Record<string, unknown>>(path: string): Promise<Answer>;
  /** Acts through the API. */
  act(path: string, body?: object): Promise<Response>;
  /** Posts JSON to a source, by its path after `/in/`. */
  post(source: string, body: unknown): Promise<Response>;
  signal(signal: NodeJS.Signals): void;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  /** Bytes of memory that it uses now, and the most that it ever used (Linux). */
  memory(): { now: number; most: number };
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

export interface HostProcessOptions {
  config: object;
  /** One that a host has left, to start on its database; else a new one is made. */
  folder?: string;
  env?: NodeJS.ProcessEnv;
  /** Writes what the config refers to into the folder, before the start. */
  prepare?: (folder: string) => void;
}

/** Starts `tocsin start` with a config in a temporary folder, and waits until it listens. */
export async function startHostProcess({
  config,
  folder = mkdtempSync(join(tmpdir(), 'tocsin-host-')),
  env,
  prepare,
}: HostProcessOptions): Promise<HostProcess> {
  prepare?.(folder);
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, JSON.stringify({ ...basics, ...config })); // JSON is YAML
  const child = spawn(process.execPath, [...flags, main, 'start', '--config', file], {
    env: { ...process.env, PORT: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  let isGone = false;
  const ended = once(child, 'close').then(([code, signal]) => {
    isGone = true;
    process.off('exit', kill);
    return (code ?? signal) as number | NodeJS.Signals; // node:child_process gives one of the two
  });
  const listening = /Tocsin listens on (\S+)/;
  await until(() => listening.test(output) || isGone, 'the host listens');
  const address = listening.exec(output)?.[1];
  if (!address) throw new Error(`the host has ended:\n${output}`);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return {
    address,
    folder,
    output: () => output,
    async get(path) {
      const response = await fetch(`${address}/api/v1/${path}`, { headers });
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
      return response.json() as Promise<never>; // the caller names the shape
    },
    act: (path, body = {}) =>
      fetch(`${address}/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
    post: (source, body) =>
      fetch(`${address}/in/${source}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-tocsin-key': key },
        body: JSON.stringify(body),
      }),
    signal: (signal) => void child.kill(signal),
    ended,
    memory() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      const bytes = (name: RegExp) => Number(name.exec(status)?.[1]) * 1024;
      return { now: bytes(/VmRSS:\s+(\d+)/), most: bytes(/VmHWM:\s+(\d+)/) };
    },
    async remove() {
      kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const flags = ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'];
const basics = {
  version: 1,
  listen: '127.0.0.1:0',
  store: 'sqlite:./tocsin.db',
  tokens: [{ name: 'ann', role: 'admin', value: token }],
};
