import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const notify = join(import.meta.dirname, '..', '..', '..', 'apps', 'host', 'dist', 'notify.js');

/** The definitions by which a monitor calls the built `tocsin notify`, as that prints them; its key is in the folder. */
export function notifyDefinitions(
  monitor: 'nagios' | 'icinga2',
  { folder, url, key, program = notify }: { folder: string; url: string; key: string; program?: string },
): string {
  const keyFile = join(folder, `${monitor}.key`);
  writeFileSync(keyFile, `${key}\n`, { mode: 0o600 });
  const options = ['--url', url, '--key-file', keyFile, '--spool', join(folder, 'spool')];
  const printed = execFileSync(process.execPath, [notify, '--print-config', monitor, ...options], { encoding: 'utf8' });
  return printed.replaceAll(notify, program);
}
