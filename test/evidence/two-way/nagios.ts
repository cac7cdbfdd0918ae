import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants, mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { hasNagios, type Nagios, nagiosFiles, startNagios, writeNagios } from '../support/nagios.ts';
import { notifyDefinitions } from '../support/notify-definitions.ts';
import { until } from '../support/until.ts';
import { type Audience, keyOf, type Scene, type Stage } from './scene.ts';

const needs = { program: 'nagios4', isThere: hasNagios };
const onOffer = ['Acknowledge', 'Resolve', 'Silence for … ▾'];
const ben = 'Benedict Okoye';

const notWaitedFor = { without: 'unconfirmed-write-back', finds: /^in place of .*Acknowledged by Benedict/ } as const;

/** A press is over after 60 seconds, and after what it takes to say so. */
const longestWait = 65_000;

/** A host goes down, somebody takes it, Nagios knows who, the host is up again. */
const nagios: Scene = {
  name: 'nagios',
  channel: '#ops',
  needs,
  proofs: [{ without: 'no-write-back', finds: /^Nagios’ status file shows who has it/ }],
  prepare: (folder, address) => prepare('nagios', { folder, address }, acknowledged),
};

async function acknowledged(nagios: Nagios, { page, hub, says }: Audience): Promise<void> {
  await goesDown(nagios, { page, says });
  await page.press('Acknowledge');
  await page.shows(/Already acknowledged by Benedict Okoye/);
  // Not a moment later: what is said has been confirmed.
  assert.equal(nagios.acknowledgedBy(), ben, 'Nagios’ status file shows who has it');
  says(`Nagios: its status file has an acknowledgement by ${ben}; the message: “Already acknowledged by ${ben}”`);

  nagios.hostIs('up', 'it answers');
  await page.shows(/Resolved/);
  assert.deepEqual(await page.buttons(), [], 'nothing is left to press');
  assert.equal((await page.messages()).length, 1, 'one message for the whole of it');
  says(`Nagios: the host is up; the message: “${await page.headline()}”`);

  assert.equal(nagios.logged('EXTERNAL COMMAND').length, 1, 'one command');
  const notified = nagios.logged('HOST NOTIFICATION').map((line) => line.split(';')[2]);
  assert.deepEqual(notified, ['DOWN', 'UP'], 'Nagios notified of nothing else');
  const group = await hub.group('nagios');
  assert.deepEqual(
    group.events.map(({ kind, actor }) => [kind, actor]),
    [
      ['firing', null],
      ['acknowledged', ben],
      ['resolved', null],
    ],
  );
  assert.equal((await hub.book('nagios')).length, 3, 'another target is told of the same three');
  says('Nagios: it sent no echo of the acknowledgement, and nobody was told anything twice');
}

/** Nagios takes no commands, and the pipe that is left from before has no reader. */
const unheard: Scene = {
  name: 'unheard',
  channel: '#noc',
  needs,
  proofs: [notWaitedFor],
  prepare: (folder, address) =>
    prepare('unheard', { folder, address, more: { check_external_commands: 0 } }, async (nagios, audience, files) => {
      execFileSync('mkfifo', [files.commandFile]);
      await isRefused(nagios, { ...audience, name: 'unheard', why: /as unheard did not do it.*nobody reads it/ });
      audience.says('Nagios: a pipe that nobody reads is said to who pressed, and nothing has changed');
    }),
};

/** Nagios takes no commands, and something else empties the pipe. */
const ignored: Scene = {
  name: 'ignored',
  channel: '#databases',
  needs,
  proofs: [notWaitedFor],
  prepare: (folder, address) =>
    prepare('ignored', { folder, address, more: { check_external_commands: 0 } }, async (nagios, audience, files) => {
      execFileSync('mkfifo', [files.commandFile]);
      const pipe = await open(files.commandFile, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const why = /as ignored did not do it: Nagios took the command for host web-1 and did nothing within 50 s/;
        await isRefused(nagios, { ...audience, name: 'ignored', why });
        const [command = ''] = (await textIn(pipe)).split('\n');
        assert.match(
          command,
          /^\[\d+\] ACKNOWLEDGE_HOST_PROBLEM;web-1;2;0;1;Benedict Okoye;/,
          'the command was written',
        );
      } finally {
        await pipe.close();
      }
      audience.says('Nagios: a command that it ignores is said to who pressed, and nothing has changed');
    }),
};

export const nagiosScenes: readonly Scene[] = [nagios, unheard, ignored];

type Tell = (nagios: Nagios, audience: Audience, files: ReturnType<typeof nagiosFiles>) => Promise<void>;

/** A Nagios of its own, which tells the hub by `tocsin notify`. */
async function prepare(
  name: string,
  { folder: parent, address, more = {} }: { folder: string; address: string; more?: Record<string, number> },
  tell: Tell,
): Promise<Stage> {
  const folder = join(parent, name);
  mkdirSync(folder);
  const definitions = notifyDefinitions('nagios', { folder, url: `${address}/in/${name}`, key: keyOf(name) });
  const files = nagiosFiles(folder);
  const nagios = await startNagios(folder, writeNagios(folder, definitions, { HTTP: 'n' }, more));
  return {
    source: { use: 'nagios', writeBack: files },
    tell: (audience) => tell(nagios, audience, files),
    output: nagios.output,
    async end() {
      await nagios.end();
    },
  };
}

async function goesDown(nagios: Nagios, { page, says }: Pick<Audience, 'page' | 'says'>): Promise<void> {
  await page.become(ben);
  nagios.hostIs('down', 'no answer');
  await page.shows(/Web front is DOWN/);
  assert.deepEqual(await page.buttons(), onOffer);
  says(`Nagios: a host goes down; the message: “${await page.headline()}”`);
}

/** Pressed, and told to who pressed why not; everything else is as before. */
async function isRefused(
  nagios: Nagios,
  { page, hub, says, name, why }: Audience & { name: string; why: RegExp },
): Promise<void> {
  await goesDown(nagios, { page, says });
  await page.press('Acknowledge');
  const never = /acknowledged by/i;
  const said = await page.shows(why, { never, patience: longestWait });
  assert.match(said, /Only visible to you/);
  assert.match(said, /Nothing was changed here/);
  says(`Nagios: who pressed reads: “${await page.aside()}”`);

  assert.deepEqual(await page.buttons(), onOffer, 'it can be pressed again');
  await page.become('Ann Archer');
  await until('others don’t see it', async () => (await page.messages()).length === 1);
  const group = await hub.group(name);
  assert.deepEqual([group.status, group.acknowledged], ['firing', null]);
  assert.deepEqual(
    group.events.map(({ kind }) => kind),
    ['firing'],
  );
  assert.equal(nagios.acknowledgedBy(), undefined);
}

async function textIn(pipe: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await pipe.read(Buffer.alloc(8_192), 0, 8_192, null);
  return buffer.toString('utf8', 0, bytesRead);
}
