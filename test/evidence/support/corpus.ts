import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A file of a corpus. */
export interface CorpusFile {
  path: string;
  /** Whose it is, as file and folder say. */
  system: string;
  /** The source that it is for; none where no source is. */
  source?: string;
  /** What to post; none where no source could take it. */
  request?: { method: string; headers: Record<string, string>; body: string };
  /** Why `tocsin notify` made no request of a monitor's command. */
  refusal?: string;
}

/** The JSON files below a folder, in their order. `names`: what a system's source is called. */
export function readCorpus(
  folder: string,
  sources: readonly string[],
  names: ReadonlyMap<string, string> = new Map(),
): CorpusFile[] {
  return listJson(folder).map((path) => {
    const { system, source } = systemOf(path, sources, names);
    const read = isMessage(path) ? {} : readRequest(readFileSync(path, 'utf8'));
    return { path, system, ...(source && (read.request || read.refusal) ? { source } : {}), ...read };
  });
}

/**
 * `03-alertmanager-firing.json` is from Alertmanager, and so is `1.json` in a folder `alertmanager` or
 * `alertmanager-0.25.0`.
 */
function systemOf(
  path: string,
  sources: readonly string[],
  names: ReadonlyMap<string, string>,
): { system: string; source?: string } {
  const [word = ''] = nameOf(path).split(/[-_.]/);
  const folder = basename(dirname(path)).replace(/-\d.*$/, '');
  const source = [word, folder]
    .map((candidate) => names.get(candidate) ?? candidate)
    .find((candidate) => sources.includes(candidate));
  return source === undefined ? { system: folder } : { system: source, source };
}

/** `01-as-slack.json` is what a program posted to Slack. */
function isMessage(path: string): boolean {
  return nameOf(path).startsWith('as-');
}

function nameOf(path: string): string {
  return basename(path, '.json').replace(/^\d+-/, '');
}

/** A recorded request has its body beside `method`; a monitor's command its words; any other JSON is a body. */
function readRequest(text: string): Pick<CorpusFile, 'request' | 'refusal'> {
  const value: unknown = JSON.parse(text);
  const record = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>; // any object
  const command = commandOf(record);
  if (command) return notified(command);
  if (typeof record.method !== 'string' || !('body' in record)) {
    return { request: { method: 'POST', headers: { 'content-type': 'application/json' }, body: text } };
  }
  const { method, body } = record;
  const headers = Object.entries(record.headers ?? {})
    .map(([name, content]) => [name.toLowerCase(), String(content)] as const)
    .filter(([name]) => name.startsWith('ce-') || name === 'content-type');
  return {
    request: {
      method,
      headers: { 'content-type': 'application/json', ...Object.fromEntries(headers) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
  };
}

interface Command {
  words: string[];
  env: Record<string, string>;
}

/** A monitor's notification command by its options, or by its macros where its words are another program's. */
function commandOf(record: Record<string, unknown>): Command | undefined {
  if (Array.isArray(record.argv)) {
    const words = record.argv.map(String);
    const isOurs = words.some((word) => word.startsWith('--'));
    return { words: isOurs ? words : [], env: isOurs ? {} : textsOf(record.env) };
  }
  const macros = Object.entries(record).filter(([name]) => /^\$[A-Z]+\$$/.test(name));
  if (macros.length === 0 || macros.length < Object.keys(record).length) return undefined;
  return {
    words: [],
    env: textsOf(Object.fromEntries(macros.map(([name, text]) => [`NAGIOS_${name.slice(1, -1)}`, text]))),
  };
}

function textsOf(values: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, content]) => [name, String(content)]));
}

/** What `tocsin notify` would send. */
function notified({ words, env }: Command): Pick<CorpusFile, 'request' | 'refusal'> {
  const program = join(import.meta.dirname, '../../../apps/host/src/notify.ts');
  const flags = ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'];
  const own = ['--dry-run', '--url', 'http://127.0.0.1/in/corpus', '--key', 'none'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, program, ...own, ...words], {
    encoding: 'utf8',
    env: { ...env, PATH: process.env.PATH },
  });
  if (status !== 0) return { refusal: stderr.trim() };
  const body = stdout.slice(stdout.indexOf('\n') + 1);
  return { request: { method: 'POST', headers: { 'content-type': 'application/json' }, body } };
}

function listJson(folder: string): string[] {
  if (statSync(folder).isFile()) return [folder];
  return readdirSync(folder, { withFileTypes: true })
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listJson(path);
      return entry.name.endsWith('.json') ? [path] : [];
    });
}
