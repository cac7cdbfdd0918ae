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
  request?: { method: string; contentType: string; body: string };
}

/** The JSON files below a folder, in their order. */
export function readCorpus(folder: string, sources: readonly string[]): CorpusFile[] {
  return listJson(folder).map((path) => {
    const request = isMessage(path) ? undefined : readRequest(readFileSync(path, 'utf8'));
    const { system, source } = systemOf(path, sources);
    return { path, system, ...(source && request ? { source } : {}), ...(request ? { request } : {}) };
  });
}

/**
 * `03-alertmanager-firing.json` is from Alertmanager, and so is `1.json` in a folder `alertmanager` or
 * `alertmanager-0.25.0`.
 */
function systemOf(path: string, sources: readonly string[]): { system: string; source?: string } {
  const [word = ''] = nameOf(path).split(/[-_.]/);
  const folder = basename(dirname(path)).replace(/-\d.*$/, '');
  const source = [word, folder].find((candidate) => sources.includes(candidate));
  return source === undefined ? { system: folder } : { system: source, source };
}

/** `01-as-slack.json` is what a program posted to Slack. */
function isMessage(path: string): boolean {
  return nameOf(path).startsWith('as-');
}

function nameOf(path: string): string {
  return basename(path, '.json').replace(/^\d+-/, '');
}

/** A recorded request has its body beside `method`; the environment of a command is none; any other JSON is a body. */
function readRequest(text: string): CorpusFile['request'] {
  const value: unknown = JSON.parse(text);
  const record = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>; // any object
  if ('argv' in record && 'env' in record) return undefined;
  if (typeof record.method !== 'string' || !('body' in record)) {
    return { method: 'POST', contentType: 'application/json', body: text };
  }
  const { method, body } = record;
  const headers = Object.entries(record.headers ?? {});
  const type: unknown = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  return {
    method,
    contentType: typeof type === 'string' ? type : 'application/json',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
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
