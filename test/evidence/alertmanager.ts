import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasAlertmanager, postAlerts, startAlertmanager } from './support/alertmanager.ts';
import { Channel } from './support/channel.ts';
import { type DroppingProxy, startDroppingProxy } from './support/dropping-proxy.ts';
import { startHost } from './support/host.ts';
import { startProgram } from './support/program.ts';
import { until } from './support/until.ts';

/*
 * A real Alertmanager, the host, and the sandbox in Slack's place: two alerts fire, one is over, the other is over. Twice
 * Alertmanager doesn't get its answer and posts the same bytes again, of which nobody may notice anything.
 *
 *   node --conditions=@tocsin/source test/evidence/alertmanager.ts
 */

const key = 'key-of-the-real-alertmanager';
const sandboxMain = join(import.meta.dirname, '..', '..', 'apps', 'sandbox', 'src', 'main.ts');
/** How long nothing may come after a retry, in milliseconds. */
const calm = 2_500;

if (hasAlertmanager()) await run();
else console.log('skipped: prometheus-alertmanager (not installed)');

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-alertmanager-'));
  const sandbox = startProgram(process.execPath, ['--conditions=@tocsin/source', sandboxMain, '--port', '0']);
  const [, sandboxUrl = ''] = await sandbox.says(/Sandbox: (http:\S+)\//);
  const host = await startHost({ folder, config: hubConfig(sandboxUrl) });
  const proxy = await startDroppingProxy(host.address);
  const alertmanager = await startAlertmanager(folder, `${proxy.url}/in/prod/${key}`);
  try {
    await story(alertmanager.address, proxy, sandboxUrl);
    console.log('ok');
  } catch (error) {
    console.error(error);
    console.error(`host:\n${host.output()}\nAlertmanager:\n${alertmanager.output()}`);
    process.exitCode = 1;
  } finally {
    await alertmanager.end();
    await proxy.close();
    await host.end();
    await sandbox.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function story(alertmanager: string, proxy: DroppingProxy, sandbox: string): Promise<void> {
  const channel = new Channel(sandbox);
  const disk = (host: string) => ({
    labels: { alertname: 'DiskFull', cluster: 'c1', severity: 'critical', host },
    annotations: { summary: `Disk of ${host} is full` },
  });
  const over = () => ({ endsAt: new Date().toISOString() });

  proxy.dropNextAnswer();
  await channel.expects('both fire', /^Firing · critical · 2 alerts: Disk of web-1 is full$/, () =>
    postAlerts(alertmanager, [disk('web-1'), disk('web-2')]),
  );
  await wasRetried(proxy, 1);
  await delay(calm);
  await channel.isCalm();

  await channel.expects('one is over', /^Update · critical · 1 of 2 firing: Disk of web-1 is full$/, () =>
    postAlerts(alertmanager, [{ ...disk('web-2'), ...over() }]),
  );

  proxy.dropNextAnswer();
  await channel.expects('the other is over', /^Resolved · was critical: Disk of web-1 is full$/, () =>
    postAlerts(alertmanager, [{ ...disk('web-1'), ...over() }]),
  );
  await wasRetried(proxy, 2);
  await delay(calm);
  await channel.isCalm();
  assert.deepEqual([...new Set(proxy.passed.map(({ status }) => status))], [202], 'the hub accepted everything');
}

/** The dropped answer was asked for again with the same bytes. */
async function wasRetried({ passed }: DroppingProxy, drops: number): Promise<void> {
  const lastDropped = () => passed.findLastIndex(({ dropped }) => dropped);
  await until('an answer is dropped', async () => passed.filter(({ dropped }) => dropped).length === drops);
  await until('Alertmanager tries again', async () => passed[lastDropped() + 1]);
  assert.equal(passed[lastDropped() + 1]?.body, passed[lastDropped()]?.body, 'the retry has the same bytes');
}

function hubConfig(sandbox: string): object {
  return {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-alertmanager', '@tocsin/target-slack'],
    sources: [{ id: 'prod', use: 'alertmanager', key }],
    targets: [{ id: 'ops', use: 'slack', settings: { webhookUrl: `${sandbox}/slack/services/ops/sandbox/evidence` } }],
    routes: [{ to: [{ target: 'ops', interval: '1s' }] }],
    egress: { allow: ['127.0.0.0/8'] },
  };
}
