import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

// What a newcomer does: a clone, an empty HOME, `npm start`, and an end of it in each of the ways there are.
// Whoever is left is found by a mark in the environment that every descendant inherits (Linux: /proc/<pid>/environ).

const repository = join(import.meta.dirname, '..');
const bootstrapBar = 60_000;
const endBar = 10_000;

let scratch: string;
let clone: string;
let home: string;
let clonedAt: number;
let running: Start | undefined;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tocsin-start-'));
  clone = join(scratch, 'tocsin');
  home = newHome();
  clonedAt = performance.now();
  execFileSync('git', ['clone', '--quiet', repository, clone]);
});

afterEach(() => {
  for (const pid of running?.processes() ?? []) process.kill(pid, 'SIGKILL');
  running = undefined;
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.runIf(process.platform === 'linux')('npm start', () => {
  test('answers within a minute of the clone, and SIGTERM to npm ends everything', async () => {
    running = await startInClone();
    await running.isHealthy(bootstrapBar - (performance.now() - clonedAt));
    console.log(
      `from the clone to /healthz: ${((performance.now() - clonedAt) / 1000).toFixed(1)} s\n${running.output()}`,
    );
    expect(running.output()).toContain(`curl -H 'content-type: application/json'`);
    running.npm.kill('SIGTERM');
    await expectNothingLeft(running);
  });

  test('leaves the git tree clean', () => {
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: clone, encoding: 'utf8' })).toBe('');
  });

  test('ends everything after a Ctrl-C in its terminal', async () => {
    running = await startInClone();
    await running.isHealthy();
    process.kill(-running.npm.pid!, 'SIGINT');
    await expectNothingLeft(running);
  });

  test('ends everything when npm is killed without a word', async () => {
    running = await startInClone();
    await running.isHealthy();
    running.npm.kill('SIGKILL');
    await expectNothingLeft(running);
  });

  test('ends everything while it is still getting ready', async () => {
    rmSync(join(clone, 'node_modules'), { recursive: true });
    running = await startInClone(newHome()); // where everything has to be fetched again, so that there is time to interrupt
    await running.says('installing packages');
    running.npm.kill('SIGTERM');
    await expectNothingLeft(running);
  });
});

interface Start {
  npm: ChildProcess;
  ports: number[];
  output(): string;
  says(text: string): Promise<void>;
  isHealthy(milliseconds?: number): Promise<void>;
  processes(): number[];
}

async function startInClone(homeFolder = home): Promise<Start> {
  const ports = [await freePort(), await freePort()];
  const mark = `TOCSIN_TEST_RUN=${randomUUID()}`;
  const npm = spawn('npm', ['start'], {
    cwd: clone,
    detached: true, // a process group of its own, as in a terminal
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...newcomersEnvironment(),
      HOME: homeFolder,
      TOCSIN_TEST_RUN: mark.split('=')[1],
      PORT: `${ports[0]}`,
      SANDBOX_PORT: `${ports[1]}`,
    },
  });
  let output = '';
  for (const stream of [npm.stdout, npm.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
  const until = async (what: string, milliseconds: number, isSo: () => boolean | Promise<boolean>) => {
    const deadline = performance.now() + milliseconds;
    while (!(await isSo())) {
      if (performance.now() > deadline) throw new Error(`${what} within ${milliseconds} ms: no\n${output}`);
      if (npm.exitCode !== null) throw new Error(`${what}: npm ended with exit code ${npm.exitCode}\n${output}`);
      await delay(50);
    }
  };
  return {
    npm,
    ports,
    output: () => output,
    says: (text) => until(`says "${text}"`, 60_000, () => output.includes(text)),
    isHealthy: (milliseconds = 30_000) =>
      until('answers /healthz', milliseconds, async () => {
        const response = await fetch(`http://127.0.0.1:${ports[0]}/healthz`).catch(() => undefined);
        return response?.status === 200 && output.includes('ready after');
      }),
    processes: () => processesWith(mark),
  };
}

async function expectNothingLeft({ ports, processes, output }: Start) {
  const deadline = performance.now() + endBar;
  let left = { processes: processes(), ports: await openOnes(ports) };
  while ((left.processes.length > 0 || left.ports.length > 0) && performance.now() < deadline) {
    await delay(100);
    left = { processes: processes(), ports: await openOnes(ports) };
  }
  const commands = left.processes.map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
  expect({ commands, ports: left.ports }, output()).toEqual({ commands: [], ports: [] });
}

function newHome(): string {
  return mkdtempSync(join(scratch, 'home-'));
}

/** This machine's environment without what the test's own npm, Node and vitest have put into it. */
function newcomersEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|INIT_CWD$|NODE_ENV$|NODE_OPTIONS$|TEST$|CI$)/.test(name),
  );
  const path = process.env.PATH?.split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(kept), PATH: path?.join(delimiter) };
}

function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return pid > 0 && readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
      } catch {
        return false; // it ended, or it is somebody else's
      }
    });
}

async function openOnes(ports: number[]): Promise<number[]> {
  const open = ports.map(
    (port) =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
        socket.on('connect', () => socket.destroy());
      }),
  );
  const answers = await Promise.all(open);
  return ports.filter((_, index) => answers[index]);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has no other kind
  await new Promise((resolve) => server.close(resolve));
  return port;
}
