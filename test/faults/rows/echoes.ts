import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../evidence/support/until.ts';
import { type Row, without } from '../row.ts';
import { anySource } from '../support/configs.ts';
import { answer, type FaultTarget } from '../support/fault-target.ts';
import type { Hub } from '../support/hub.ts';

/** When a monitor tells the hub of what the hub asked of it. */
type Moment = 'before' | 'after' | 'both';

interface Asked {
  action: string;
  alert: { fingerprint: string };
}

const words: Readonly<Record<string, string>> = {
  acknowledge: 'acknowledged',
  unacknowledge: 'unacknowledged',
  silence: 'silenced',
  unsilence: 'unsilenced',
  resolve: 'resolved',
};

const steps = [
  { action: 'acknowledge', status: 'acknowledged' },
  { action: 'unacknowledge', status: 'firing' },
  { action: 'silence', status: 'silenced' },
  { action: 'unsilence', status: 'firing' },
  { action: 'resolve', status: 'resolved' },
];

export const echoes: Row[] = [
  {
    id: 'D43',
    title: 'a loop between two systems',
    method:
      'a monitor that is told of all that people do, and tells the hub of it in turn, four times: before it answers, after that, or both; with one alert in a group and with several',
    bar: 'each act is told to the monitor once for each alert, stands in the log once, as the act of that person, and is told once',
    seconds: { full: 60, quick: 60 },
    protection: {
      what: 'when a monitor’s word of what it was asked is its own',
      reddens: ['events too many', 'acts by somebody else'],
      env: without('no-echo-check'),
    },
    async run(bench) {
      const monitor = await bench.target();
      const chat = await bench.target();
      const url = `${monitor.url}/asked`;
      const hub = await bench.hub({
        config: {
          integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook'],
          sources: [{ ...anySource, settings: { key: 'group', fingerprint: 'id' }, writeBack: { url } }],
          targets: [{ id: 'chat', use: 'webhook', settings: { url: `${chat.url}/chat`, body: 'notification' } }],
          routes: [{ to: ['chat'] }],
        },
      });
      answerLoudly(monitor, hub);
      const sums = { events: 0, others: 0, asked: 0, told: 0, wrong: 0 };
      const moments: readonly Moment[] = ['before', 'after', 'both'];
      const cases = moments.flatMap((moment) => [1, 3].map((alerts) => ({ moment, alerts })));
      await Promise.all(cases.map((one) => play(hub, monitor, chat, one, sums)));
      bench.note('acts', cases.length * steps.length);
      bench.none('acts without effect', sums.wrong);
      bench.none('events too many', sums.events);
      bench.none('acts by somebody else', sums.others);
      bench.none('asked too often', sums.asked);
      bench.none('told too often', sums.told);
    },
  },
];

/** A monitor that does what it is asked, and says so at once and again. */
function answerLoudly(monitor: FaultTarget, hub: Hub): void {
  monitor.at('/asked', async (response, nth) => {
    const { action, alert }: Asked = JSON.parse(monitor.received('/asked')[nth - 1]?.body ?? '{}');
    const [group = '', moment] = alert.fingerprint.split('/');
    const echo = async () => {
      const said = { id: alert.fingerprint, group, title: 'Disk', status: words[action] };
      for (let time = 0; time < 4; time++) await hub.post('any', said);
    };
    if (moment !== 'after') await echo();
    answer(200)(response, nth);
    if (moment === 'before') return;
    await delay(100);
    await echo();
  });
}

async function play(
  hub: Hub,
  monitor: FaultTarget,
  chat: FaultTarget,
  { moment, alerts }: { moment: Moment; alerts: number },
  sums: Record<'events' | 'others' | 'asked' | 'told' | 'wrong', number>,
): Promise<void> {
  const key = `${moment}-${alerts}`;
  const fingerprints = Array.from({ length: alerts }, (_, index) => `${key}/${moment}/${index}`);
  let group = '';
  for (const id of fingerprints) {
    const { text } = await hub.post('any', { id, group: key, title: 'Disk', status: 'firing' });
    group = (JSON.parse(text) as { groups: { id: string }[] }).groups[0]?.id ?? ''; // the hub's own answer
  }
  const page = `/g/${group}`;
  const isTold = (kind: string) =>
    chat.received('/chat').filter(({ body }) => body.includes(page) && kindOf(body) === kind);
  await until('it is told', () => isTold('firing').length > 0);
  const asked = () => monitor.received('/asked').filter(({ body }) => body.includes(`"${key}/`)).length;
  for (const { action, status } of steps) {
    const before = asked();
    const body = action === 'silence' ? { until: new Date(Date.now() + 3_600_000).toISOString() } : {};
    const answered = await hub.act(`groups/${group}/${action}`, body);
    // What comes after the answer has come.
    await delay(600);
    const now = await hub.get<{ status: string }>(`groups/${group}`);
    if (answered.status !== 200 || now.status !== status) sums.wrong++;
    sums.asked += Math.abs(asked() - before - alerts);
  }
  const events = await hub.list<{ kind: string; actor: string | null }>(`groups/${group}/events`);
  for (const { action } of steps) {
    const own = events.filter(({ kind }) => kind === words[action]);
    sums.events += Math.max(0, own.length - 1);
    sums.others += own.filter(({ actor }) => actor !== 'runner').length;
    sums.told += Math.max(0, isTold(words[action] ?? '').length - 1);
  }
}

function kindOf(body: string): string {
  return (JSON.parse(body) as { event: { kind: string } }).event.kind; // as the target writes it
}
