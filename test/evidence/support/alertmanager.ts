import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Program, startProgram } from './program.ts';
import { until } from './until.ts';
import { freePort } from './witness.ts';

const program = 'prometheus-alertmanager';

export function hasAlertmanager(): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface Alertmanager extends Program {
  /** `http://127.0.0.1:<port>` */
  address: string;
}

/** An Alertmanager that tells one webhook, soon, of alerts by their names and clusters; it is nobody's neighbour. */
export async function startAlertmanager(folder: string, webhook: string): Promise<Alertmanager> {
  const config = join(folder, 'alertmanager.yml');
  const timings = { group_wait: '500ms', group_interval: '2s', repeat_interval: '1h' };
  writeFileSync(
    config,
    JSON.stringify({
      route: { receiver: 'hub', group_by: ['alertname', 'cluster'], ...timings },
      receivers: [{ name: 'hub', webhook_configs: [{ url: webhook, send_resolved: true }] }],
    }),
  );
  const address = `http://127.0.0.1:${await freePort()}`;
  const alertmanager = startProgram(program, [
    `--config.file=${config}`,
    `--storage.path=${join(folder, 'alertmanager')}`,
    `--web.listen-address=${new URL(address).host}`,
    '--cluster.listen-address=',
  ]);
  await until('Alertmanager is ready', async () => (await fetch(`${address}/-/ready`).catch(() => undefined))?.ok);
  return { ...alertmanager, address };
}

/** Tells it of alerts, as Prometheus does. */
export async function postAlerts(address: string, alerts: object[]): Promise<void> {
  const response = await fetch(`${address}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alerts),
  });
  assert.equal(response.status, 200, await response.text());
}
