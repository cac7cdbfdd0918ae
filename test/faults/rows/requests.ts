import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { until } from '../../evidence/support/until.ts';
import { type Row, without } from '../row.ts';
import { atMostTwice, timeToTell } from '../support/beside.ts';
import { alertFor, webhooks } from '../support/configs.ts';
import { adminToken, sourceKey } from '../support/hub.ts';

const megabyte = 1024 * 1024;

export const requests: Row[] = [
  {
    id: 'D28',
    title: 'a request that unpacks to 200 times as much',
    method: 'gzip, deflate and br of 100 MB of spaces, each three times at once',
    bar: 'each is answered 413; memory grows by less than 30 MB; a good alert beside them is taken',
    seconds: { full: 40, quick: 30 },
    protection: {
      what: 'when bodies are read to their end',
      reddens: ['answered 413', 'memory in MB'],
      env: without('no-body-bound'),
    },
    async run(bench) {
      const target = await bench.target();
      const hub = await bench.hub({ config: webhooks({ told: `${target.url}/told` }) });
      const spaces = Buffer.alloc(100 * megabyte, ' ');
      const bombs = { gzip: gzipSync(spaces), deflate: deflateSync(spaces), br: brotliCompressSync(spaces) };
      await timeToTell(hub, target, 'told', 50);
      await delay(500);
      const before = hub.forgetPeak();
      const answers = await Promise.all(
        Object.entries(bombs).flatMap(([encoding, body]) =>
          Array.from({ length: bench.isWeakened ? 1 : 3 }, () =>
            hub.postRaw('any', new Uint8Array(body), { 'content-encoding': encoding }),
          ),
        ),
      );
      const growth = (hub.memory().most - before) / megabyte;
      const good = await hub.post('any', alertFor('told', 'beside'));
      const bounded = answers.filter(({ status }) => status === 413).length;
      bench.judge('answered 413', `${bounded} of ${answers.length}`, bounded === answers.length);
      bench.judge('memory in MB', growth.toFixed(1), growth < 30);
      bench.judge('a good one', good.status, good.status === 202);
    },
  },
  {
    id: 'D29',
    title: 'JSON that is too large, too deep, too wide, or none',
    method: '2 MB, 1e5 levels, 1e5 and 1e6 keys, duplicate keys, huge numbers, NaN, BOM, invalid UTF-8, NUL, cut off',
    bar: 'what is wrong is answered 413 or 422, what is only odd 202, never 5xx; each with at most 50 ms of CPU',
    seconds: { full: 40, quick: 30 },
    protection: { what: 'when bodies are read to their end', reddens: ['as expected'], env: without('no-body-bound') },
    async run(bench) {
      const hub = await bench.hub({ config: webhooks({}) });
      const keys = (count: number) => `{${Array.from({ length: count }, (_, index) => `"k${index}":0`).join()}}`;
      const cases: [what: string, body: string | Uint8Array, expected: number][] = [
        ['2 MB', JSON.stringify({ id: 'large', title: 'x'.repeat(2 * megabyte) }), 413],
        ['1e6 keys', keys(1_000_000), 413],
        ['1e5 levels', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 422],
        ['1e5 lists', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 422],
        ['7e4 keys', keys(70_000), 422],
        ['1e4 keys', `{"id":"wide",${keys(10_000).slice(1)}`, 202],
        ['duplicate keys', '{"id":"twice","title":"a","title":"b"}', 202],
        ['a huge number', '{"id":"huge","title":"a","n":1e99999}', 202],
        ['many digits', `{"id":"digits","title":"a","n":${'9'.repeat(100_000)}}`, 202],
        ['NaN', '{"id":NaN}', 422],
        ['Infinity', '{"id":"i","title":"a","n":Infinity}', 422],
        ['a BOM', `\ufeff${JSON.stringify({ id: 'bom', title: 'a' })}`, 202],
        [
          'invalid UTF-8',
          Buffer.concat([Buffer.from('{"id":"u","title":"'), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('"}')]),
          202,
        ],
        ['NUL', '{"id":"nul","title":"a\\u0000b"}', 202],
        ['a raw NUL', '{"id":"nul","title":"a\u0000b"}', 422],
        ['cut off', '{"id":"cut","title":"a', 422],
        ['nothing', '', 422],
        ['a comment', '{"id":"c"} // end', 422],
      ];
      for (let index = 0; index < 30; index++) await hub.post('any', { id: `warm-${index}`, title: 'warm' });
      const wrong: string[] = [];
      const rounds = 10;
      let most = 0;
      let slowest = '';
      for (const [what, body, expected] of cases) {
        const before = cpuTime(hub.pid);
        for (let round = 0; round < rounds; round++) {
          const { status } = await hub.postRaw('any', body as Uint8Array);
          // Too large a body may be cut off before it was sent to its end.
          const isAsExpected = status === expected || (expected === 413 && status === 0 && !bench.isWeakened);
          if (!isAsExpected && round === 0) wrong.push(`${what}: ${status}`);
        }
        const average = (cpuTime(hub.pid) - before) / rounds;
        if (average > most) [most, slowest] = [average, what];
      }
      bench.judge(
        'as expected',
        `${cases.length - wrong.length} of ${cases.length}${wrong.length > 0 ? ` (${wrong.join(', ')})` : ''}`,
        wrong.length === 0,
      );
      bench.judge('most CPU in ms', slowest ? `${most} (${slowest})` : most, most <= 50);
      const { status } = await hub.post('any', { id: 'after', title: 'after' });
      bench.judge('a good one', status, status === 202);
    },
  },
  {
    id: 'D30',
    title: 'prototype pollution',
    method: '__proto__ and constructor.prototype in bodies, labels, query and headers; templates that ask for them',
    bar: '__proto__ is refused, nothing is inherited by what comes after, and templates see none of it',
    seconds: { full: 30, quick: 20 },
    protection: {
      what: 'when a payload may have any key',
      reddens: ['refused', 'seen by templates'],
      env: without('no-key-check'),
    },
    async run(bench) {
      const target = await bench.target();
      const message =
        'proto:{{payload.__proto__.polluted}}{{payload.polluted}}{{payload.constructor.name}}{{payload.toString}}{{labels.polluted}}:end';
      const [source] = (webhooks({}) as { sources: object[] }).sources;
      const hub = await bench.hub({
        config: webhooks({ told: `${target.url}/told` }, { sources: [{ ...source, templates: { message } }] }),
      });
      const bodies = [
        '{"id":"p1","title":"p","labels":{"to":"told","__proto__":{"polluted":"yes"}}}',
        '{"id":"p2","title":"p","__proto__":{"polluted":"yes"},"labels":{"to":"told"}}',
        '{"id":"p3","title":"p","\\u005f_proto__":{"polluted":"yes"},"labels":{"to":"told"}}',
        '{"id":"p4","title":"p","a":[{"__proto__":{"polluted":"yes"}}],"labels":{"to":"told"}}',
      ];
      const refusals = await Promise.all(bodies.map((body) => hub.postRaw('any', body)));
      const refused = refusals.filter(({ status }) => status === 422).length;
      bench.judge('refused', `${refused} of ${bodies.length}`, refused === bodies.length);
      const odd = '{"id":"p5","title":"p","constructor":{"prototype":{"polluted":"yes"}},"labels":{"to":"told"}}';
      await hub.postRaw(`any?__proto__[polluted]=yes&constructor[prototype][polluted]=yes`, odd, {
        constructor: 'yes',
      });
      await hub.post('any', alertFor('told', 'clean'));
      const told = await target.untilReceived('/told', 2);
      const texts = told.map(({ body }) => /proto:(.*?):end/.exec(body)?.[1] ?? 'missing');
      bench.judge(
        'seen by templates',
        texts.filter((text) => text !== '').length,
        texts.every((text) => text === ''),
      );
    },
  },
  {
    id: 'D31',
    title: 'slow and idle callers',
    method: 'heads and bodies of a byte every 100 ms, a body that stops, and idle sockets (quick: 500, full: 10,000)',
    bar: '408 and the end of the connection in 15 s + 2 s; an alert beside them: p99 at most twice (or 25 ms more); its descriptors are free afterwards',
    seconds: { full: 90, quick: 45 },
    protection: { what: 'without deadlines', reddens: ['cut off with 408'], env: without('no-deadline') },
    async run(bench) {
      const target = await bench.target();
      const urls = { before: `${target.url}/before`, beside: `${target.url}/beside` };
      const hub = await bench.hub({ config: webhooks(urls) });
      const port = Number(new URL(hub.address).port);
      await timeToTell(hub, target, 'before', 20);
      const alone = await timeToTell(hub, target, 'before');
      const descriptors = openFiles(hub.pid);
      const idle = Array.from({ length: bench.isQuick || bench.isWeakened ? 500 : 10_000 }, () =>
        connect(port, '127.0.0.1').on('error', () => {}),
      );
      bench.onEnd(() => {
        for (const socket of idle) socket.destroy();
      });
      const head = `POST /in/any HTTP/1.1\r\nhost: a\r\nx-tocsin-key: ${sourceKey}\r\ncontent-type: application/json\r\n`;
      const starts = [
        `${head}x-slow: `,
        `${head}content-length: 5000\r\n\r\n{`,
        'POST /in/any HTTP/1.1\r\n',
        `${head}content-length: 5000\r\n\r\n{"id":`,
      ];
      const began = performance.now();
      const ends = starts.map((start, index) => {
        const socket = connect(port, '127.0.0.1').on('error', () => {});
        socket.write(start);
        const timer = index < 3 ? setInterval(() => socket.write('a'), 100) : undefined;
        bench.onEnd(() => socket.destroy());
        let text = '';
        socket.setEncoding('latin1').on('data', (part: string) => {
          text += part;
        });
        return new Promise<{ text: string; seconds: number }>((resolve) => {
          socket.on('close', () => {
            clearInterval(timer);
            resolve({ text, seconds: (performance.now() - began) / 1000 });
          });
        });
      });
      const beside = await timeToTell(hub, target, 'beside');
      const late = delay(20_000 - (performance.now() - began)).then(() => undefined);
      const cut = await Promise.all(ends.map((end) => Promise.race([end, late])));
      const right = cut.filter((one) => one?.text.startsWith('HTTP/1.1 408') && one.seconds <= 17).length;
      bench.judge('cut off with 408', `${right} of ${starts.length}`, right === starts.length);
      bench.judge('p99 in ms', `${alone} alone, ${beside} beside`, atMostTwice(beside, alone));
      for (const socket of idle) socket.destroy();
      const isFree = () => openFiles(hub.pid) <= descriptors + 20;
      const freed = await until('descriptors are free', isFree, 5_000).then(
        () => true,
        () => false,
      );
      bench.judge('descriptors', `${descriptors} before, ${openFiles(hub.pid)} after`, freed);
    },
  },
  {
    id: 'D45',
    title: 'callers without a right',
    method:
      'wrong and missing keys and tokens, a viewer’s token, paths that climb, another site’s forms, a hundred guesses',
    bar: 'each is answered 400 to 429, and nothing is written: no group, no event, no session',
    seconds: { full: 40, quick: 30 },
    protection: { what: 'when the calls carry the right token', reddens: ['refused', 'changes'] },
    async run(bench) {
      const viewer = 'token-of-a-viewer-only';
      const hub = await bench.hub({
        config: webhooks(
          {},
          {
            tokens: [
              { name: 'runner', role: 'admin', value: adminToken },
              { name: 'wall', role: 'viewer', value: viewer },
            ],
          },
        ),
      });
      const first = await hub.post('any', alertFor('nobody', 'first'));
      const { groups } = JSON.parse(first.text) as { groups: { id: string }[] }; // the hub's own answer
      const group = groups[0]?.id;
      const state = async () => {
        const { updatedAt: _, ...rest } = await hub.get(`groups/${group}`);
        return JSON.stringify([
          rest,
          (await hub.list(`groups/${group}/events`)).length,
          (await hub.accounting()).received,
        ]);
      };
      const before = await state();
      const right = { authorization: `Bearer ${adminToken}` };
      const json = { 'content-type': 'application/json' };
      const alert = JSON.stringify(alertFor('nobody', 'intruder'));
      const calls: [path: string, init: RequestInit][] = [
        ['/in/any/wrong-key-of-some-length', { method: 'POST', headers: json, body: alert }],
        ['/in/any', { method: 'POST', headers: json, body: alert }],
        ['/in/any', { method: 'POST', headers: { ...json, authorization: `Bearer ${adminToken}` }, body: alert }],
        ['/in/..%2fany/x', { method: 'POST', headers: json, body: alert }],
        ...['acknowledge', 'resolve', 'silence'].flatMap((action): [string, RequestInit][] => {
          const path = `/api/v1/groups/${group}/${action}`;
          const call = (headers: Record<string, string>, body = '{}'): [string, RequestInit] => [
            path,
            { method: 'POST', headers: { ...json, ...headers, ...(bench.isWeakened ? right : {}) }, body },
          ];
          return [
            call({}),
            call({ authorization: 'Bearer wrong' }),
            call({ authorization: `Bearer ${viewer}` }),
            call({ authorization: `Basic ${Buffer.from(`x:${sourceKey}`).toString('base64')}` }),
            call({ cookie: `session=${adminToken}` }),
          ];
        }),
        // Another site's form, as a browser sends it.
        [
          `/g/${group}/acknowledge`,
          {
            method: 'POST',
            headers: {
              'content-type': 'application/x-www-form-urlencoded',
              origin: 'https://evil.example',
              'sec-fetch-site': 'cross-site',
            },
            body: 'comment=x',
          },
        ],
        ['/api/v1/groups', {}],
        ['/api/v1/groups?token=x', {}],
        ['/api/v1/requests', { headers: { authorization: 'Bearer wrong' } }],
        ['/assets/..%2f..%2fpackage.json', {}],
        ['/assets/%2e%2e/%2e%2e/tocsin.yaml', {}],
        ['/..%2ftocsin.yaml', {}],
        ['/in/any/..%2f..%2ftocsin.yaml', {}],
        ...Array.from({ length: 100 }, (_, index): [string, RequestInit] => [
          '/api/v1/groups',
          { headers: { authorization: `Bearer guess-${index}` } },
        ]),
      ];
      const statuses: number[] = [];
      for (const [path, init] of calls) {
        const response = await fetch(`${hub.address}${path}`, { ...init, redirect: 'manual' });
        await response.text();
        statuses.push(response.status);
      }
      const refused = statuses.filter((status) => status >= 400 && status <= 429).length;
      const others = calls.flatMap(([path], index) => {
        const status = statuses[index] ?? 0;
        // A page sends who is not signed in to the sign-in, which changes nothing.
        return (status >= 400 && status <= 429) || status === 303 ? [] : [`${path} ${status}`];
      });
      bench.judge('refused', `${refused} of ${calls.length}`, others.length === 0);
      if (others.length > 0) bench.note('others', [...new Set(others)].join(', '));
      const after = await state();
      bench.judge('changes', before === after ? 0 : 'some', before === after);
    },
  },
];

/** Milliseconds of processor time of all threads so far, by the kernel's ticks of 10 ms. */
function cpuTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
