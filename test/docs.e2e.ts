import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Fence, fencesOf } from './docs/markdown.ts';
import { newcomersEnvironment } from './newcomer/environment.ts';
import { type Registry, startRegistry } from './newcomer/registry.ts';

// What the guides say to type, typed: in a fresh clone, beside the hub that README.md starts.
//
// ```sh             runs; the blocks of a guide share one shell, as in a person's terminal
// ```text           directly after one is its output; `…` stands for anything
// ```yaml <file>    is written to that file first (any language with a file is); all yaml passes `tocsin check`
// ```yml            is for another program

const repository = join(import.meta.dirname, '..');
const guides = [
  'README.md', // first: it starts the hub, and its group is the first one
  'docs/configuration.md',
  'docs/operating.md',
  'docs/templates.md',
  'docs/contributing.md',
  'docs/integrations.md',
  'docs/preview.md',
  'docs/faults.md',
  'docs/seeds.md',
  'docs/guides/slack.md',
  'docs/guides/dutycalls.md',
  'docs/guides/dqops.md',
  'docs/guides/openitcockpit.md',
  'docs/guides/keptn.md',
  'CONTRIBUTING.md',
];

const startCommand = 'npm start\n';
const scratch = mkdtempSync(join(tmpdir(), 'tocsin-docs-'));
const clone = join(scratch, 'tocsin');
/** As the guides write them, and here. */
const ports = new Map<string, number>();
let quickstart: ChildProcess | undefined;
/** Where the guide for packages outside of the repository finds this tree's. */
let registry: Registry;

beforeAll(async () => {
  execFileSync('git', ['clone', '--quiet', repository, clone]);
  for (const port of ['8080', '8081', '8090']) ports.set(port, await freePort());
  // Commands beside the hub find it where its configuration says.
  const config = join(clone, 'quickstart/tocsin.yaml');
  writeFileSync(config, translated(readFileSync(config, 'utf8')));
  // A person types it into the first terminal, and goes on in another.
  expect(fences('README.md').find(({ language }) => language === 'sh')?.content).toBe(startCommand);
  quickstart = await startQuickstart(); // which builds what the registry has
  registry = await startRegistry(clone, join(scratch, 'packs'), newcomersEnvironment());
});

// What a guide has made goes, with the builds of its integrations; the hub's data stays.
afterEach(() => {
  execFileSync('git', ['clean', '-qfd'], { cwd: clone });
  execFileSync('git', ['clean', '-qfdx', 'integrations/*/acme*'], { cwd: clone });
});

afterAll(async () => {
  registry?.stop();
  const ended = quickstart && new Promise((resolve) => quickstart?.once('exit', resolve));
  quickstart?.kill('SIGTERM');
  await ended;
  rmSync(scratch, { recursive: true, force: true });
});

test('every guide is here', () => {
  const found = ['docs', 'docs/guides'].flatMap((folder) =>
    readdirSync(join(repository, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  );
  expect(guides).toEqual(expect.arrayContaining(found));
});

test.each(guides)('%s: every command does what it says, every configuration passes the check', async (guide) => {
  const all = fences(guide);
  const steps = stepsOf(all).filter(({ script }) => script !== startCommand);
  await runSteps(guide, steps);
  await Promise.all((effects[guide] ?? []).map((effect) => effect()));
  const configs = all.filter(({ language }) => language === 'yaml');
  for (const { content, line } of configs) expect(checkConfig(content), `${guide}:${line}`).toContain('is fine');
  console.log(`${guide}: ran ${steps.length} blocks of commands, checked ${configs.length} configurations`);
});

/** What people are told after the commands of a guide. */
const effects: Record<string, (() => Promise<void>)[]> = {
  'README.md': [() => sandboxShows('Disk full on db-1', ['Firing · critical', 'Resolved · was critical'])],
  'docs/operating.md': [
    () => sandboxShows('A test of the way', ['Firing', 'Resolved']),
    () =>
      sandboxShows('Disk full on db-2', [
        'Firing',
        'Acknowledged by admin',
        'Silenced by admin · until …',
        'Silence ended by admin',
        'Resolved by admin',
      ]),
  ],
  'docs/integrations.md': [() => sandboxShows('Checkout is down', ['Firing · error'], '#alerts')],
  'docs/guides/keptn.md': [
    () =>
      expect
        .poll(() => sandboxTexts('#keptn'), { timeout: 5_000 })
        .toEqual([expect.stringMatching(/^Evaluation in staging finished with result fail and score 41\.6+\d*\.$/)]),
  ],
};

/** That these are the headlines, in their order, which the sandbox's channels have for that title. */
async function sandboxShows(title: string, headlines: string[], channel = '#ops'): Promise<void> {
  const told = async () => {
    const texts = (await sandboxTexts(channel)).filter((text) => text?.endsWith(`: ${title}`));
    const headlines = texts.map((text) => text.slice(0, -`: ${title}`.length).replace(/(?<= until ).*/, '…'));
    // What is news is in the thread besides.
    return headlines.filter((headline, index) => headline !== headlines[index - 1]);
  };
  await expect.poll(told, { timeout: 5_000 }).toEqual(headlines);
}

const environments: Record<string, () => NodeJS.ProcessEnv> = {
  'docs/contributing.md': () => ({
    npm_config_registry: registry.url,
    // npm's usual one knows the packages of another run under the same versions.
    npm_config_cache: join(scratch, 'cache'),
    // A person answers npm's question whether it may.
    npm_config_yes: 'true',
  }),
};

/** A block that is typed, with the files that are written before and what it must print. */
interface Step {
  files: Fence[];
  script: string;
  line: number;
  output: string | undefined;
}

function stepsOf(all: readonly Fence[]): Step[] {
  const steps: Step[] = [];
  let files: Fence[] = [];
  for (const [index, fence] of all.entries()) {
    if (fence.file !== '') files.push(fence);
    if (fence.language !== 'sh') continue;
    const next = all[index + 1];
    const isOutput = next?.language === 'text' && next.line === fence.line + fence.content.split('\n').length + 2;
    steps.push({ files, script: fence.content, line: fence.line, output: isOutput ? next.content : undefined });
    files = [];
  }
  return steps;
}

/** Runs them in one shell. Throws what the first that fails has printed. */
async function runSteps(guide: string, steps: readonly Step[]): Promise<void> {
  const shell = spawn('sh', [], {
    detached: true, // so that what it leaves running ends with it
    cwd: clone,
    env: { ...newcomersEnvironment(), ...environments[guide]?.(), SERVED_PORT: `${ports.get('8090')}` },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  shell.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  shell.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  try {
    shell.stdin.write(helpers);
    for (const { files, script, line, output: expected } of steps) {
      for (const { file, content } of files) write(file, translated(content));
      output = '';
      errors = '';
      const end = `end-of-block-${line}`;
      shell.stdin.write(`set -e\n${typed(translated(script))}\nset +e\necho; echo ${end}\n`);
      while (!output.includes(`${end}\n`)) {
        if (shell.exitCode !== null)
          throw new Error(`${guide}:${line} ended with ${shell.exitCode}\n${output}${errors}`);
        await delay(20);
      }
      // Without npm's own lines about what it runs.
      const said = output
        .replace(`${end}\n`, '')
        .replace(/^\n> .*\n> .*\n\n/gm, '')
        .trim();
      if (expected !== undefined) expect(said, `${guide}:${line}`).toMatch(patternOf(translated(expected)));
    }
  } finally {
    shell.stdin.end();
    if (shell.pid) endGroup(shell.pid);
  }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

/** `serve` runs a hub or a page until it listens, and ends it as a person does. */
const helpers = `
serve() {
  PORT=$SERVED_PORT "$@" > serve.log 2>&1 & served=$!
  until grep -q 'listens on' serve.log; do kill -0 $served || { cat serve.log; return 1; }; sleep 0.1; done
  kill -TERM $served
  wait $served || { code=$?; [ $code -eq 143 ] || return $code; } # npm ends by the signal, the hub itself with 0
}
`;

/** A line that starts a hub or a page in the foreground would never end. */
function typed(script: string): string {
  return script.replace(/^(?=(?:npm run tocsin --|node \S+main\.js) (?:start|dev)(?![^\n]* &))/gm, 'serve ');
}

/** With the ports of this run. */
function translated(text: string): string {
  return text.replace(/(?<=127\.0\.0\.1:)\d+/g, (port) => String(ports.get(port) ?? port));
}

/** The whole text, in which `…` stands for anything. */
function patternOf(expected: string): RegExp {
  const parts = expected
    .trim()
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`);
}

/** What a part of a configuration leaves out. */
const rest: Record<string, string> = {
  version: 'version: 1',
  integrations: 'integrations: ["@tocsin/source-alertmanager", "@tocsin/source-webhook", "@tocsin/target-webhook"]',
  sources: 'sources: [{ id: prod, use: alertmanager, key: "${env:PROD_KEY}" }]',
  targets: `targets: [${['ops', 'log', 'storage', 'shop', 'tickets', 'chat', 'phone', 'lead', 'finance']
    .map((id) => `{ id: ${id}, use: webhook, settings: { url: "https://receiver.example.com/${id}" } }`)
    .join(', ')}]`,
  routes: 'routes: [{ to: [ops] }]',
};

function checkConfig(content: string): string {
  const given = [...content.matchAll(/^(\w+):/gm)].map(([, key = '']) => key);
  // One that is whole without routes says what becomes of the rest.
  const isWhole = given.includes('unrouted') && given.includes('targets');
  const added = Object.entries(rest).flatMap(([key, text]) =>
    given.includes(key) || (key === 'routes' && isWhole) ? [] : [text],
  );
  const env = newcomersEnvironment();
  for (const [, name = ''] of content.matchAll(/\$\{env:(\w+)\}/g)) env[name] = madeUp(name);
  for (const [, file = ''] of content.matchAll(/\$\{file:([^/}][^}]*)\}/g)) write(file, `made-up-${randomUUID()}\n`);
  env.PROD_KEY = `made-up-${randomUUID()}`;
  write('checked.yaml', `${content}\n${added.join('\n')}\n`);
  const program = join(clone, 'apps/host/dist/main.js');
  return execFileSync(process.execPath, [program, 'check', '--config', 'checked.yaml'], {
    cwd: clone,
    env,
    encoding: 'utf8',
  });
}

/** What a variable of that name may hold. */
function madeUp(name: string): string {
  // 40 characters of base64 are 30 bytes.
  if (name.endsWith('SIGNING_SECRET')) return `whsec_made0up0${randomBytes(16).toString('hex')}`;
  if (name.endsWith('_URL')) return `https://made-up.example.com/${randomUUID()}`;
  return name.endsWith('SECRETS_KEY') ? randomBytes(32).toString('hex') : `made-up-${randomUUID()}`;
}

async function sandboxTexts(channel: string): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${ports.get('8081')}/messages?channel=${encodeURIComponent(channel)}`);
  const messages = (await answer.json()) as { payload: { text: string } }[]; // Slack's payload: the target wrote it
  return messages.map(({ payload }) => payload.text);
}

async function startQuickstart(): Promise<ChildProcess> {
  const env = { ...newcomersEnvironment(), PORT: `${ports.get('8080')}`, SANDBOX_PORT: `${ports.get('8081')}` };
  const npm = spawn('npm', ['start'], { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [npm.stdout, npm.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  while (!output.includes('ready after')) {
    if (npm.exitCode !== null) throw new Error(`npm start ended with ${npm.exitCode}\n${output}`);
    await delay(50);
  }
  return npm;
}

function fences(guide: string): Fence[] {
  return fencesOf(readFileSync(join(repository, guide), 'utf8'));
}

function write(file: string, content: string): void {
  mkdirSync(dirname(join(clone, file)), { recursive: true });
  writeFileSync(join(clone, file), content);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has no other kind
  await new Promise((resolve) => server.close(resolve));
  return port;
}
