import type { SourceRequest } from '@tocsin/core';
import { exitCodeOf, type Fields, fields, quoted, readVerdict, type Verdict } from './fields.ts';
import type { Settings } from './settings.ts';

/** What one request says of one job. */
export interface Ping {
  name: string | undefined;
  verdict: Verdict;
  exitCode: number | undefined;
  message: string | undefined;
  link: string | undefined;
  /** Milliseconds. */
  interval: number;
  grace: number;
  severity: string;
}

/** From the body, else the address, else the settings. Throws an Error that says what can't be read. */
export function readPing(body: Fields | undefined, { path, query }: SourceRequest, settings: Settings): Ping {
  const said = { ...readQuery(query), ...readPath(path), ...body };
  const { name, message, link } = said;
  const own = name !== undefined && Object.hasOwn(settings.names, name) ? settings.names[name] : undefined;
  return {
    name,
    ...verdictOf(said),
    message,
    link,
    interval: said.interval ?? own?.interval ?? settings.interval,
    grace: said.grace ?? own?.grace ?? settings.grace,
    severity: own?.severity ?? settings.severity,
  };
}

/** `/nightly-backup`, `/nightly-backup/fail`, `/nightly-backup/3`, `/fail`. */
function readPath(path: string): Fields {
  const parts = path.split('/').filter(Boolean);
  const last = parts.at(-1);
  const status = last !== undefined && (isVerdict(last) || isUnheard(last)) ? parts.pop() : undefined;
  if (parts.length > 1)
    throw new TypeError(`the address ends in ${quoted(path)}; at most a name and a status follow the key`);
  return readFields({ name: parts[0], status }, 'the address');
}

function isVerdict(word: string): boolean {
  return ['ok', 'fail', 'stop'].includes(word) || exitCodeOf(word) !== undefined;
}

/** Elsewhere, as on healthchecks.io, they mean that a job begins, or nothing: taken for names they would be watched. */
function isUnheard(word: string): boolean {
  return word === 'start' || word === 'log';
}

function readQuery({ name, status, interval, grace, message, link }: SourceRequest['query']): Fields {
  return readFields({ name, status, interval, grace, message, link }, 'the query');
}

function readFields(given: Record<string, string | undefined>, where: string): Fields {
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const read = fields.safeParse(present);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new TypeError(`${issue?.path.join('.')} in ${where}: ${issue?.message}`);
}

function verdictOf({ status, alerts }: Fields): Pick<Ping, 'verdict' | 'exitCode'> {
  // https://github.com/prometheus-operator/kube-prometheus: Watchdog always fires, and its end is the trouble.
  if (alerts !== undefined) return { verdict: status === 'resolved' ? 'failed' : 'ok', exitCode: undefined };
  if (status === undefined) return { verdict: 'ok', exitCode: undefined };
  const verdict = readVerdict(status);
  if (verdict === undefined) {
    throw new TypeError(
      `status ${quoted(status)} is not known; say ok, fail, stop or an exit code, once the job has ended`,
    );
  }
  return { verdict, exitCode: exitCodeOf(status) };
}
