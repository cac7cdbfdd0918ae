import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasAlertmanager, postAlerts, startAlertmanager } from '../support/alertmanager.ts';
import { until } from '../support/until.ts';
import { type Audience, keyOf, type Scene } from './scene.ts';

const name = 'alertmanager';
const disk = {
  labels: { alertname: 'DiskFull', cluster: 'c1', severity: 'critical', host: 'web-1' },
  annotations: { summary: 'Disk of web-1 is full' },
};
const minute = 60_000;

/** An alert is acknowledged by a silence, given back, and ends while it is silenced, of which Alertmanager says nothing. */
export const alertmanagerScene: Scene = {
  name,
  channel: '#war-room',
  needs: { program: 'prometheus-alertmanager', isThere: hasAlertmanager },
  proofs: [
    { without: 'no-write-back', finds: /^Alertmanager shows who silenced it/ },
    { without: 'no-watch', finds: /^waited \d+ ms: a message with \/Resolved/ },
  ],
  async prepare(parent, address) {
    const folder = join(parent, name);
    mkdirSync(folder);
    const alertmanager = await startAlertmanager(folder, `${address}/in/${name}/${keyOf(name)}`);
    return {
      source: { use: name, writeBack: { url: alertmanager.address, hours: 2 } },
      tell: (audience) => silenced(alertmanager.address, audience),
      output: alertmanager.output,
      async end() {
        await alertmanager.end();
      },
    };
  },
};

async function silenced(address: string, { page, hub, says, patience }: Audience): Promise<void> {
  await postAlerts(address, [disk]);
  await page.shows(/Disk of web-1 is full/);
  says(`Alertmanager: an alert fires; the message: “${await page.headline()}”`);

  await page.press('Acknowledge');
  await page.shows(/Already acknowledged by Ann Archer/);
  const [first] = await silencesOf(address);
  assert.equal(first?.createdBy, 'Ann Archer', 'Alertmanager shows who silenced it');
  const hours = (Date.parse(first?.endsAt ?? '') - Date.now()) / (60 * minute);
  assert.ok(hours > 1.9 && hours <= 2, `for two hours, not ${hours}`);
  says('Alertmanager: it silences the alert for two hours, by Ann Archer; so the message says that she has it');

  await page.press('Unacknowledge');
  await page.shows(/Acknowledgement withdrawn by Ann Archer/);
  assert.deepEqual(await silencesOf(address), []);
  says('Alertmanager: taken back, the alert is silenced by nothing');

  await page.choose('Silence for …', '1 hour');
  await page.shows(/Silenced/);
  const [second] = await silencesOf(address);
  const minutes = (Date.parse(second?.endsAt ?? '') - Date.now()) / minute;
  assert.ok(minutes > 59 && minutes <= 60, `for an hour, not ${minutes} minutes`);
  says('Alertmanager: chosen from the menu, it silences the alert for an hour');

  await postAlerts(address, [{ ...disk, endsAt: new Date().toISOString() }]);
  await page.shows(/Resolved/, { patience });
  assert.deepEqual(await page.buttons(), []);
  const { events } = await hub.group(name);
  assert.deepEqual([events.at(-1)?.kind, events.at(-1)?.actor], ['resolved', name]);
  says(`Alertmanager: the alert ended while it was silenced; the message: “${await page.headline()}”`);
  await until('the webhook is told, too', async () => (await hub.book(name)).at(-1)?.startsWith('Resolved'));
  says('Alertmanager: the other subscription is told of its end, too');
}

interface Silence {
  createdBy: string;
  endsAt: string;
}

/** The silences that hold the alert, asked of Alertmanager itself. */
async function silencesOf(address: string): Promise<Silence[]> {
  const alerts = (await ask(`${address}/api/v2/alerts`)) as { status: { state: string; silencedBy: string[] } }[]; // as its document says
  assert.equal(alerts.length, 1);
  const { state, silencedBy } = alerts[0]?.status ?? { state: '', silencedBy: [] };
  assert.equal(state, silencedBy.length > 0 ? 'suppressed' : 'active');
  return Promise.all(silencedBy.map(async (id) => (await ask(`${address}/api/v2/silence/${id}`)) as Silence)); // as above
}

async function ask(url: string): Promise<unknown> {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return response.json();
}
