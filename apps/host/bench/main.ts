import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Posts } from './bare-posts.ts';
import type { Load, Measured } from './generator.ts';
import { hasApprise, notifications } from './notify.ts';
import { prometheusBody, webhookBody } from './payloads.ts';
import { type HubOptions, hasAlertmanager, type Side, startAlertmanager, startBare, startHub } from './sides.ts';

/**
 * Ratios from one run: the hub against its own Fastify without the work, and against Debian's Alertmanager; the command of
 * a monitor against Debian's Apprise. Rounds are interleaved so that a slow minute hits every side. Prints medians with their range.
 */
const parts = ['single', 'batched', 'latency', 'delivered', 'large', 'notify'] as const;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    // One only shows that it runs.
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: parts.join(',') },
  },
});
const { quick: isQuick, json: isJson } = values;
const rounds = Number(values.rounds);
const isWanted = (part: (typeof parts)[number]) => values.only.split(',').includes(part);
// A program that just started runs half as fast until its hot functions are compiled.
const warmUp = isQuick ? 1_500 : 6_000;
const measure = isQuick ? 1_000 : 4_000;
/** Posts one after the other, for the same reason, before the time that one takes is measured. */
const warmUpPosts = isQuick ? 300 : 2_000;
const samplePosts = isQuick ? 60 : 200;

type SideName = 'hub' | 'bare' | 'alertmanager';

const received: { at: number; body: string }[] = [];
let keepBodies = false;
const sink = createServer((request, response) => {
  const at = performance.now();
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    if (keepBodies) body += chunk;
  });
  request.on('end', () => {
    if (keepBodies) received.push({ at, body });
    response.writeHead(204).end();
  });
});
await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
const sinkUrl = `http://127.0.0.1:${(sink.address() as { port: number }).port}`;
const starters: Record<SideName, () => Promise<Side>> = {
  hub: () => startHub(sinkUrl),
  bare: startBare,
  alertmanager: () => startAlertmanager(sinkUrl),
};

const say = (text: string) => process.stderr.write(`${text}\n`);
const names: SideName[] = hasAlertmanager ? ['hub', 'bare', 'alertmanager'] : ['hub', 'bare'];
if (!hasAlertmanager)
  say('skipped: the comparison with Alertmanager (Debian’s prometheus-alertmanager is not installed)');

const single = isWanted('single') ? await throughput(names, 1) : undefined;
const batched = hasAlertmanager && isWanted('batched') ? await throughput(['hub', 'alertmanager'], 64) : undefined;
const latency = hasAlertmanager && isWanted('latency') ? await latencies() : undefined;
const delivered = isWanted('delivered') ? await deliveries() : undefined;
const kinds = { plain: {}, routes: { routes: 1_000 }, stored: { stored: isQuick ? 100_000 : 1_000_000 } };
const large = isWanted('large') ? await ingestOf(kinds) : undefined;
if (!hasApprise && isWanted('notify')) say('skipped: the comparison with Apprise (Debian’s apprise is not installed)');
const notified =
  hasApprise && isWanted('notify') ? await notifications(sinkUrl, { rounds, each: isQuick ? 7 : 21 }, say) : undefined;
sink.close();

const rows = [
  row('one alert a request: hub / bare Fastify', ratios(single?.hub, single?.bare), 'bar 0.4, aim 0.8'),
  ...(hasAlertmanager
    ? [
        row('one alert a request: hub / Alertmanager', ratios(single?.hub, single?.alertmanager), 'bar 0.5, aim 1.2'),
        row('64 alerts a request: hub / Alertmanager', ratios(batched?.hub, batched?.alertmanager), 'bar 1.0, aim 2'),
        row(
          'post to target, p50: hub / Alertmanager',
          ratios(latency?.hub, latency?.alertmanager),
          'bar 3, aim 1 (less is better)',
        ),
      ]
    : []),
  row('delivered a second: hub / bare undici', ratios(delivered?.hub, delivered?.bare), 'bar 0.3, aim 0.6'),
  row('ingest at 1,000 routes / at one', ratios(large?.routes, large?.plain), 'bar 0.8, aim 0.95'),
  row(
    `ingest at ${isQuick ? '100,000' : '1,000,000'} stored groups / at none`,
    ratios(large?.stored, large?.plain),
    'bar 0.8, aim 0.95',
  ),
  row(
    'a notification: tocsin notify / apprise',
    ratios(notified?.tocsin, notified?.apprise),
    'bar 0.5, aim 0.25 (less is better)',
  ),
].filter(({ median }) => Number.isFinite(median));
if (isJson) process.stdout.write(`${JSON.stringify({ rows, single, batched, latency, delivered, large, notified })}\n`);
else {
  for (const { name, median, least, most, bar } of rows) {
    process.stdout.write(`${name.padEnd(44)} ${median.toFixed(2)}  (${least.toFixed(2)}–${most.toFixed(2)})  ${bar}\n`);
  }
  process.stdout.write(
    'Alertmanager’s acceptance is not durable: it answers from memory. The hub answers after the sync.\n',
  );
}

async function throughput(sides: SideName[], batch: number): Promise<Partial<Record<SideName, number[]>>> {
  const results: Partial<Record<SideName, number[]>> = {};
  for (let round = 1; round <= rounds; round++) {
    for (const name of sides) {
      const measured = await measureSide(name, batch, round);
      results[name] = [...(results[name] ?? []), measured.requestsPerSecond * batch];
      say(
        `round ${round} ${name.padEnd(12)} ${batch} a request: ${Math.round(measured.requestsPerSecond * batch)} alerts/s, p50 ${measured.p50.toFixed(1)} ms, p99 ${measured.p99.toFixed(1)} ms${measured.failed ? `, ${measured.failed} FAILED` : ''}`,
      );
    }
  }
  return results;
}

async function measureSide(name: SideName, batch: number, round: number): Promise<Measured> {
  return await measureOf(await starters[name](), batch, round);
}

async function measureOf(side: Side, batch: number, round: number): Promise<Measured> {
  const generator = fork(join(import.meta.dirname, 'generator.ts'), {
    execArgv: ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'],
  });
  try {
    const load: Load = { url: side.url, shape: side.shape, batch, warmUp, measure, round: `r${round}` };
    return await new Promise((resolve, reject) => {
      generator.once('message', (message) => resolve(message as Measured));
      generator.once('exit', () => reject(new Error('the generator ended early')));
      generator.send(load);
    });
  } finally {
    generator.kill();
    await side.stop();
  }
}

/** Alerts a second that hubs of several kinds take, one a request, in turns. */
async function ingestOf<Name extends string>(kinds: Record<Name, HubOptions>): Promise<Record<Name, number[]>> {
  const results = Object.fromEntries(Object.keys(kinds).map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = 1; round <= rounds; round++) {
    for (const [name, options] of Object.entries(kinds) as [Name, HubOptions][]) {
      const { requestsPerSecond, p99 } = await measureOf(await startHub(sinkUrl, options), 1, round);
      results[name].push(requestsPerSecond);
      say(`round ${round} hub, ${name.padEnd(8)} ${Math.round(requestsPerSecond)} alerts/s, p99 ${p99.toFixed(1)} ms`);
    }
  }
  return results;
}

/** Messages a second at one target: of a hub that has a queue of them, and of undici alone with the same body. */
async function deliveries(): Promise<Record<'hub' | 'bare', number[]>> {
  const results: Record<'hub' | 'bare', number[]> = { hub: [], bare: [] };
  const count = isQuick ? 4_000 : 20_000;
  for (let round = 1; round <= rounds; round++) {
    const side = await startHub(sinkUrl, { targets: 1 });
    const headers = { 'content-type': 'application/json' };
    keepBodies = true;
    received.length = 0;
    for (let number = 0; number < count; number += 50) {
      const posts = Array.from({ length: 50 }, (_, index) =>
        fetch(side.url, {
          method: 'POST',
          headers,
          body: webhookBody(`d${round}g${number + index}`, number + index, 1),
        }),
      );
      await Promise.all(posts);
    }
    const [start, before] = [performance.now(), received.length];
    while (received.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    const rate = ((count - before) / (performance.now() - start)) * 1000;
    const body = received.at(-1)?.body ?? '';
    keepBodies = false;
    received.length = 0;
    await side.stop();
    const bare = await barePosts({ url: `${sinkUrl}/one`, count, concurrency: 8, body });
    results.hub.push(rate);
    results.bare.push(bare);
    say(
      `round ${round} delivered: hub ${Math.round(rate)}/s (${count - before} of ${count} were waiting), bare undici ${Math.round(bare)}/s`,
    );
  }
  return results;
}

function barePosts(posts: Posts): Promise<number> {
  const child = fork(join(import.meta.dirname, 'bare-posts.ts'), {
    execArgv: ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (rate) => {
      resolve(rate as number);
      child.kill();
    });
    child.once('exit', () => reject(new Error('the posts ended early')));
    child.send(posts);
  });
}

/** Milliseconds from the start of a post to its arrival at the first target, for a new group each, at a gentle pace. */
async function latencies(): Promise<Record<'hub' | 'alertmanager', number[]>> {
  const results: Record<'hub' | 'alertmanager', number[]> = { hub: [], alertmanager: [] };
  keepBodies = true;
  for (let round = 1; round <= rounds; round++) {
    for (const name of ['hub', 'alertmanager'] as const) {
      const side = await starters[name]();
      const samples: number[] = [];
      for (let number = 0; number < warmUpPosts + samplePosts; number++) {
        const mark = `l${round}x${number}y`;
        received.length = 0;
        const body = (side.shape === 'webhook' ? webhookBody : prometheusBody)(mark, number, 1);
        const start = performance.now();
        await fetch(side.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        const arrival = await arrived(mark);
        if (number < warmUpPosts) continue;
        samples.push(arrival - start);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await side.stop();
      samples.sort((left, right) => left - right);
      results[name].push(samples[samples.length >> 1] ?? Number.NaN);
      say(`round ${round} ${name.padEnd(12)} post to target: p50 ${results[name].at(-1)?.toFixed(2)} ms`);
    }
  }
  return results;
}

async function arrived(mark: string): Promise<number> {
  for (let waited = 0; waited < 5_000; waited++) {
    const found = received.find(({ body }) => body.includes(mark));
    if (found) return found.at;
    await new Promise((resolve) => setImmediate(resolve));
    if (waited % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`${mark} did not arrive`);
}

function ratios(left: number[] = [], right: number[] = []): number[] {
  return left.map((value, index) => value / (right[index] ?? Number.NaN)).sort((a, b) => a - b);
}

function row(name: string, sorted: number[], bar: string) {
  return {
    name,
    bar,
    median: sorted[sorted.length >> 1] ?? Number.NaN,
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
  };
}
