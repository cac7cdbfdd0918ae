import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../evidence/support/until.ts';
import type { Bench } from '../bench.ts';
import { type Row, without } from '../row.ts';
import { alertFor, webhooks } from '../support/configs.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { after, answer, type FaultTarget, inTurn } from '../support/fault-target.ts';
import type { Hub } from '../support/hub.ts';

const second = 1_000;
const hour = 3_600;
/** Two minutes before Berlin’s clocks go from 2 to 3. */
const start = Date.UTC(2027, 2, 28, 0, 58);
const wait = 4;
/** Milliseconds after which the hub has noticed, and a machine that is late has told. */
const slack = 2_500;

export const clocks: Row[] = [
  {
    id: 'D21',
    title: 'a clock that is set',
    method:
      'the hub’s clock (libfaketime) two minutes on to the change to summer time, an hour forward, an hour back, a second back; 20 alerts a second go on, a send is under way, a target is tried again, a silence runs',
    bar: 'nobody is told twice; no alert of the load later than 3 s; the pauses of tries stay 1, 2, 4 s within ±20 % and 2.5 s; a first notice comes within its wait, a silence and an hour that is muted end by the clock; 0 lost',
    seconds: { full: 50, quick: 50 },
    protection: {
      what: 'when nobody notices that the clock is set',
      reddens: ['told twice', 'pauses in s'],
      env: without('no-clock-watch'),
    },
    async run(bench) {
      const clock = fakeClock(bench.folder, start) ?? bench.skip('libfaketime (Debian’s package faketime) is not here');
      const target = await bench.target();
      target.at('/slow', after(3_000, answer(200)));
      const no = answer(503);
      target.at('/again', inTurn(no, no, no, answer(200)));
      const hub = await bench.hub({ config: configFor(target.url), env: clock.env });
      const load = startLoad(hub);
      const post = (to: string) => hub.post('any', alertFor(to, `${to}-x`));
      const hush = { matchers: 'to="hushed"', until: new Date(clock.now() + 1_800 * second).toISOString() };
      await hub.act('silences', { ...hush, comment: 'the clock will be set' });
      for (const to of ['again', 'hushed', 'night']) await post(to);
      await delay(second);

      clock.set(Math.round((Date.UTC(2027, 2, 28, 0, 59, 59) - clock.now()) / second));
      const summer = performance.now();
      bench.none('told in the night', target.received('/night').length);
      await judgeSoon(bench, 'summer time in ms', target, '/night', summer, slack + second);

      bench.none('told in the silence', target.received('/hushed').length);
      await post('slow');
      await target.untilReceived('/slow', 1);
      clock.set(hour);
      await judgeSoon(bench, 'silence’s end in ms', target, '/hushed', performance.now(), slack);

      await post('wait');
      await delay(second / 2);
      clock.set(-hour);
      await judgeSoon(bench, 'wait in ms', target, '/wait', performance.now(), wait * second + slack);
      clock.set(-1);

      await until('all tries are made', () => target.received('/again').length >= 4, 15_000).catch(() => {});
      const { accepted, stop } = load;
      await stop();
      const isTold = () => new Set(target.received('/load').map(({ id }) => id)).size >= accepted.size;
      await until('the load is told', isTold, 5_000).catch(() => {});
      judgeAll(bench, target, accepted);
    },
  },
];

function configFor(url: string): object {
  const names = ['load', 'slow', 'again', 'hushed', 'night', 'wait'];
  const more: Record<string, object> = { wait: { wait: `${wait}s` }, night: { mute: ['night'] } };
  return webhooks(Object.fromEntries(names.map((name) => [name, `${url}/${name}`])), {
    timeIntervals: { night: { times: ['01:00-03:00'], zone: 'Europe/Berlin' } },
    routes: names.map((name) => ({ match: `to="${name}"`, to: [name], ...more[name] })),
  });
}

/** 20 alerts a second, each of its own group. */
function startLoad(hub: Hub) {
  const accepted = new Map<string, number>();
  let isOver = false;
  const running = (async () => {
    for (let number = 0; !isOver; number++) {
      const id = `load-${number}-x`;
      if ((await hub.post('any', alertFor('load', id))).status === 202) accepted.set(id, Date.now());
      await delay(50);
    }
  })();
  return {
    accepted,
    stop() {
      isOver = true;
      return running;
    },
  };
}

async function judgeSoon(
  bench: Bench,
  name: string,
  target: FaultTarget,
  path: string,
  since: number,
  most: number,
): Promise<void> {
  const isThere = () => target.received(path).length > 0;
  await until(`${path} is told`, isThere, most + second).catch(() => {});
  const took = Math.round(performance.now() - since);
  bench.judge(name, isThere() ? took : 'never', isThere() && took <= most);
}

function judgeAll(bench: Bench, target: FaultTarget, accepted: ReadonlyMap<string, number>): void {
  const told = target.received('/load');
  const first = new Map(told.toReversed().map(({ body, at }) => [/load-\d+-x/.exec(body)?.[0] ?? '', at]));
  bench.note('alerts', accepted.size);
  bench.none('lost', [...accepted.keys()].filter((id) => !first.has(id)).length);
  const delays = [...accepted].map(([id, at]) => (first.get(id) ?? at) - at);
  const latest = Math.max(...delays);
  bench.judge('latest in ms', latest, latest <= 3 * second);
  const others = ['/slow', '/hushed', '/night', '/wait'].map((path) => target.received(path).length - 1);
  const twice = told.length - first.size + others.reduce((sum, more) => sum + Math.max(0, more), 0);
  bench.none('told twice', twice);
  const tries = target.received('/again').map(({ at }) => at / second);
  const pauses = tries.slice(1).map((at, index) => at - (tries[index] as number));
  const isKept = (pause: number, index: number) =>
    pause >= 0.8 * 2 ** index - 0.1 && pause <= 1.2 * 2 ** index + slack / second;
  const isRight = pauses.length === 3 && pauses.every(isKept);
  bench.judge('pauses in s', pauses.map((pause) => pause.toFixed(1)).join(' '), isRight);
}
