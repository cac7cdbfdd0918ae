import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../evidence/support/until.ts';
import { type Row, without } from '../row.ts';
import { attemptsAt, deliveriesTo } from '../support/attempts.ts';
import { alertFor, webhooks } from '../support/configs.ts';
import { answer, inTurn } from '../support/fault-target.ts';
import { sourceKey } from '../support/hub.ts';

const again = [408, 425, 429, 500, 502, 503, 504];
const refused = [301, 302, 307, 308, 400, 401, 403, 404, 405, 413, 422];
/** It says that it is no more. */
const gone = 410;

/** Milliseconds that a machine may be late. */
const slack = 400;

export const retries: Row[] = [
  {
    id: 'D6',
    title: 'a target that fails k times, then works',
    method: 'three targets that answer 500 once, twice and three times, then 200',
    bar: 'delivered at the attempt k+1; the pauses are 1 s, 2 s, 4 s within ±20 %; every try has the same webhook-id',
    seconds: { full: 40, quick: 30 },
    protection: { what: 'when what failed once is given up', reddens: ['attempts'], env: without('no-retry') },
    async run(bench) {
      const target = await bench.target();
      const failing = [1, 2, 3];
      for (const times of failing) {
        const fails = Array.from({ length: times - 1 }, () => answer(500));
        target.at(`/flaky-${times}`, inTurn(answer(500), ...fails, answer(200)));
      }
      const urls = Object.fromEntries(failing.map((times) => [`flaky-${times}`, `${target.url}/flaky-${times}`]));
      const hub = await bench.hub({ config: webhooks(urls) });
      for (const times of failing) await hub.post('any', alertFor(`flaky-${times}`, `a-${times}`));
      const told = (times: number) => target.received(`/flaky-${times}`);
      await until('all are told', () => failing.every((times) => told(times).length > times), 11_000).catch(() => {});
      await delay(300);
      const counts = failing.map((times) => told(times).length);
      bench.judge(
        'attempts',
        counts.join(' '),
        counts.every((count, index) => count === (failing[index] as number) + 1),
      );
      const pauses = told(3)
        .slice(1)
        .map(({ at }, index) => at - (told(3)[index]?.at ?? 0));
      const isOnTime = (pause: number, index: number) =>
        pause >= 0.8 * 1000 * 2 ** index - 20 && pause <= 1.2 * 1000 * 2 ** index + slack;
      bench.judge('pauses in ms', pauses.join(' '), pauses.length === 3 && pauses.every(isOnTime));
      const ids = failing.map((times) => new Set(told(times).map(({ id }) => id)).size);
      bench.judge(
        'webhook-ids',
        ids.join(' '),
        ids.every((count) => count === 1),
      );
    },
  },
  {
    id: 'D7',
    title: 'a target that is down for the whole life of an alert',
    method: 'it fires and resolves while the target answers 500; then the target is back',
    bar: 'a chat gets one message, which says that it is over and has both times; a webhook both changes, in their order',
    seconds: { full: 40, quick: 30 },
    protection: { what: 'when what failed once is given up', reddens: ['messages'], env: without('no-retry') },
    async run(bench) {
      const target = await bench.target();
      for (const path of ['/chat', '/hook']) target.at(path, answer(500));
      const hub = await bench.hub({
        config: {
          ...webhooks({ hook: `${target.url}/hook` }),
          integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook', '@tocsin/target-slack'],
          targets: [
            { id: 'hook', use: 'webhook', settings: { url: `${target.url}/hook`, body: 'notification' } },
            { id: 'chat', use: 'slack', settings: { webhookUrl: `${target.url}/chat` } },
          ],
          routes: [{ to: ['hook', 'chat'] }],
        },
      });
      await hub.post('any', alertFor('all', 'short'));
      await target.untilReceived('/chat', bench.isWeakened ? 1 : 2);
      await hub.post('any', alertFor('all', 'short', 'resolved'));
      await delay(100);
      const missed = { chat: target.received('/chat').length, hook: target.received('/hook').length };
      for (const path of ['/chat', '/hook']) target.at(path, answer(200));
      const areTold = () =>
        target.received('/hook').length >= missed.hook + 2 && target.received('/chat').length > missed.chat;
      await until('both are told', areTold, 10_000).catch(() => {});
      await delay(700);
      const chat = target.received('/chat').slice(missed.chat);
      const hook = target.received('/hook').slice(missed.hook);
      bench.judge('messages', chat.length, chat.length === 1 && (chat[0]?.body.includes('Resolved') ?? false));
      const times = chat[0]?.body.match(/\d{4}-\d\d-\d\dT|\bdate\^\d+|\d\d:\d\d/g)?.length ?? 0;
      bench.judge('times in it', times, times >= 2);
      const kinds = hook.map(({ body }) => (JSON.parse(body) as { event: { kind: string } }).event.kind);
      bench.judge('changes', kinds.join(' '), kinds.join(' ') === 'firing resolved');
    },
  },
  {
    id: 'D10',
    title: 'Retry-After',
    method: '429 with Retry-After in seconds, as a date, 0, huge and junk; then 200',
    bar: 'no request before the time that was asked for, nor before our own pause, also of other messages to that target; all are delivered then',
    seconds: { full: 40, quick: 30 },
    protection: {
      what: 'when the time that a target asks for is not kept to',
      reddens: ['early'],
      env: without('no-retry-after'),
    },
    async run(bench) {
      const target = await bench.target();
      // An HTTP date has whole seconds: what is asked for is at least 3 s away.
      const date = new Date(Math.ceil(Date.now() / 1000) * 1000 + 5_000);
      const asked = { seconds: '4', date: date.toUTCString(), zero: '0', huge: '9999999', junk: 'soon' };
      for (const [name, value] of Object.entries(asked)) {
        target.at(`/${name}`, inTurn(answer(429, { 'retry-after': value }), answer(200)));
      }
      const urls = Object.fromEntries(Object.keys(asked).map((name) => [name, `${target.url}/${name}`]));
      const hub = await bench.hub({ config: webhooks(urls) });
      for (const name of Object.keys(asked)) await hub.post('any', alertFor(name, name));
      await target.untilReceived('/seconds', 1);
      await hub.post('any', alertFor('seconds', 'another'));
      const times = (name: string) => target.received(`/${name}`).map(({ at }) => at);
      const usual = ['seconds', 'date', 'zero', 'junk'];
      const isDelivered = (name: string) => times(name).length === (name === 'seconds' ? 3 : 2);
      await until('all are told', () => usual.every(isDelivered), 14_000).catch(() => {});
      const isEarly = (name: string, pause: number) => {
        const [first = 0, second] = times(name);
        return second !== undefined && second < first + pause - 20;
      };
      const early = [
        isEarly('seconds', 4_000),
        (times('date')[1] ?? Number.POSITIVE_INFINITY) < date.getTime() - 20,
        isEarly('zero', 800),
        isEarly('junk', 800),
        times('huge').length > 1,
      ];
      bench.none('early', early.filter(Boolean).length);
      const delivered = usual.filter(isDelivered).length;
      bench.judge('delivered', `${delivered} of ${usual.length}`, delivered === usual.length);
    },
  },
  {
    id: 'D11',
    title: 'each status a target may answer',
    method: 'a target for each of 19 statuses',
    bar: '408, 425, 429 and 5xx are tried again, 410 switches the target off, all others are refusals, as docs/operating.md says; 100 % match',
    seconds: { full: 40, quick: 30 },
    protection: { what: 'when what failed once is given up', reddens: ['as documented'], env: without('no-retry') },
    async run(bench) {
      const target = await bench.target();
      const all = [...again, ...refused, gone];
      for (const status of all) target.at(`/s${status}`, answer(status, {}, `no: ${'x'.repeat(5_000)}`));
      const urls = Object.fromEntries(all.map((status) => [`s${status}`, `${target.url}/s${status}`]));
      const hub = await bench.hub({ config: webhooks(urls) });
      await Promise.all(all.map((status) => hub.post('any', alertFor(`s${status}`, `a-${status}`))));
      const isTried = async (status: number) => (await attemptsAt(hub, `s${status}`)).length > 0;
      await until('each is tried', async () => (await Promise.all(all.map(isTried))).every(Boolean), 10_000);
      // What comes after a 410 waits as well.
      await hub.post('any', alertFor(`s${gone}`, 'after-it'));
      await delay(1_500);
      let match = 0;
      for (const status of all) {
        const [delivery] = await deliveriesTo(hub, `s${status}`);
        const tries = target.received(`/s${status}`).length;
        const isRetried = delivery?.state !== 'given-up' && tries >= 2;
        const isRefused = delivery?.state === 'given-up' && tries === 1 && (delivery.dead ?? '').includes(`${status}`);
        const isDisabled = delivery?.state === 'waiting' && tries === 1;
        const isDocumented = status === gone ? isDisabled : again.includes(status) ? isRetried : isRefused;
        if (isDocumented) match++;
      }
      bench.judge('as documented', `${match} of ${all.length}`, match === all.length);
      const longest = Math.max(
        ...(await hub.list<{ dead: string | null }>('deliveries')).map(({ dead }) => dead?.length ?? 0),
      );
      bench.judge('longest reason', longest, longest <= 1024);
    },
  },
  {
    id: 'D22',
    title: 'the same delivery several times, and out of order',
    method: 'a payload 10 times at once; then an old firing after the resolution, by the sender’s times',
    bar: '1 notification for the ten; what is older changes nothing: the group stays resolved',
    seconds: { full: 30, quick: 20 },
    protection: { what: 'when each copy has an identity of its own', reddens: ['notifications'] },
    async run(bench) {
      const target = await bench.target();
      const hub = await bench.hub({
        config: {
          ...webhooks({ told: `${target.url}/told` }),
          sources: [
            { id: 'any', use: 'webhook', key: sourceKey, settings: { key: 'id', fingerprint: 'id', at: 'at' } },
          ],
        },
      });
      const now = Date.now();
      const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();
      const copy = (index: number) => ({
        ...alertFor('told', bench.isWeakened ? `same-${index}` : 'same'),
        at: at(-60),
      });
      const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => hub.post('any', copy(index))));
      bench.judge(
        'accepted',
        answers.filter(({ status }) => status === 202).length,
        answers.every(({ status }) => status === 202),
      );
      await target.untilReceived('/told', 1);
      await delay(500);
      bench.judge('notifications', target.received('/told').length, target.received('/told').length === 1);
      const id = bench.isWeakened ? 'same-0' : 'same';
      const post = (status: string, seconds: number) =>
        hub.post('any', { ...alertFor('told', id, status), at: at(seconds) });
      const before = target.received('/told').length;
      await post('resolved', -10);
      await post('firing', -30);
      await target.untilReceived('/told', before + 1);
      await delay(500);
      const kinds = target
        .received('/told')
        .slice(before)
        .map(({ body }) => (JSON.parse(body) as { event: { kind: string } }).event.kind);
      bench.judge('told after it', kinds.join(' '), kinds.join(' ') === 'resolved');
      const { groups } = JSON.parse(answers[0]?.text ?? '{}') as { groups: { id: string }[] }; // the hub's own answer
      const group = await hub.get<{ status: string }>(`groups/${groups[0]?.id}`);
      bench.judge('status', group.status, group.status === 'resolved');
    },
  },
];
