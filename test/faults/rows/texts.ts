import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../evidence/support/until.ts';
import { type Row, without } from '../row.ts';
import { alertFor, anySource, webhooks } from '../support/configs.ts';
import { adminToken } from '../support/hub.ts';

/** One of each kind that is more than a UTF-16 unit, or more than it looks. */
const odd = ['漢', '😀', '👩‍👩‍👧‍👦', 'ا', 'e\u0301', '\ud800', '&', '<', '🇩🇪', '\u200b', '`'];

export const texts: Row[] = [
  {
    id: 'D24',
    title: 'texts longer than a target takes',
    method:
      'titles and messages of CJK, emoji, joined emoji, right-to-left, lone surrogates and markup, one below, at and above Slack’s limits',
    bar: 'each is told; well-formed UTF-8; header at most 150 and section at most 3,000 characters; no cut inside of a pair or an entity',
    seconds: { full: 40, quick: 30 },
    protection: {
      what: 'when texts are not cut',
      reddens: ['longest header', 'longest section'],
      env: without('no-cut'),
    },
    async run(bench) {
      const target = await bench.target();
      const chats = ['chat0', 'chat1', 'chat2'];
      const hub = await bench.hub({
        config: {
          ...webhooks({}),
          integrations: ['@tocsin/source-webhook', '@tocsin/target-slack'],
          // So many that none is told more in a minute than goes out singly.
          targets: chats.map((id) => ({ id, use: 'slack', settings: { webhookUrl: `${target.url}/${id}` } })),
          routes: [...chats.map((id) => ({ match: `to="${id}"`, to: [id] })), { to: ['chat0'] }],
        },
      });
      let sent = 0;
      for (const one of odd) {
        for (const [chat, title, message] of [
          ['chat0', 150, 3_000],
          ['chat1', 149, 2_999],
          ['chat2', 151, 3_001],
        ] as const) {
          const fill = (length = 0) => one.repeat(Math.ceil(length / one.length)).slice(0, length);
          const { status } = await hub.post('any', {
            ...alertFor(chat, `long-${sent}`),
            title: fill(title),
            message: fill(message),
          });
          if (status === 202) sent++;
        }
      }
      for (const chat of chats) await target.untilReceived(`/${chat}`, sent / 3, 30_000).catch(() => {});
      const told = chats.flatMap((chat) => target.received(`/${chat}`));
      bench.judge('told', told.length, sent === odd.length * 3 && told.length === sent);
      const blocks = told.flatMap(({ body }) => textsOf(JSON.parse(body)));
      const longest = (type: string) =>
        Math.max(0, ...blocks.filter((block) => block.type === type).map(({ text }) => text.length));
      bench.judge('longest header', longest('header'), longest('header') > 0 && longest('header') <= 150);
      bench.judge('longest section', longest('section'), longest('section') > 0 && longest('section') <= 3_000);
      bench.none('not well-formed', blocks.filter(({ text }) => !text.isWellFormed()).length);
      bench.none(
        'cut entities',
        blocks.filter(({ text }) => /&(?!amp;|lt;|gt;)/.test(text) && /&[a-z]{0,3}(…|$)/.test(text)).length,
      );
    },
  },
  {
    id: 'D36',
    title: 'log lines made by others',
    method: 'CR LF, ANSI colours, U+2028 and a label of 1 MB in titles, labels, paths, headers and answers of targets',
    bar: 'every line of the log is one JSON object of at most 64 KB; no control character is in it as it is',
    seconds: { full: 30, quick: 20 },
    protection: { none: 'the log is written by one serialiser, which has no switch' },
    async run(bench) {
      const target = await bench.target();
      const nasty = '\r\n{"level":50,"msg":"forged"}\u001b[31mred\u2028\u2029\u0007';
      target.at('/refuses', (response) => response.writeHead(400).end(nasty.repeat(100)));
      const config = webhooks({ told: `${target.url}/told`, refuses: `${target.url}/refuses` });
      const hub = await bench.hub({ config, logLevel: 'trace' });
      for (const to of ['told', 'refuses']) {
        await hub.post('any', { ...alertFor(to, `nasty-${to}${nasty}`), title: nasty, [nasty]: nasty });
      }
      await hub.post('any', { ...alertFor('told', 'large'), labels: { to: 'told', large: 'x'.repeat(900_000) } });
      await hub.postRaw(`any/${encodeURIComponent(nasty)}?${encodeURIComponent(nasty)}=1`, '{"broken', {
        'user-agent': 'a\u00ffb',
      });
      await hub.postRaw(`nobody${encodeURIComponent(nasty)}`, '{}');
      await target.untilReceived('/refuses', 1);
      await delay(700);
      const lines = hub
        .output()
        .split('\n')
        .filter((line) => line !== '' && !isForPeople(line));
      const broken = lines.filter((line) => !isJsonObject(line));
      bench.judge('lines', lines.length, lines.length > 0);
      bench.none('not one JSON object', broken.length);
      bench.none('forged', lines.filter((line) => isJsonObject(line) && JSON.parse(line).msg === 'forged').length);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      bench.none('control characters', lines.filter((line) => /[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)).length);
      const longest = Math.max(...lines.map((line) => Buffer.byteLength(line)));
      bench.judge('longest', longest, longest <= 64 * 1024);
    },
  },
  {
    id: 'D37',
    title: 'markup, mentions and headers in alerts',
    method:
      '<!channel>, @here, <@U1>, links in markdown and in Slack’s way, HTML and CR LF in titles, messages and labels, to Slack, a webhook and the page',
    bar: '0 mentions, 0 links, 0 elements of the alert’s making; no header of its making',
    seconds: { full: 40, quick: 30 },
    protection: { none: 'escaping is part of the rendering, which has no switch' },
    async run(bench) {
      const target = await bench.target();
      const hub = await bench.hub({
        config: {
          ...webhooks({}),
          integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook', '@tocsin/target-slack'],
          targets: [
            { id: 'chat', use: 'slack', settings: { webhookUrl: `${target.url}/chat` } },
            {
              id: 'hook',
              use: 'webhook',
              settings: { url: `${target.url}/hook`, medium: 'html', body: 'notification' },
            },
          ],
          routes: [{ to: ['chat', 'hook'] }],
        },
      });
      const evil =
        '<!channel> <!here> <@U123> <https://evil.example|click> [click](https://evil.example) <script>alert(1)</script><img src=x onerror=alert(1)>\r\nX-Evil: yes';
      const { text } = await hub.post('any', {
        ...alertFor('all', `evil ${evil}`),
        title: evil,
        message: evil,
        labels: { to: 'all', evil },
        link: 'javascript:alert(1)',
      });
      await target.untilReceived('/chat', 1);
      await target.untilReceived('/hook', 1);
      const { groups } = JSON.parse(text) as { groups: { id: string }[] }; // the hub's own answer
      const chat = target.received('/chat')[0];
      const told = textsOf(JSON.parse(chat?.body ?? '{}'))
        .filter(({ kind }) => kind === 'mrkdwn')
        .map((block) => block.text);
      bench.judge('texts', told.length, told.length > 0);
      bench.none('mentions', told.filter((one) => /<(!(channel|here|everyone|subteam)|[@#])/.test(one)).length);
      bench.none('links', told.filter((one) => /<(https?:\/\/evil|javascript)/.test(one)).length);
      const headers = [...target.received('/')].filter(({ headers }) => 'x-evil' in headers);
      bench.none('headers', headers.length);
      const { message = '' } = JSON.parse(target.received('/hook')[0]?.body ?? '{}') as { message?: string }; // as the target writes it
      bench.judge('told as HTML', String(message.includes('alert(1)')), message.includes('alert(1)'));
      bench.none('elements told', /<(script|img)\b/i.test(message) ? 1 : 0);
      const page = await signedInPage(hub.address, `/g/${groups[0]?.id}`);
      bench.judge('page', page.status, page.status === 200 && page.text.includes('alert(1)'));
      bench.none('elements on the page', page.text.match(/<script>alert|<img src=x/gi)?.length ?? 0);
      bench.none('links on the page', page.text.match(/href="?\s*(javascript:|https:\/\/evil)/gi)?.length ?? 0);
    },
  },
  {
    id: 'D46',
    title: 'nobody hears that nobody hears',
    method: 'the only target of the alerts refuses all; the hub’s own troubles go another way',
    bar: 'the other way is told of it within 10 s, once, and of its end once the target takes messages again',
    seconds: { full: 40, quick: 30 },
    protection: { what: 'without the source of the hub’s own troubles', reddens: ['told within'] },
    async run(bench) {
      const target = await bench.target();
      target.at('/broken', (response) => response.writeHead(404).end('no such channel'));
      const hub = await bench.hub({
        config: {
          ...webhooks({}),
          integrations: ['@tocsin/source-webhook', '@tocsin/source-tocsin', '@tocsin/target-webhook'],
          sources: [anySource, ...(bench.isWeakened ? [] : [{ id: 'hub', use: 'tocsin' }])],
          targets: ['broken', 'other'].map((id) => ({ id, use: 'webhook', settings: { url: `${target.url}/${id}` } })),
          routes: [{ match: 'tocsin_source="hub"', to: ['other'] }, { to: ['broken'] }],
        },
      });
      const began = performance.now();
      for (let index = 0; index < 3; index++) await hub.post('any', alertFor('broken', `unheard-${index}`));
      const isTold = await target.untilReceived('/other', 1, 10_000).then(
        () => true,
        () => false,
      );
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      bench.judge('told within', isTold ? `${seconds} s` : 'never', isTold);
      await delay(1_500);
      const firing = target.received('/other').length;
      bench.judge('messages', firing, firing === 1);
      target.at('/broken', (response) => response.end('ok'));
      await hub.post('any', alertFor('broken', 'heard'));
      const isOver = await until(
        'its end is told',
        () => target.received('/other').some(({ body }) => body.includes('Resolved')),
        8_000,
      ).then(
        () => true,
        () => false,
      );
      bench.judge('told of its end', String(isOver), isOver);
    },
  },
];

interface SlackText {
  /** Of the block that it is in. */
  type: string;
  kind: string;
  text: string;
}

/** All texts of a Slack message, also those of its attachments. */
function textsOf(value: unknown, type = ''): SlackText[] {
  if (Array.isArray(value)) return value.flatMap((one) => textsOf(one, type));
  if (typeof value !== 'object' || value === null) return [];
  const block = value as Record<string, unknown>; // JSON's objects
  const isText = typeof block.text === 'string' && (block.type === 'mrkdwn' || block.type === 'plain_text');
  const own = isText ? [{ type, kind: String(block.type), text: String(block.text) }] : [];
  const inner = typeof block.type === 'string' && !isText ? block.type : type;
  return [...own, ...Object.values(block).flatMap((one) => textsOf(one, inner))];
}

/** What is written for the person at the terminal, before the log begins. */
function isForPeople(line: string): boolean {
  return /^(Tocsin listens|The admin token| {2})/.test(line);
}

function isJsonObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

async function signedInPage(address: string, path: string): Promise<{ status: number; text: string }> {
  const form = new URLSearchParams({ token: adminToken });
  const headers = { origin: address, 'content-type': 'application/x-www-form-urlencoded' };
  const signIn = await fetch(`${address}/sign-in`, { method: 'POST', headers, body: form, redirect: 'manual' });
  const cookie = signIn.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ');
  const response = await fetch(`${address}${path}`, { headers: { cookie } });
  return { status: response.status, text: await response.text() };
}
