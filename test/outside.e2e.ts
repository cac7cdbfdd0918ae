import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newcomersEnvironment } from './newcomer/environment.ts';
import { type Registry, startRegistry } from './newcomer/registry.ts';

// An integration that is made, tested and built outside of this repository, and runs beside an installed host.

const repository = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'tocsin-outside-'));
const own = join(scratch, 'tocsin-source-pump');
const hub = join(scratch, 'hub');
const key = 'a-key-of-this-test-alone';
let registry: Registry;
let env: NodeJS.ProcessEnv;

const payload = {
  state: 'ALARM',
  device: 'pump-3',
  check: 'Pressure is low',
  level: 'major',
  since: '2026-01-15T09:23:00Z',
  page: 'https://pumps.example.com/checks/184',
};

beforeAll(async () => {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: repository, env: newcomersEnvironment(), stdio: 'pipe' });
  registry = await startRegistry(repository, join(scratch, 'packs'), newcomersEnvironment());
  // Of its own cache: another run released other packages under the same versions.
  env = { ...newcomersEnvironment(), npm_config_registry: registry.url, npm_config_cache: join(scratch, 'cache') };
});

afterAll(() => {
  registry?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test('npm create makes a package in an empty folder, drafted from a payload, that tests and builds itself', async () => {
  write(own, 'firing.json', JSON.stringify(payload));
  const docs = 'https://pumps.example.com/webhooks';
  const said = await run(
    own,
    'npm',
    'create',
    'tocsin-integration@latest',
    '--yes',
    '--',
    'source',
    'pump',
    '--from',
    'firing.json',
    '--docs',
    docs,
  );
  expect(said).toContain('Firing · error: Pressure is low (pump-3)');
  expect(said).toContain('[ ] src/index.ts:');
  rmSync(join(own, 'firing.json'));
  expect(await run(own, 'npm', 'test')).toMatch(/✓ source-pump: (\d+) of \1 checks hold/);
  await run(own, 'npm', 'run', 'build');
  const manifest = readFileSync(join(own, 'package.json'), 'utf8');
  expect(JSON.parse(manifest)).toMatchObject({ name: 'tocsin-source-pump', tocsin: { contract: 1 } });
  expect(manifest.trimEnd().split('\n').length).toBeLessThanOrEqual(22);
  expect(readFileSync(join(own, 'src/index.ts'), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(40);
});

test("what it imports has types: core's declarations are in its package", async () => {
  const options = { module: 'nodenext', strict: true, noEmit: true, types: [], skipLibCheck: false };
  write(own, 'tsconfig.json', JSON.stringify({ compilerOptions: options, include: ['src'] }));
  try {
    expect(await run(own, process.execPath, join(repository, 'node_modules/typescript/bin/tsc'), '-p', '.')).toBe('');
  } finally {
    rmSync(join(own, 'tsconfig.json'));
  }
});

test('installed beside the host and named in its config, it takes alerts', async () => {
  await run(own, 'npm', 'pack', '--pack-destination', scratch);
  write(hub, 'package.json', '{ "private": true }');
  write(hub, 'tocsin.yaml', config);
  await run(
    hub,
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
    'tocsin@latest',
    join(scratch, 'tocsin-source-pump-0.1.0.tgz'),
  );
  const shipped = readdirSync(join(hub, 'node_modules/tocsin-source-pump')).sort();
  expect(shipped).toEqual(['dist', 'examples', 'howto.html', 'package.json', 'templates']);
  expect(await run(hub, 'npx', 'tocsin', 'check')).toContain('is fine: 1 integrations, 1 sources');
  const host = spawn('npx', ['tocsin', 'start'], { cwd: hub, env, detached: true });
  try {
    const address = await addressOf(host);
    const post = await fetch(`${address}/in/pumps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tocsin-key': key },
      body: JSON.stringify(payload),
    });
    expect(post.status).toBe(202);
    const { groups } = (await post.json()) as { groups: { id: string; status: string }[] }; // the host's own answer
    expect(groups).toEqual([{ id: expect.any(String), status: 'firing' }]);
    const token = readFileSync(join(hub, 'data/admin-token'), 'utf8').trim();
    const group = await fetch(`${address}/api/v1/groups/${groups[0]?.id}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await group.text()).toContain('pump-3');
  } finally {
    if (host.pid) process.kill(-host.pid, 'SIGTERM');
    await new Promise((resolve) => host.once('exit', resolve));
  }
});

test('one that was made for another contract is refused by name, before its code runs', async () => {
  const file = join(hub, 'node_modules/tocsin-source-pump/package.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"contract": 1', '"contract": 99'));
  writeFileSync(join(hub, 'node_modules/tocsin-source-pump/dist/index.js'), 'process.exit(7);');
  const start = run(hub, 'npx', 'tocsin', 'start');
  await expect(start).rejects.toThrow('tocsin-source-pump: its release 0.1.0 was made for version 99 of the contract');
});

const config = `version: 1
listen: 127.0.0.1:0
integrations: [tocsin-source-pump]
sources: [{ id: pumps, use: pump, key: ${key} }]
routes: []
unrouted: drop
`;

function write(folder: string, file: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), text);
}

/** What it prints to standard output. Throws with what it says on standard error. */
async function run(folder: string, command: string, ...words: string[]): Promise<string> {
  // Not in step: the registry that npm asks is this process.
  const { stdout } = await promisify(execFile)(command, words, { cwd: folder, env, timeout: 120_000 });
  return stdout;
}

async function addressOf(host: ReturnType<typeof spawn>): Promise<string> {
  let said = '';
  host.stderr?.on('data', (text) => (said += text));
  return await new Promise((resolve, reject) => {
    host.stdout?.on('data', (text) => {
      said += text;
      const [, address] = /Tocsin listens on (\S+)/.exec(said) ?? [];
      if (address) resolve(address);
    });
    host.once('exit', () => reject(new Error(said)));
  });
}
