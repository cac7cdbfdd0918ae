import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acknowledgeNagios, unacknowledgeNagios } from '../../apps/host/test/support/write-back.ts';
import * as alertmanagers from '../../integrations/sources/alertmanager/test/support/write-back.ts';
import * as icingas from '../../integrations/sources/icinga2/test/support/write-back.ts';
import { hasAlertmanager, postAlerts, startAlertmanager } from './support/alertmanager.ts';
import { hasIcinga, type IcingaRequest, type IcingaUser, startIcinga } from './support/icinga2.ts';
import { hasNagios, type Nagios, nagiosFiles, silentDefinitions, startNagios, writeNagios } from './support/nagios.ts';
import { until } from './support/until.ts';

/*
 * A real Nagios 4, Icinga 2 and Alertmanager are told what a person did, and say themselves that it is so; and where they
 * can't be told, or do nothing, that is an error which says why.
 *
 *   node --conditions=@tocsin/source test/evidence/write-back.ts
 */

const anna = { author: 'Anna "A" Größe', comment: 'I look at it; $(id) `id`\nback at 5' };
const web = { host: 'web-1' };

if (hasNagios()) {
  await inFolder(nagiosIsTold);
  await inFolder(nagiosTakesNoCommands);
} else console.log('skipped: nagios4 (not installed)');
if (hasIcinga()) await inFolder(icingaIsTold);
else console.log('skipped: icinga2 (not installed)');
if (hasAlertmanager()) await inFolder(alertmanagerIsTold);
else console.log('skipped: prometheus-alertmanager (not installed)');

async function nagiosIsTold(folder: string): Promise<void> {
  const files = nagiosFiles(folder);
  const nagios = await startNagios(folder, writeNagios(folder, silentDefinitions, { HTTP: 'w,u,c,r' }));
  try {
    const began = Date.now();
    nagios.hostIs('down', 'no answer');
    await isDown(nagios);
    assert.deepEqual(await acknowledgeNagios(files, { ...web, ...anna }), { result: 'acknowledged' });
    says(`Nagios: a host’s problem is acknowledged (${Date.now() - began} ms from its fall)`);

    const bob = { author: 'Bob', comment: 'me too' };
    const again = await acknowledgeNagios(files, { ...web, ...bob });
    assert.equal(again.result, 'already-acknowledged');
    assert.equal('by' in again && again.by?.author, anna.author);
    assert.deepEqual(await acknowledgeNagios(files, { ...web, ...bob }, { again: true }), { result: 'acknowledged' });
    says('Nagios: a second person hears who was first, and may acknowledge too');

    assert.deepEqual(await unacknowledgeNagios(files, web), { result: 'unacknowledged' });
    assert.deepEqual(await unacknowledgeNagios(files, web), { result: 'not-acknowledged' });
    assert.deepEqual(await acknowledgeNagios(files, { ...web, ...anna }), { result: 'acknowledged' });
    says('Nagios: it is taken back, and acknowledged anew');

    await nagios.command('PROCESS_SERVICE_CHECK_RESULT', 'web-1', 'HTTP', 2, 'HTTP CRITICAL');
    const http = { ...web, service: 'HTTP' };
    const long = { author: 'Anna', comment: '👨‍👩‍👧‍👦 – '.repeat(2_000) };
    assert.deepEqual(await acknowledgeNagios(files, { ...http, ...long }), { result: 'acknowledged' });
    says('Nagios: a service’s problem is acknowledged, with a comment that is too long');

    nagios.hostIs('up', 'it answers');
    await until('it is up', async () => (await acknowledgeNagios(files, { ...web, ...anna })).result === 'no-problem');
    says('Nagios: what has recovered is no problem');
    await assert.rejects(acknowledgeNagios(files, { host: 'web-2', ...anna }), /knows no host web-2/);
    says('Nagios: an unknown host is named');

    nagios.hostIs('down', 'no answer');
    await isDown(nagios);
    nagios.signal('SIGSTOP');
    const stopped = acknowledgeNagios(files, { ...web, ...anna }, { patience: 3_000 });
    await assert.rejects(stopped, /the command was written, but .* was not renewed within 3 s/);
    nagios.signal('SIGCONT');
    says('Nagios: one that stands still is an error when the time is over');
  } finally {
    await nagios.end();
  }
}

/** With check_external_commands=0 it makes no pipe; one that is left from before has no reader, or another one. */
async function nagiosTakesNoCommands(folder: string): Promise<void> {
  const files = nagiosFiles(folder);
  const main = writeNagios(folder, silentDefinitions, { HTTP: 'n' }, { check_external_commands: 0 });
  const nagios = await startNagios(folder, main);
  try {
    nagios.hostIs('down', 'no answer');
    await isDown(nagios);
    await assert.rejects(acknowledgeNagios(files, { ...web, ...anna }), /it does not exist/);
    execFileSync('mkfifo', [files.commandFile]);
    const began = Date.now();
    await assert.rejects(acknowledgeNagios(files, { ...web, ...anna }), /nobody reads it/);
    assert.ok(Date.now() - began < 1_000, 'at once');
    says('Nagios: a pipe that nobody reads is an error at once');

    const reader = await open(files.commandFile, constants.O_RDONLY | constants.O_NONBLOCK);
    await assert.rejects(
      acknowledgeNagios(files, { ...web, ...anna }, { patience: 4_000 }),
      /Nagios took the command for host web-1 and did nothing within 4 s/,
    );
    await reader.close();
    assert.match(nagios.hostStatus(), /problem_has_been_acknowledged=0/);
    says('Nagios: one that ignores the command is an error when the time is over, and nothing is changed');
  } finally {
    await nagios.end();
  }
}

async function icingaIsTold(folder: string): Promise<void> {
  const user: IcingaUser = { name: 'tocsin', password: 'of-tocsin', permissions: icingas.permissions };
  const stranger: IcingaUser = { name: 'stranger', password: 'of-nobody', permissions: ['status/query'] };
  const odd = { host: 'Web "front" & Größe/1 %2F', service: 'a b' };
  const icinga = await startIcinga(folder, hostsOf(odd), [user, stranger]);
  const { address } = icinga;
  const act = async (request: IcingaRequest, as = user) => icingas.readAction(await icinga.ask(as, request));
  const status = async (of: { host: string; service?: string }) =>
    icingas.readStatus(await icinga.ask(user, icingas.statusRequest(address, of)), of);
  try {
    for (const one of [web, odd]) {
      await icinga.check(one, 1, 'no answer');
      assert.equal((await status(one)).isAcknowledged, false);
      assert.equal(await act(icingas.acknowledgeRequest(address, { ...one, ...anna })), 'done');
      const { isProblem, isAcknowledged, isSticky, changedAt } = await status(one);
      assert.deepEqual([isProblem, isAcknowledged, isSticky], [true, true, true]);
      assert.ok(Math.abs(changedAt - Date.now()) < 60_000, 'just now');
    }
    says('Icinga 2: a host’s and a service’s problems are acknowledged until their recovery');

    assert.equal(await act(icingas.acknowledgeRequest(address, { ...web, ...anna })), 'already-acknowledged');
    assert.equal(await act(icingas.removeAcknowledgementRequest(address, web)), 'done');
    assert.equal((await status(web)).isAcknowledged, false);
    await icinga.check(web, 0, 'it answers');
    assert.equal(await act(icingas.acknowledgeRequest(address, { ...web, ...anna })), 'no-problem');
    says('Icinga 2: it is taken back; what has recovered is no problem');

    const unknown = icingas.acknowledgeRequest(address, { host: 'web-2', ...anna });
    await assert.rejects(act(unknown), /knows no such object/);
    await assert.rejects(act(unknown, { ...user, password: 'wrong' }), /does not know the user and password/);
    await assert.rejects(act(icingas.acknowledgeRequest(address, { ...odd, ...anna }), stranger), /the user may not/);
    says('Icinga 2: an unknown host, a wrong password and a user without permission are named');
  } finally {
    await icinga.end();
  }
}

function hostsOf({ host, service }: { host: string; service: string }): string {
  return `
object Host "web-1" { import "told" }
object Host ${JSON.stringify(host)} { import "told" }
object Service ${JSON.stringify(service)} {
  import "told"
  host_name = ${JSON.stringify(host)}
}
`;
}

async function alertmanagerIsTold(folder: string): Promise<void> {
  const alertmanager = await startAlertmanager(folder, 'http://127.0.0.1:9/nobody');
  const { address } = alertmanager;
  const odd = { alertname: 'Disk "full" \\ ,x}', host: 'web 1', note: 'é\nline 2' };
  const other = { alertname: 'Disk "full" \\ ,x}', host: 'web 2', note: 'é\nline 2' };
  const poll = async (labels: Record<string, string>) =>
    alertmanagers.readAlerts(await send(alertmanagers.alertsRequest(address, labels)));
  try {
    const begun = alertmanagers.readStartedAt(await send(alertmanagers.statusRequest(address)));
    assert.ok(Math.abs(begun - Date.now()) < 60_000, 'just now');
    await postAlerts(address, [{ labels: odd }, { labels: other }]);
    const all = await poll({ alertname: odd.alertname });
    assert.equal(all.length, 2);

    const period = { startsAt: Date.now() - 600_000, endsAt: Date.now() + 600_000 };
    const silence = { labels: odd, ...period, createdBy: anna.author, comment: anna.comment };
    const id = alertmanagers.readSilence(await send(alertmanagers.silenceRequest(address, silence)));
    assert.equal(alertmanagers.isSilenced(await poll(odd), odd, id), true);
    assert.equal(alertmanagers.isSilenced(await poll(other), other, id), false);
    says('Alertmanager: one alert is silenced by name, and no other');

    await postAlerts(address, [{ labels: odd, endsAt: new Date().toISOString() }]);
    const members = all.map(({ fingerprint }) => fingerprint);
    const own = all.find(({ labels }) => labels.host === odd.host)?.fingerprint;
    await until('it is gone', async () => (await poll(odd)).length === 0);
    const polls = [await poll({ alertname: odd.alertname }), await poll({ alertname: odd.alertname })] as const;
    assert.deepEqual(alertmanagers.goneMembers(members, ...polls), [own]);
    says('Alertmanager: what ended while it was silenced is missed by two polls');

    const end = alertmanagers.endSilenceRequest(address, id);
    assert.equal(alertmanagers.readEndedSilence(await send(end)), 'ended');
    const unknown = alertmanagers.endSilenceRequest(address, '0b3b5b1c-7c5c-4a45-9d3a-1f6f2b8c7d11');
    assert.equal(alertmanagers.readEndedSilence(await send(unknown)), 'gone');
    const late = await send(alertmanagers.silenceRequest(address, { ...silence, startsAt: 1, endsAt: 2 }));
    assert.throws(() => alertmanagers.readSilence(late), /it refused what was asked .*end time can't be in the past/);
    says('Alertmanager: a silence is ended; one that it refuses is an error with its words');
  } finally {
    await alertmanager.end();
  }
}

async function send({ method, url, headers, body }: IcingaRequest) {
  const response = await fetch(url, { method, headers, body });
  return { status: response.status, headers: {}, body: await response.text() };
}

async function isDown(nagios: Nagios): Promise<void> {
  await until('the host is down', () => /^\tcurrent_state=1$/m.test(nagios.hostStatus()));
}

async function inFolder(tell: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-write-back-'));
  try {
    await tell(folder);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function says(line: string): void {
  console.log(`ok: ${line}`);
}
