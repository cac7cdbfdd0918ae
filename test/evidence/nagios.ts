import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Channel } from './support/channel.ts';
import { startHost } from './support/host.ts';
import { checkNagios, hasNagios, type Nagios, startNagios, writeNagios } from './support/nagios.ts';
import { notifyDefinitions } from './support/notify-definitions.ts';
import { startProgram } from './support/program.ts';

/*
 * A real Nagios 4 with the definitions that `tocsin notify --print-config nagios` prints, the host, and the sandbox in
 * Slack's place: a problem, its acknowledgement, a custom notification, the recovery, a downtime, flapping.
 * `--prove` breaks the command that Nagios runs, and succeeds if that is found.
 *
 *   node --conditions=@tocsin/source test/evidence/nagios.ts
 */

const { values } = parseArgs({ options: { prove: { type: 'boolean', default: false } } });
const key = 'key-of-the-real-nagios';
const sandboxMain = join(import.meta.dirname, '..', '..', 'apps', 'sandbox', 'src', 'main.ts');

/** What Nagios reads as an output, further lines, and what was measured. */
const output = 'HTTP CRITICAL: it says "no"|time=0.1s;1;2\\nline 2 of it\\nline 3';

if (!hasNagios()) console.log('skipped: nagios4 (not installed)');
else if (values.prove) await prove();
else await run(story);

async function run(tell: (nagios: Nagios, channel: Channel) => Promise<void>, broken = false): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-nagios-'));
  const sandbox = startProgram(process.execPath, ['--conditions=@tocsin/source', sandboxMain, '--port', '0']);
  const [, sandboxUrl = ''] = await sandbox.says(/Sandbox: (http:\S+)\//);
  const host = await startHost({ folder, config: hubConfig(sandboxUrl) });
  const program = broken ? { program: join(folder, 'gone.js') } : {};
  const definitions = notifyDefinitions('nagios', { folder, url: `${host.address}/in/nagios`, key, ...program });
  const main = writeNagios(folder, definitions, { HTTP: 'w,u,c,r', Disk: 's', Flappy: 'f' });
  const checked = checkNagios(main);
  console.log(checked.match(/^Total \w+: +\d+$/gm)?.join(', '));
  assert.match(checked, /Total Warnings: 0\nTotal Errors: +0/, checked);
  const nagios = await startNagios(folder, main);
  try {
    await tell(nagios, new Channel(sandboxUrl));
    console.log('ok');
  } catch (error) {
    if (broken) throw error;
    console.error(error);
    console.error(`host:\n${host.output()}\nNagios:\n${nagios.output()}`);
    process.exitCode = 1;
  } finally {
    await nagios.end();
    await host.end();
    await sandbox.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function story(nagios: Nagios, channel: Channel): Promise<void> {
  const check = (service: string, state: number, output: string) => () =>
    nagios.command('PROCESS_SERVICE_CHECK_RESULT', 'web-1', service, state, output);

  await channel.expects('problem', /^Firing · critical: HTTP on Web front is CRITICAL$/, check('HTTP', 2, output));
  await channel.shows('HTTP CRITICAL: it says no', 'line 2 of it', 'line 3', 'time=0.1s;1;2');
  await channel.expects('acknowledgement', /^Acknowledged by ann · critical: HTTP on Web front is CRITICAL$/, () =>
    nagios.command('ACKNOWLEDGE_SVC_PROBLEM', 'web-1', 'HTTP', 2, 1, 1, 'ann', 'I look at it – ü'),
  );
  await channel.shows('I look at it – ü');
  await channel.expects('custom', /^Notice · critical: Message about HTTP on Web front \(CRITICAL\)$/, () =>
    nagios.command('SEND_CUSTOM_SVC_NOTIFICATION', 'web-1', 'HTTP', 2, 'bob', 'who changed it?'),
  );
  await channel.shows('By bob', 'who changed it?');
  await channel.expects('recovery', /^Resolved · was critical: HTTP on Web front is OK$/, check('HTTP', 0, 'HTTP OK'));

  await channel.expects('host problem', /^Firing · critical: Web front is DOWN$/, () =>
    nagios.command('PROCESS_HOST_CHECK_RESULT', 'web-1', 1, 'no answer'),
  );
  await channel.expects('host recovery', /^Resolved · was critical: Web front is UP$/, () =>
    nagios.command('PROCESS_HOST_CHECK_RESULT', 'web-1', 0, 'it answers'),
  );

  const now = Math.floor(Date.now() / 1000);
  await channel.expects('downtime', /^Notice: Downtime began: Disk on Web front \(OK\)$/, () =>
    nagios.command('SCHEDULE_SVC_DOWNTIME', 'web-1', 'Disk', now, now + 5, 1, 0, 0, 'ann', 'a new disk'),
  );
  await channel.shows('By ann', 'a new disk');
  await channel.expects('its end', /^Notice: Downtime ended: Disk on Web front \(OK\)$/, async () => {});

  await channel.expects('flapping', /^Notice.*: Flapping began: Flappy on Web front /, async () => {
    for (let times = 0; times < 21; times++) await check('Flappy', times % 2 === 0 ? 0 : 2, `flap ${times}`)();
  });
  await channel.expects('its end', /^Notice.*: Flapping ended: Flappy on Web front \(OK\)$/, async () => {
    for (let times = 0; times < 21; times++) await check('Flappy', 0, 'calm')();
  });
  await channel.isCalm();
}

/** Nagios is told of a program that isn't there: no message may come, and that is noticed. */
async function prove(): Promise<void> {
  try {
    await run(story, true);
  } catch (error) {
    console.log(`noticed: ${error instanceof Error ? error.message : error}`);
    return;
  }
  console.error('A command that does not exist was taken for one that works.');
  process.exitCode = 1;
}

function hubConfig(sandbox: string): object {
  return {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-nagios', '@tocsin/target-slack'],
    sources: [{ id: 'nagios', use: 'nagios', key }],
    targets: [{ id: 'ops', use: 'slack', settings: { webhookUrl: `${sandbox}/slack/services/ops/sandbox/evidence` } }],
    routes: [{ to: [{ target: 'ops', interval: '1s' }] }],
    egress: { allow: ['127.0.0.0/8'] },
  };
}
