import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type CorpusFile, readCorpus } from './support/corpus.ts';
import { type Host, startHost } from './support/host.ts';
import { until } from './support/until.ts';
import { startWitness } from './support/witness.ts';

/*
 * Every request of a folder is posted to a host, and a target is told. A row for each file: it passes if all of its
 * alerts are taken, and people can read what comes out. The files of one folder go to one source, in their order.
 *
 *   node --conditions=@tocsin/source test/evidence/corpus.ts <folder> [--use webhook] [--as nagios4=nagios]
 *
 * `--use` posts the files of systems that have no source yet through that one; `--as` says which source a system has.
 * What monitors run as a command goes through `tocsin notify`.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { use: { type: 'string' }, as: { type: 'string', multiple: true, default: [] } },
});
const names = new Map(values.as.map((pair) => pair.split('=', 2) as [string, string])); // one without a source names none
const key = 'key-of-the-corpus';
/** Milliseconds: what repeats something is not told again, and anything else may take its time. */
const patience = { repeated: 2_000, first: 20_000 };
/** Groups that were told of before the present file. */
const known = new Set<string>();
const sources = readdirSync(join(import.meta.dirname, '..', '..', 'integrations', 'sources'));
// npm runs its scripts in the repository's folder, and says where the person was.
const from = process.env.INIT_CWD ?? process.cwd();

/** With the source that it goes to, if any. */
type Posted = Omit<CorpusFile, 'source'> & { source: string | undefined };

interface Row {
  result: 'passed' | 'failed' | 'no source yet';
  file: Posted;
  reason: string;
}

if (values.use !== undefined && !sources.includes(values.use)) {
  console.error(`There is no source ${values.use}; there are ${sources.join(', ')}.`);
  process.exitCode = 2;
} else if (positionals.length === 0) console.log('skipped: corpus (no folder given)');
else
  process.exitCode = print(
    await run(positionals.flatMap((folder) => readCorpus(resolve(from, folder), sources, names))),
  );

async function run(files: readonly CorpusFile[]): Promise<Row[]> {
  const posted = files.map((file) => ({ ...file, source: file.source ?? (file.request && values.use) }));
  const ids = new Map(posted.filter(({ source }) => source).map((file, index) => [sourceKey(file), `corpus-${index}`]));
  if (ids.size === 0) return posted.map(withoutSource);
  const told = new Map<string, Told>();
  const witness = await startWitness((body) => {
    const notification: Told = JSON.parse(body);
    told.set(notification.group.id, notification);
  });
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-corpus-'));
  const host = await startHost({ folder, config: configOf(posted, ids, witness.url), isSource: true });
  try {
    const rows: Row[] = [];
    for (const file of posted) {
      const id = ids.get(sourceKey(file));
      rows.push(id === undefined ? withoutSource(file) : await rowOf(host, file, id, told));
    }
    return rows;
  } finally {
    await host.end();
    await witness.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of a notification as the target `webhook` posts it. */
interface Told {
  group: { id: string; status: string };
  headline: string;
  title: string;
  message: string;
}

function sourceKey({ path, source }: Posted): string {
  return `${source} ${dirname(path)}`;
}

function configOf(files: readonly Posted[], ids: ReadonlyMap<string, string>, witness: string): object {
  const uses = new Map(files.map((file) => [ids.get(sourceKey(file)), file.source]));
  uses.delete(undefined);
  return {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: [
      ...[...new Set(uses.values())].map((source) => `@tocsin/source-${source}`),
      '@tocsin/target-webhook',
    ],
    sources: [...uses].map(([id, use]) => ({ id, use, key })),
    targets: [{ id: 'witness', use: 'webhook', settings: { url: witness, body: 'notification' } }],
    routes: [{ to: ['witness'] }],
    egress: { allow: ['127.0.0.0/8'] },
  };
}

function withoutSource(file: Posted): Row {
  return { result: 'no source yet', file, reason: file.request ? '' : 'no request to a source' };
}

async function rowOf(host: Host, file: Posted, id: string, told: Map<string, Told>): Promise<Row> {
  const { request, refusal } = file;
  if (refusal !== undefined) return { result: 'failed', file, reason: `notify: ${refusal}` };
  if (!request) return withoutSource(file);
  for (const group of told.keys()) known.add(group);
  told.clear();
  const response = await fetch(`${host.address}/in/${id}/${key}`, {
    method: request.method,
    headers: request.headers,
    body: request.body,
  });
  const text = await response.text();
  if (response.status !== 202) return { result: 'failed', file, reason: `${response.status} ${whyNot(text)}` };
  const { groups, rejected }: Answer = JSON.parse(text);
  if (rejected.length > 0) return { result: 'failed', file, reason: `rejected: ${faults(rejected)}` };
  // What repeats, or ends what never began, changes nothing.
  if (groups.length === 0) return { result: 'passed', file, reason: 'changes nothing' };
  const notifications: Told[] = [];
  for (const { id, status } of groups) {
    const telling = await tellingOf(id, status, told).catch(() => undefined);
    if (telling) notifications.push(telling);
    else if (!known.has(id)) return { result: 'failed', file, reason: `nobody was told of ${id}` };
  }
  const fault = notifications.map(wordingFault).find((one) => one !== undefined);
  if (fault !== undefined) return { result: 'failed', file, reason: fault };
  const [first, ...others] = notifications;
  if (!first) return { result: 'passed', file, reason: 'changes nothing' };
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  return { result: 'passed', file, reason: `${first.headline}: ${first.title}${more}` };
}

/** What the target was told of a group. A re-opening may be held back, an end never is. */
function tellingOf(group: string, status: string, told: ReadonlyMap<string, Told>): Promise<Told> {
  return until(
    `the target is told that ${group} is ${status}`,
    () => {
      const last = told.get(group);
      return last && (status !== 'resolved' || last.group.status === 'resolved') ? last : undefined;
    },
    known.has(group) ? patience.repeated : patience.first,
  );
}

/** What people must not read. */
function wordingFault({ title, message }: Told): string | undefined {
  if (title.trim() === '') return 'the title is empty';
  const trace = /\bundefined\b|\[object \w+\]|\{\{/.exec(`${title}\n${message}`)?.[0];
  return trace === undefined ? undefined : `the words hold ${JSON.stringify(trace)}: ${title}`;
}

interface Answer {
  groups: { id: string; status: string }[];
  rejected: Fault[];
}

interface Fault {
  path: string;
  message: string;
}

function whyNot(text: string): string {
  try {
    const { error }: { error: { message: string; faults?: Fault[] } } = JSON.parse(text);
    return `${error.message}${error.faults ? `: ${faults(error.faults)}` : ''}`;
  } catch {
    return text;
  }
}

function faults(list: readonly Fault[]): string {
  return list.map(({ path, message }) => [path, message].filter(Boolean).join(': ')).join('; ');
}

/** Returns the exit code. */
function print(rows: readonly Row[]): number {
  const count = (wanted: Row['result']) => rows.filter(({ result }) => result === wanted).length;
  const widest = Math.max(0, ...rows.map(({ file }) => file.system.length));
  for (const { result, file, reason } of rows) {
    const columns = [result.padEnd(13), file.system.padEnd(widest), relative(from, file.path), oneLine(reason)];
    console.log(columns.join('  ').trimEnd());
  }
  console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('no source yet')} no source yet`);
  return count('failed') > 0 ? 1 : 0;
}

/** Text of a payload in a row: one line, and nothing that a terminal obeys. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, 300);
}
