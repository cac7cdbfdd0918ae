import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Notified, notifyHere } from './support/notify-here.ts';
import { freePort, startWitness, type Witness } from './support/witness.ts';

// `tocsin notify` as a monitor calls it, against a witness in the hub's place.

const uuid = '0c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5';
const serviceUuid = '11223344-5566-4788-99aa-bbccddeeff00';
const hostWords = [
  ...['--type', 'Host', '--notificationtype', 'PROBLEM', '--hostname', uuid],
  ...['--hostaddress', '192.0.2.7', '--hoststate', '1', '--output', 'PING CRITICAL - Packet loss = 100%'],
];
const serviceWords = [
  ...['--type', 'Service', '--notificationtype', 'PROBLEM', '--hostname', uuid, '--hostaddress', '192.0.2.7'],
  ...['--hoststate', '0', '--servicedesc', serviceUuid, '--servicestate', '2', '--output', 'CRITICAL - no answer'],
];

let folder: string;
let keyFile: string;
let hub: Witness;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-notify-'));
  keyFile = join(folder, 'key');
  writeFileSync(keyFile, 'key-of-the-monitor\n');
  hub = await startWitness();
});

afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

/** Sends to a path of the witness, and gives what arrived there. */
async function sent(source: string, words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const said = await notifyHere([...words, '--url', `${hub.url}/in/${source}`, '--key-file', keyFile], env);
  expect(said.err).toBe('');
  const [told] = hub.told(`/in/${source}`);
  return { ...told, body: JSON.parse(told?.body ?? '{}') as Record<string, string> };
}

test('seed-O5: the command line of openITCOCKPIT for hosts', async () => {
  const { headers, body } = await sent('o5', hostWords);
  expect(headers?.authorization).toBe('Bearer key-of-the-monitor');
  expect(body).toMatchObject({
    NOTIFICATIONTYPE: 'PROBLEM',
    HOSTNAME: uuid,
    HOSTADDRESS: '192.0.2.7',
    HOSTSTATE: '1',
    HOSTOUTPUT: 'PING CRITICAL - Packet loss = 100%',
  });
  expect(body.deliveryId).toMatch(/./);
  expect(Number(body.TIMET)).toBeGreaterThan(Date.now() / 1000 - 60);
});

test('seed-O6: the command line of openITCOCKPIT for services', async () => {
  const { body } = await sent('o6', serviceWords);
  expect(body).toMatchObject({
    SERVICEDESC: serviceUuid,
    SERVICESTATE: '2',
    SERVICEOUTPUT: 'CRITICAL - no answer',
    HOSTSTATE: '0',
  });
});

test('seed-O5: that of its Mattermost module as well', async () => {
  const words = [
    ...['--type', 'service', '--notificationtype', 'ACKNOWLEDGEMENT', '--hostuuid', uuid, '--serviceuuid', serviceUuid],
    ...['--state', '2', '--output', '', '--ackauthor', 'Ann Mustermann', '--ackcomment', 'on it', '--no-emoji'],
  ];
  const { body } = await sent('o5-sibling', words);
  expect(body).toMatchObject({
    HOSTNAME: uuid,
    SERVICEDESC: serviceUuid,
    SERVICESTATE: '2',
    NOTIFICATIONAUTHOR: 'Ann Mustermann',
    NOTIFICATIONCOMMENT: 'on it',
  });
});

test('a value is taken as it is, whatever it looks like', async () => {
  const output = '--help | `id` $HOME "quoted" \'single\' \\ <b>\n=x';
  const { body } = await sent('values', [...hostWords.slice(0, -1), output]);
  expect(body.HOSTOUTPUT).toBe(output);
});

test('the environment of Nagios is enough, and says which notification it is', async () => {
  const env = {
    NAGIOS_NOTIFICATIONTYPE: 'PROBLEM',
    NAGIOS_HOSTNAME: 'web-1',
    NAGIOS_SERVICEDESC: 'HTTP',
    NAGIOS_SERVICESTATE: 'CRITICAL',
    NAGIOS_SERVICEOUTPUT: 'it says "no"',
    NAGIOS_SERVICENOTIFICATIONID: '17',
    NAGIOS_PROCESSSTARTTIME: '1795232027',
    NAGIOS__HOSTSNMPCOMMUNITY: 'a secret',
  };
  const { body } = await sent('environment', [], env);
  expect(body).toMatchObject({ SERVICEDESC: 'HTTP', SERVICEOUTPUT: 'it says "no"', deliveryId: '1795232027-17' });
  expect(JSON.stringify(body)).not.toContain('secret');
});

test('seed-O8: options win over the environment, which adds the names that people know', async () => {
  const env = { NAGIOS_NOTIFICATIONTYPE: 'PROBLEM', NAGIOS_HOSTDISPLAYNAME: 'srv-files-2', NAGIOS_HOSTNAME: 'other' };
  const { body } = await sent('both', hostWords, env);
  expect(body).toMatchObject({ HOSTNAME: uuid, HOSTDISPLAYNAME: 'srv-files-2' });
});

test.each([
  ['its alias where HOSTNAME is that of this machine', { HOSTNAME: hostname(), HOSTALIAS: 'web-1' }],
  ['its own name where it is given', { HOSTNAME: 'web-1', HOSTALIAS: 'Web front' }],
])('of the environment of Icinga 2, a host has %s', async (_, names) => {
  const env = {
    ...{ NOTIFICATIONTYPE: 'ACKNOWLEDGEMENT', HOSTSTATE: 'DOWN', HOSTOUTPUT: 'gone' },
    ...{ NOTIFICATIONAUTHORNAME: 'ann', NOTIFICATIONCOMMENT: 'on it', ...names },
  };
  const { body } = await sent(`icinga-${names.HOSTALIAS.length}`, [], env);
  expect(body).toMatchObject({ HOSTNAME: 'web-1', NOTIFICATIONAUTHOR: 'ann', NOTIFICATIONCOMMENT: 'on it' });
});

describe('seed-O16: what is wrong is named, and the exit code says so', () => {
  const url = ['--url', 'http://127.0.0.1:9/in/x', '--key', 'k'];
  const without = (words: readonly string[], option: string) =>
    words.filter((word, index) => word !== option && words[index - 1] !== option);

  test.each(['--type', '--notificationtype', '--hostname', '--hoststate', '--output'])(
    '%s of a host',
    async (option) => {
      const { code, err } = await notifyHere([...without(hostWords, option), ...url]);
      expect([code, err]).toEqual([2, expect.stringContaining(`${option} is missing`)]);
    },
  );

  test.each(['--servicedesc', '--servicestate'])('%s of a service', async (option) => {
    const { code, err } = await notifyHere([...without(serviceWords, option), ...url]);
    expect([code, err]).toEqual([2, expect.stringContaining(`${option} is missing`)]);
  });

  test.each<[string[], string]>([
    [['--servicestat', '2'], 'no option --servicestat; is --servicestate meant'],
    [['--hoststate', '7'], '--hoststate is “7”; it must be one of UP, DOWN, UNREACHABLE, or 0 to 2'],
    [['--hoststate', ''], '--hoststate is empty'],
    [['--hostname', ' '], '--hostname is empty'],
    [['--type', 'Hots'], '--type is “Hots”; it must be Host or Service'],
    [['--notificationtype', 'PROBLEMS'], '--notificationtype is “PROBLEMS”; it must be one of PROBLEM, RECOVERY'],
    [['--output'], '--output has no value'],
    [['stray'], '“stray” stands there alone; is a quote missing'],
    [['--url', 'http://127.0.0.1:9/'], '--url is not the address of a source'],
    [['--key-file', '/nowhere/key'], '/nowhere/key'],
    [['--flush'], '--flush needs --spool'],
    [['--print-config', 'zabbix'], '--print-config knows nagios, icinga2, openitcockpit, not “zabbix”'],
  ])('%j', async (words, sentence) => {
    const { code, err } = await notifyHere([...hostWords, ...url, ...words]);
    expect([code, err]).toEqual([2, expect.stringContaining(sentence)]);
  });

  test('no address, no key', async () => {
    expect((await notifyHere(hostWords)).err).toContain('--url is missing');
    expect((await notifyHere([...hostWords, '--url', 'http://127.0.0.1:9/in/x'])).err).toContain(
      '--key-file is missing',
    );
  });
});

describe('seed-O16: a hub that does not take it', () => {
  const to = (source: string) => notifyHere([...hostWords, '--url', `${hub.url}/in/${source}`, '--key', 'k'], {}, 700);

  test('is not there', async () => {
    const url = `http://127.0.0.1:${await freePort()}/in/x`;
    const { code, err } = await notifyHere([...hostWords, '--url', url, '--key', 'k']);
    expect([code, err]).toEqual([1, expect.stringMatching(/127\.0\.0\.1:\d+ can't be reached: nobody listens there/)]);
  });

  test('never answers', async () => {
    hub.answer('/in/hangs', 'hang');
    const began = performance.now();
    const { code, err } = await to('hangs');
    expect([code, err]).toEqual([1, expect.stringContaining('no answer within 0.7 s')]);
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  test.each([
    [404, 3, 'the hub refused it: 404: there is no such source; Use the URL of the how-to page.'],
    [422, 3, 'the hub refused it: 422: not what Nagios sends; HOSTNAME: is missing'],
    [503, 1, "the hub can't take it now: 503"],
    [429, 1, "the hub can't take it now: 429"],
    [302, 3, 'it points to https://hub.example.com/in/x'],
  ])('answers %i', async (status, exit, sentence) => {
    const errors: Record<number, object> = {
      404: { message: 'there is no such source', remedy: 'Use the URL of the how-to page.' },
      422: { message: 'not what Nagios sends', faults: [{ path: 'HOSTNAME', message: 'is missing' }] },
    };
    const headers: Record<string, string> = status === 302 ? { location: 'https://hub.example.com/in/x' } : {};
    hub.answer(`/in/answers-${status}`, { status, headers, body: JSON.stringify({ error: errors[status] ?? {} }) });
    const { code, err } = await to(`answers-${status}`);
    expect([code, err]).toEqual([exit, expect.stringContaining(sentence)]);
  });

  test('what it says in pieces is read whole', async () => {
    const body = JSON.stringify({ groups: [{ id: '1001', status: 'firing – ü' }], rejected: [] });
    hub.answer('/in/pieces', { status: 202, headers: { 'transfer-encoding': 'chunked' }, body });
    expect((await to('pieces')).out).toBe('accepted: group 1001 is firing – ü\n');
  });
});

test('seed-O16: --dry-run says what would be sent, without the key', async () => {
  const words = [...hostWords, '--url', `${hub.url}/in/dry/key-in-the-path`, '--dry-run'];
  const { code, out } = await notifyHere(words);
  expect(code).toBe(0);
  expect(out).toContain(`POST ${hub.url}/in/dry\n`);
  expect(out).toContain(`"HOSTNAME": "${uuid}"`);
  expect(out).not.toContain('key-in-the-path');
  expect(hub.told('/in/dry')).toEqual([]);
});

test('seed-O16: --help lists every option and the exit codes', async () => {
  const { code, out } = await notifyHere(['--help']);
  expect(code).toBe(0);
  for (const word of ['--servicestate', '--ackauthor', '--spool', 'Exit codes: 0']) expect(out).toContain(word);
});

test('an id whose macros the monitor does not know is none', async () => {
  const { body } = await sent('unknown-id', [...hostWords, '--id', '$PROCESSSTARTTIME$-$HOSTNOTIFICATIONID$']);
  expect(body.deliveryId).not.toContain('$');
});

test('seed-O5: the whole command line takes it as well', async () => {
  const main = join(import.meta.dirname, '..', 'src', 'main.ts');
  const words = [...hostWords, '--url', `${hub.url}/in/whole`, '--key-file', keyFile];
  const said = await new Promise<Notified>((resolve) => {
    const flags = ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'];
    const child = execFile(process.execPath, [...flags, main, 'notify', ...words], (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
  expect(said).toMatchObject({ code: 0, err: '' });
  expect(hub.told('/in/whole')).toHaveLength(1);
});
