import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillStore } from './fill-store.ts';

/** A server under load: started fresh for each round and ended after it. */
export interface Side {
  url: string;
  shape: 'webhook' | 'prometheus';
  stop(): Promise<void>;
}

const here = import.meta.dirname;
const conditions = ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'];

export interface HubOptions {
  /** Routes before the one that matches. */
  routes?: number;
  /** Closed groups, with all that belongs to them, that are in the store already. */
  stored?: number;
  /** Targets at the sink. */
  targets?: number;
}

/** The hub itself, built when `dist` is there, with webhook targets at the sink. */
export async function startHub(sink: string, { routes = 0, stored = 0, targets = 2 }: HubOptions = {}): Promise<Side> {
  const ids = ['one', 'two'].slice(0, targets);
  const others = Array.from(
    { length: routes },
    (_, number) => `  - { match: ['team="team-${number}"', 'severity=~"critical|error"'], to: [one] }\n`,
  );
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  const port = await freePort();
  await writeFile(
    join(folder, 'tocsin.yaml'),
    `version: 1
listen: 127.0.0.1:${port}
store: sqlite:./tocsin.db
integrations: ["${join(here, '../../../integrations/sources/alertmanager')}", "${join(here, '../../../integrations/targets/webhook')}"]
sources: [{ id: bench, use: alertmanager, key: benchmark-key-0123456789 }]
targets:
${ids.map((id) => `  - { id: ${id}, use: webhook, settings: { url: "${sink}/${id}" } }`).join('\n')}
routes:
${others.join('')}  - { to: [${ids.join(', ')}] }
limits: { groups: 1000000 }
egress: { allow: [127.0.0.0/8] }
`.replaceAll(/"(\/[^"]+integrations\/[^"]+)"/g, (_, path: string) => `"./${relativeTo(folder, path)}"`),
  );
  if (stored > 0) await fillStore(join(folder, 'tocsin.db'), stored);
  const child = spawn(
    process.execPath,
    [join(here, '../dist/main.js'), 'start', '--config', join(folder, 'tocsin.yaml'), '--log-level', 'error'],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TOCSIN_ADMIN_TOKEN: 'benchmark' } },
  );
  await line(child, 'listens on');
  return {
    url: `http://127.0.0.1:${port}/in/bench/benchmark-key-0123456789`,
    shape: 'webhook',
    stop: () => end(child, folder),
  };
}

export async function startBare(): Promise<Side> {
  const child = spawn(process.execPath, [...conditions, join(here, 'bare.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = /listens on (\d+)/.exec(await line(child, 'listens on'))?.[1];
  return { url: `http://127.0.0.1:${port}/in/bench/key`, shape: 'webhook', stop: () => end(child) };
}

export const hasAlertmanager = spawnSync('prometheus-alertmanager', ['--version']).status === 0;

/** Debian's Alertmanager. Its acceptance is not durable: it answers from memory. */
export async function startAlertmanager(sink: string): Promise<Side> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  const port = await freePort();
  await writeFile(
    join(folder, 'alertmanager.yml'),
    `route: { receiver: out, group_by: [alertname], group_wait: 0s, group_interval: 1m, repeat_interval: 4h }
receivers:
  - name: out
    webhook_configs: [{ url: '${sink}/one' }, { url: '${sink}/two' }]
`,
  );
  const child = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  for (let tries = 0; tries < 100; tries++) {
    const ready = await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => undefined);
    if (ready?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { url: `http://127.0.0.1:${port}/api/v2/alerts`, shape: 'prometheus', stop: () => end(child, folder) };
}

function relativeTo(folder: string, path: string): string {
  return `${'../'.repeat(folder.split('/').length - 1)}${path.slice(1)}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function line(child: ChildProcess, part: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(part) && text.includes('\n', text.indexOf(part))) resolve(text);
    });
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it listened`)));
  });
}

async function end(child: ChildProcess, folder?: string): Promise<void> {
  if (child.exitCode === null) {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await exited;
    clearTimeout(late);
  }
  if (folder) await rm(folder, { recursive: true, force: true });
}
