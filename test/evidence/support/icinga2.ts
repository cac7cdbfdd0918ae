import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Program, startProgram } from './program.ts';
import { until } from './until.ts';
import { freePort } from './witness.ts';

const program = 'icinga2';

/** The name in its certificate, and so in its address. */
const node = 'localhost';

export function hasIcinga(): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface IcingaUser {
  name: string;
  password: string;
  permissions: readonly string[];
}

/** A request to its API, with the path in place of the address. */
export interface IcingaRequest {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Icinga extends Program {
  /** `https://localhost:<port>` */
  address: string;
  /** The file of the authority that signed its certificate. */
  authority: string;
  ask(
    user: IcingaUser,
    asked: IcingaRequest,
  ): Promise<{ status: number; headers: Record<string, string>; body: string }>;
  /** The result of a check of the host, or of its service: 0 is fine. */
  check(of: { host: string; service?: string }, exitStatus: number, output: string): Promise<void>;
}

const driver: IcingaUser = { name: 'driver', password: 'of-the-evidence', permissions: ['*'] };

/**
 * An Icinga 2 with its API on a free port, in a folder of its own, and these objects of its configuration. It runs as who
 * runs this, checks nothing itself, and knows these users.
 */
export async function startIcinga(folder: string, objects: string, users: readonly IcingaUser[]): Promise<Icinga> {
  const data = join(folder, 'icinga', 'data');
  const places = { DataDir: data, ...placesIn(join(folder, 'icinga')) };
  const constants = Object.entries(places).map(([name, path]) => `-D${name}=${path}`);
  for (const place of [...Object.values(places), join(data, 'certs')]) mkdirSync(place, { recursive: true });
  certify(join(data, 'certs'), constants);
  const port = await freePort();
  const config = join(folder, 'icinga', 'icinga2.conf');
  writeFileSync(config, [main(port), ...[driver, ...users].map(userOf), objects].join('\n'));
  const icinga = startProgram(program, ['daemon', '-c', config, ...constants], whoItRunsAs());
  await icinga.says(/'api' started/);
  const authority = join(data, 'certs', 'ca.crt');
  const ca = readFileSync(authority);
  const address = `https://${node}:${port}`;
  const ask: Icinga['ask'] = async (user, { method, url, headers, body }) => {
    const auth = `${user.name}:${user.password}`;
    const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>();
    request(url, { method, headers, auth, ca }, resolve).on('error', reject).end(body);
    const response = await promise;
    return { status: response.statusCode ?? 0, headers: {}, body: await text(response) };
  };
  const action = (body: object) => ({
    method: 'POST',
    url: `${address}/v1/actions/process-check-result`,
    headers: { accept: 'application/json' },
    body: JSON.stringify(body),
  });
  await until('Icinga’s API answers', async () =>
    ask(driver, { method: 'GET', url: `${address}/v1/status` }).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  return {
    ...icinga,
    address,
    authority,
    ask,
    async check({ host, service }, exitStatus, output) {
      const of = service === undefined ? { type: 'Host', host } : { type: 'Service', service: `${host}!${service}` };
      const answer = await ask(driver, action({ ...of, exit_status: exitStatus, plugin_output: output }));
      assert.equal(answer.status, 200, answer.body);
    },
  };
}

/** Who starts it, not a user of the package's. */
function whoItRunsAs(): Record<string, string> {
  const group = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim();
  return { ICINGA2_USER: userInfo().username, ICINGA2_GROUP: group };
}

function placesIn(folder: string): Record<'LogDir' | 'CacheDir' | 'InitRunDir' | 'SpoolDir', string> {
  return {
    LogDir: join(folder, 'log'),
    CacheDir: join(folder, 'cache'),
    InitRunDir: join(folder, 'run'),
    SpoolDir: join(folder, 'spool'),
  };
}

/** What `icinga2 api setup` does, in these folders. */
function certify(folder: string, constants: readonly string[]): void {
  const [key, csr, certificate] = ['key', 'csr', 'crt'].map((kind) => join(folder, `${node}.${kind}`)) as [
    string,
    string,
    string,
  ]; // three of three
  const pki = (...words: string[]) =>
    execFileSync(program, ['pki', ...words, ...constants], {
      stdio: 'ignore',
      env: { ...process.env, ...whoItRunsAs() },
    });
  pki('new-ca');
  pki('new-cert', '--cn', node, '--key', key, '--csr', csr);
  pki('sign-csr', '--csr', csr, '--cert', certificate);
  writeFileSync(join(folder, 'ca.crt'), readFileSync(join(folder, '..', 'ca', 'ca.crt')));
}

function main(port: number): string {
  return `
const NodeName = "${node}"
include <itl>
object Endpoint NodeName {}
object Zone "master" { endpoints = [ NodeName ] }
object ApiListener "api" {
  bind_host = "127.0.0.1"
  bind_port = ${port}
}
object NotificationComponent "notification" {}
object CheckCommand "nothing" { command = [ "/bin/true" ] }
template Host "told" {
  check_command = "nothing"
  enable_active_checks = false
  max_check_attempts = 1
}
template Service "told" {
  check_command = "nothing"
  enable_active_checks = false
  max_check_attempts = 1
}
`;
}

function userOf({ name, password, permissions }: IcingaUser): string {
  return `
object ApiUser "${name}" {
  password = "${password}"
  permissions = ${JSON.stringify(permissions)}
}
`;
}
