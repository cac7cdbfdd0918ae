import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type Program, startProgram } from './program.ts';
import { until } from './until.ts';

const program = 'nagios4';

/** What it shows of a configuration; throws where it refuses it. */
export function checkNagios(main: string): string {
  return execFileSync(program, ['-v', main], { encoding: 'utf8' });
}

export function hasNagios(): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface Nagios extends Program {
  /** Writes an external command: https://assets.nagios.com/downloads/nagioscore/docs/externalcmds/ */
  command(...words: (string | number)[]): Promise<void>;
  /** The host `web-1` is up or down from now on, by the result of a check: also where Nagios takes no commands. */
  hostIs(state: 'up' | 'down', output: string): void;
  /** What its status file says of the host, as `name=value` lines. */
  hostStatus(): string;
  /** Who acknowledged the host's problem, by its status file; nobody where it shows no acknowledgement. */
  acknowledgedBy(): string | undefined;
  /** The lines of its log of one kind, such as `HOST NOTIFICATION`, with what follows. */
  logged(kind: string): string[];
}

/** As its main configuration names them. */
export interface NagiosFiles {
  commandFile: string;
  statusFile: string;
}

export function nagiosFiles(folder: string): NagiosFiles {
  return { commandFile: join(folder, 'nagios.cmd'), statusFile: join(folder, 'status.dat') };
}

/**
 * A Nagios with a host `web-1` and its services, each with what it notifies about, which are told their states and check
 * nothing themselves. `definitions` has the contact and the time period; `more` is of its main configuration.
 */
export function writeNagios(
  folder: string,
  definitions: string,
  services: Record<string, string>,
  more: Record<string, string | number> = {},
): string {
  const { username } = userInfo();
  mkdirSync(join(folder, 'results'), { recursive: true });
  const objects = [join(folder, 'tocsin.cfg'), join(folder, 'objects.cfg')];
  writeFileSync(objects[0] as string, definitions);
  writeFileSync(objects[1] as string, [check, host, ...Object.entries(services).map(serviceOf)].join('\n'));
  const main = join(folder, 'nagios.cfg');
  const settings = {
    log_file: join(folder, 'nagios.log'),
    object_cache_file: join(folder, 'objects.cache'),
    status_file: nagiosFiles(folder).statusFile,
    lock_file: join(folder, 'nagios.pid'),
    temp_file: join(folder, 'nagios.tmp'),
    temp_path: folder,
    log_archive_path: folder,
    check_result_path: join(folder, 'results'),
    command_file: nagiosFiles(folder).commandFile,
    query_socket: join(folder, 'nagios.qh'),
    nagios_user: username,
    nagios_group: execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim(),
    check_external_commands: 1,
    accept_passive_service_checks: 1,
    accept_passive_host_checks: 1,
    execute_host_checks: 0,
    execute_service_checks: 0,
    enable_notifications: 1,
    enable_flap_detection: 1,
    interval_length: 1,
    check_result_reaper_frequency: 1,
    status_update_interval: 1,
    use_syslog: 0,
    log_notifications: 1,
    // As Debian's own nagios.cfg has it.
    illegal_macro_output_chars: '`~$&|\'"<>',
    ...more,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  writeFileSync(main, [...objects.map((file) => `cfg_file=${file}`), ...lines, ''].join('\n'));
  return main;
}

export async function startNagios(folder: string, main: string): Promise<Nagios> {
  const { commandFile, statusFile } = nagiosFiles(folder);
  const takesCommands = readFileSync(main, 'utf8').includes('\ncheck_external_commands=1\n');
  const nagios = startProgram(program, [main]);
  await until('Nagios runs', () => existsSync(takesCommands ? commandFile : statusFile));
  return {
    ...nagios,
    async command(...words) {
      const pipe = await open(commandFile, 'w');
      await pipe.write(`[${seconds()}] ${words.join(';')}\n`);
      await pipe.close();
    },
    hostIs: (state, output) => writeResult(join(folder, 'results'), state === 'up' ? 0 : 1, output),
    hostStatus: () => blockIn(statusFile, 'hoststatus'),
    acknowledgedBy() {
      const isAcknowledged = /^\tproblem_has_been_acknowledged=1$/m.test(blockIn(statusFile, 'hoststatus'));
      return isAcknowledged ? /^\tauthor=(.*)$/m.exec(blockIn(statusFile, 'hostcomment'))?.[1] : undefined;
    },
    logged(kind) {
      const lines = readFileSync(join(folder, 'nagios.log'), 'utf8').split('\n');
      return lines.map((line) => line.replace(/^\[\d+\] /, '')).filter((line) => line.startsWith(`${kind}: `));
    },
  };
}

/** The lines of the first block of a kind. */
function blockIn(statusFile: string, kind: 'hoststatus' | 'hostcomment'): string {
  const [, block = ''] = readFileSync(statusFile, 'utf8').split(`\n${kind} {\n`);
  return block.split('\n\t}\n', 1)[0] ?? '';
}

/** Nagios reads the file once there is another beside it that says that it is whole: its name has seven characters. */
function writeResult(folder: string, code: number, output: string): void {
  const file = join(folder, `c${Math.random().toString(36).slice(2, 8).padEnd(6, '0')}`);
  const result = {
    file_time: seconds(),
    host_name: 'web-1',
    check_type: 1,
    check_options: 0,
    scheduled_check: 0,
    reschedule_check: 0,
    latency: '0.0',
    start_time: `${seconds()}.0`,
    finish_time: `${seconds()}.0`,
    early_timeout: 0,
    exited_ok: 1,
    return_code: code,
    output,
  };
  const lines = Object.entries(result).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(''));
  writeFileSync(`${file}.ok`, '');
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

const check = `define command {
  command_name  nothing
  command_line  /bin/true
}`;

const always = 'tocsin-always';

/** Definitions for a Nagios that tells nobody of anything. */
export const silentDefinitions = `define contact {
  contact_name                   tocsin
  host_notifications_enabled     0
  service_notifications_enabled  0
  host_notification_period       ${always}
  service_notification_period    ${always}
  host_notification_commands     nothing
  service_notification_commands  nothing
}
define timeperiod {
  timeperiod_name  ${always}
  alias            Always
  sunday           00:00-24:00
  monday           00:00-24:00
  tuesday          00:00-24:00
  wednesday        00:00-24:00
  thursday         00:00-24:00
  friday           00:00-24:00
  saturday         00:00-24:00
}
`;

const host = `define host {
  host_name              web-1
  display_name           Web front
  address                192.0.2.20
  check_command          nothing
  check_interval         3600
  max_check_attempts     1
  check_period           ${always}
  notification_period    ${always}
  notification_interval  0
  contacts               tocsin
}`;

function serviceOf([name, notifies]: [string, string]): string {
  return `define service {
  host_name               web-1
  service_description     ${name}
  check_command           nothing
  check_interval          3600
  retry_interval          3600
  max_check_attempts      1
  check_period            ${always}
  notification_period     ${always}
  notification_interval   0
  notification_options    ${notifies}
  contacts                tocsin
}`;
}
