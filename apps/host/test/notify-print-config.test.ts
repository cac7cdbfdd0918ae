import { describe, expect, test } from 'vitest';
import { notifyHere } from './support/notify-here.ts';

// Definitions for monitors. Nagios' own `-v` reads them in test/evidence/nagios.ts.

const words = [
  '--url',
  'https://hub.example.com/in/prod',
  '--key-file',
  '/etc/tocsin/key',
  '--spool',
  '/var/spool/tocsin',
];

async function printed(monitor: string, more: readonly string[] = words): Promise<string> {
  const { code, out, err } = await notifyHere(['--print-config', monitor, ...more]);
  expect([code, err]).toEqual([0, '']);
  return out;
}

describe.each(['nagios', 'openitcockpit', 'icinga2'])('%s', (monitor) => {
  test('every command that it prints is one that the program takes', async () => {
    const lines = (await printed(monitor)).split('\n');
    const commands = monitor === 'icinga2' ? icingaCommands(lines) : nagiosCommands(lines);
    expect(commands).toHaveLength(2);
    for (const [program, ...given] of commands) {
      expect(program).toBe('/usr/bin/node');
      expect(given.slice(1)).toEqual(expect.arrayContaining(words));
      const filled = given.slice(1).map((word) => values[word] ?? word);
      const { code, out, err } = await notifyHere([...filled, '--key', 'k', '--dry-run'].filter(isNoKeyFile));
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain('"HOSTDISPLAYNAME": "Web front"');
    }
  });
});

test('seed-O7: openITCOCKPIT is told the names of the two commands, and that they want an export', async () => {
  const text = await printed('openitcockpit');
  for (const part of ['host-notify-by-tocsin', 'service-notify-by-tocsin', 'Export']) expect(text).toContain(part);
});

test('seed-O17: the contact is told everything', async () => {
  expect(await printed('nagios')).toMatch(
    /host_notification_options +d,u,r,f,s\n.*service_notification_options +w,u,c,r,f,s/,
  );
});

test('what Nagios and its shell would read otherwise is quoted', async () => {
  const text = await printed('nagios', ['--url', 'https://hub.example.com/in/prod?a=1&b=2', '--spool', "/a b;c$d'e"]);
  expect(text).toContain("'https://hub.example.com/in/prod?a=1&b=2'");
  expect(text).toContain("'/a b\\;c$$d'\\''e'");
});

/** What the macros are in these tests. */
const values: Record<string, string> = {
  $NOTIFICATIONTYPE$: 'PROBLEM',
  '$notification.type$': 'PROBLEM',
  $HOSTSTATEID$: '1',
  '$host.state_id$': '1',
  $SERVICESTATEID$: '2',
  '$service.state_id$': '2',
  $HOSTDISPLAYNAME$: 'Web front',
  '$host.display_name$': 'Web front',
};

const isNoKeyFile = (word: string, index: number, all: readonly string[]) =>
  ![word, all[index - 1]].includes('--key-file');

function nagiosCommands(lines: readonly string[]): string[][] {
  const commands = lines.map((line) => /^ *command_line +(.*)$/.exec(line)?.[1]).filter((line) => line !== undefined);
  return commands.map((line) => (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"(.*)"$/, '$1')));
}

function icingaCommands(lines: readonly string[]): string[][] {
  return lines.flatMap((line, index) => {
    const list = /^ *command = (\[ .* \])$/.exec(line)?.[1];
    if (list === undefined) return [];
    const end = lines.indexOf('  }', index);
    const given = lines.slice(index + 2, end).flatMap((one) => one.match(/"[^"]*"/g) ?? []);
    return [[...(JSON.parse(list) as string[]), ...given.map((word) => word.slice(1, -1))]];
  });
}
