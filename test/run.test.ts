import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const scripts = join(import.meta.dirname, '..', 'scripts');
const run = join(scripts, 'run.mjs');

describe('run.mjs', () => {
  test('lists its commands when it is given none', async () => {
    const { code, output } = await finish(spawn(process.execPath, [run]));
    expect(code).toBe(2);
    expect(output).toMatch(/^ {2}start .*\n {2}test /m);
  });

  test('says at once which port is in use, and how to choose another', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo; // a TCP server that listens has no other kind
    const environment = { ...process.env, PORT: '1', SANDBOX_PORT: `${port}` };
    const taken = await finish(
      spawn(process.execPath, [run, 'start'], { env: { ...environment, PORT: `${port}`, SANDBOX_PORT: '1' } }),
    );
    other.close();
    expect(taken.code).toBe(1);
    expect(taken.output).toContain(`Port ${port} on 127.0.0.1 is in use by another program.\n  → `);
    expect(taken.output).toContain(`PORT=${port + 1000} npm start`);
  });

  test.each(['eighty', '0', '65536', '-1', '80.5'])('refuses PORT=%s', async (value) => {
    const { code, output } = await finish(
      spawn(process.execPath, [run, 'start'], { env: { ...process.env, PORT: value } }),
    );
    expect(code).toBe(1);
    expect(output).toContain(`PORT is "${value}", which is no port.`);
  });
});

describe.concurrent('Children end with the one who started them', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-run-'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { start: 'node family.mjs' } }));
    writeFileSync(join(folder, 'family.mjs'), family);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'after %s to npm, which the shell between does not pass on',
    async (signal) => {
      const starter = await start('npm', ['start', '--silent']);
      starter.process.kill(signal);
      await expectNobodyLeft(starter);
      expect(starter.output()).toMatch(/second ends\nfirst ends/);
    },
  );

  test('after a Ctrl-C, once, although npm sends it on to those who have it from the terminal', async () => {
    const starter = await start('npm', ['start', '--silent']);
    process.kill(-starter.process.pid!, 'SIGINT');
    await delay(20);
    process.kill(-starter.process.pid!, 'SIGINT');
    await expectNobodyLeft(starter);
    expect(starter.output().match(/ends/g)).toEqual(['ends', 'ends']);
  });

  test('with the exit code of the last one', async () => {
    const starter = await start(process.execPath, ['family.mjs']);
    starter.process.kill('SIGTERM');
    await expectNobodyLeft(starter);
    expect(starter.process.exitCode).toBe(7);
  });

  test('by force, with their own children, when they do not end in time', async () => {
    const starter = await start(process.execPath, ['family.mjs', 'stubborn']);
    starter.process.kill('SIGTERM');
    await expectNobodyLeft(starter);
    expect(starter.output()).not.toContain('ends');
  });

  test('by force and at once after a second Ctrl-C', async () => {
    const starter = await start(process.execPath, ['family.mjs', 'stubborn', 'patient']);
    starter.process.kill('SIGINT');
    await delay(600);
    expect(starter.process.exitCode).toBe(null);
    starter.process.kill('SIGINT');
    await expectNobodyLeft(starter);
    expect(starter.process.exitCode).toBe(130);
  });

  interface Starter {
    process: ChildProcess;
    output(): string;
    pids: number[];
  }

  /** Starts the family below and waits until all of it are there. */
  async function start(command: string, parameters: string[]): Promise<Starter> {
    const members = parameters.includes('stubborn') ? 4 : 3;
    const child = spawn(command, parameters, { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    await until(() => (output.match(/\d+ is up/g)?.length ?? 0) === members);
    return {
      process: child,
      output: () => output,
      pids: [...output.matchAll(/(\d+) is up/g)].map(([, pid]) => Number(pid)),
    };
  }

  async function expectNobodyLeft({ process: starter, pids }: Starter) {
    await until(() => !pids.some(isAlive) && (starter.exitCode ?? starter.signalCode) !== null).catch(() => {});
    const left = pids.filter(isAlive);
    for (const pid of left) process.kill(pid, 'SIGKILL');
    expect(left).toEqual([]);
    // What they wrote last may still be on its way through the pipe when they are gone.
    await until(() => starter.stdout?.readableEnded ?? true);
  }
});

/** A starter with two children; a stubborn second one has a child of its own. */
const family = `
  import { endChildren, endWithStarter, startChild } from '${pathToFileURL(join(scripts, 'processes.mjs'))}';
  const stubborn = process.argv.includes('stubborn');
  const up = "console.log(process.pid + ' is up'); setInterval(() => {}, 1000); process.on('SIGINT', () => {});";
  const ends = (name, code) => stubborn
    ? "process.on('SIGTERM', () => {});"
    : "process.on('SIGTERM', () => setTimeout(() => { console.log('" + name + " ends'); process.exit(" + code + "); }, 50));";
  const grandchild = "require('node:child_process').spawn(process.execPath, ['-e', " + JSON.stringify(up + ends('third', 0)) + "], { stdio: 'inherit' })";
  endWithStarter({ grace: process.argv.includes('patient') ? 60000 : 1000 });
  console.log(process.pid + ' is up');
  startChild(process.execPath, ['-e', up + ends('first', 0)]);
  const second = startChild(process.execPath, ['-e', up + ends('second', 7) + (stubborn ? grandchild : '')]);
  const code = await second.exit;
  await endChildren();
  process.exit(code);
`;

async function until(isSo: () => boolean) {
  const deadline = performance.now() + 5_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('It did not come to that within 5 s.');
    await delay(20);
  }
}

/** One that has ended counts as such, even if nobody has asked for its exit code yet, as it happens in containers. */
function isAlive(pid: number): boolean {
  try {
    const ended = process.platform === 'linux' && / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return !ended && process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function finish(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  await once(child, 'close');
  return { code: child.exitCode, output };
}
