import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
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
}

/**
 * A Nagios with a host `web-1` and its services, each with what it notifies about, which are told their states and check
 * nothing themselves.
 */
export function writeNagios(folder: string, definitions: string, services: Record<string, string>): string {
  const { username } = userInfo();
  mkdirSync(join(folder, 'results'), { recursive: true });
  const objects = [join(folder, 'tocsin.cfg'), join(folder, 'objects.cfg')];
  writeFileSync(objects[0] as string, definitions);
  writeFileSync(objects[1] as string, [check, host, ...Object.entries(services).map(serviceOf)].join('\n'));
  const main = join(folder, 'nagios.cfg');
  const settings = {
    log_file: join(folder, 'nagios.log'),
    object_cache_file: join(folder, 'objects.cache'),
    status_file: join(folder, 'status.dat'),
    lock_file: join(folder, 'nagios.pid'),
    temp_file: join(folder, 'nagios.tmp'),
    temp_path: folder,
    log_archive_path: folder,
    check_result_path: join(folder, 'results'),
    command_file: commandFile(folder),
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
    use_syslog: 0,
    log_notifications: 1,
    // As Debian's own nagios.cfg has it.
    illegal_macro_output_chars: '`~$&|\'"<>',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  writeFileSync(main, [...objects.map((file) => `cfg_file=${file}`), ...lines, ''].join('\n'));
  return main;
}

export async function startNagios(folder: string, main: string): Promise<Nagios> {
  const nagios = startProgram(program, [main]);
  await until('Nagios takes commands', () => existsSync(commandFile(folder)));
  return {
    ...nagios,
    async command(...words) {
      const pipe = await open(commandFile(folder), 'w');
      await pipe.write(`[${Math.floor(Date.now() / 1000)}] ${words.join(';')}\n`);
      await pipe.close();
    },
  };
}

function commandFile(folder: string): string {
  return join(folder, 'nagios.cmd');
}

const check = `define command {
  command_name  nothing
  command_line  /bin/true
}`;

const always = 'tocsin-always';

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
