import { plainText, VIEW_STYLES, VIEW_TAGS, type ViewNode } from '@tocsin/message-view';
import { buildNode, STYLES, TAGS } from '@tocsin/message-view/view.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../src/message-log.ts';
import { viewMessage } from '../src/message-view.ts';
import { elementsIn, type FakeNode, fakeDocument, textIn } from './fake-document.ts';

const reader = { now: new Date('2026-03-02T09:00:00Z'), zone: 'UTC' };

function received(payload: unknown, more: Partial<Message> = {}): Message {
  return {
    id: 1,
    at: '2026-03-02T09:00:00.000Z',
    kind: 'slack',
    channel: '#ops',
    method: 'POST',
    path: '/slack/ops',
    headers: { host: 'localhost' },
    body: JSON.stringify(payload),
    payload,
    status: 200,
    answer: 'ok',
    ...more,
  };
}

/** Like fast-check's unit "binary", without its table of all characters, which takes most of a second to build. */
const anyCharacter = fc.nat(0x10f7ff).map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

const viewOf = (payload: unknown, more: Partial<Message> = {}) => viewMessage(received(payload, more), reader);
const build = (nodes: ViewNode[]): FakeNode[] => nodes.map((node) => buildNode(node, fakeDocument));
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const plain = (text: string) => ({ type: 'plain_text', text });

describe('a Slack message', () => {
  it('shows blocks, and says what the notification says', () => {
    const message = viewOf({
      text: '[FIRING] Disk <!channel>',
      blocks: [
        { type: 'header', text: plain(':fire: Disk') },
        {
          type: 'section',
          text: mrkdwn('*93 %*'),
          accessory: { type: 'button', text: plain('Open'), url: 'https://a.example/' },
        },
        { type: 'section', fields: [mrkdwn('*Severity*\ncritical')] },
        { type: 'divider' },
        {
          type: 'context',
          elements: [mrkdwn('prod'), { type: 'image', image_url: 'https://a.example/i.png', alt_text: 'graph' }],
        },
        {
          type: 'actions',
          elements: [{ type: 'button', text: plain('Silence'), style: 'danger' }, { type: 'datepicker' }],
        },
      ],
    });
    const elements = elementsIn(build(message.content));
    expect(elements.map(({ tag, className }) => `${tag} ${className}`.trim())).toEqual([
      'h4 heading',
      'div with-accessory',
      'div section',
      'div text',
      'strong',
      'a button',
      'div section',
      'div columns',
      'div field short',
      'strong',
      'hr',
      'div context',
      'span',
      'span',
      'span image',
      'a',
      'div context',
      'span button danger',
      'span button',
    ]);
    expect(plainText(message.content)).toBe('🔥 Disk93 %OpenSeverity\ncriticalprod🖼 graphSilencedatepicker ▾');
    expect(message.notes).toEqual(['The notification says: [FIRING] Disk @channel']);
    expect(message.perhaps).toEqual(['@channel']);
    expect(message.summary).toBe('[FIRING] Disk @channel');
  });

  it('reads entities in every text, and links bare addresses but in a verbatim one', () => {
    const { content } = viewOf({
      blocks: [
        { type: 'header', text: plain('R&amp;D: &lt;db&gt;') },
        { type: 'section', text: { ...mrkdwn(' https://a.example'), verbatim: true } },
        { type: 'section', text: mrkdwn(' https://b.example') },
      ],
    });
    const built = build(content);
    expect(textIn(built)).toBe('R&D: <db> https://a.example https://b.example');
    expect(elementsIn(built).flatMap(({ attributes }) => attributes.href ?? [])).toEqual(['https://b.example/']);
  });

  it('shows attachments: bar, title, fields, footer', () => {
    const message = viewOf({
      text: 'hello',
      attachments: [
        {
          color: 'danger',
          pretext: 'above',
          author_name: 'am',
          title: 'Disk &lt;db&gt;',
          title_link: 'https://a.example/',
          text: '*bold*',
          mrkdwn_in: ['text'],
          fields: [{ title: 'Severity', value: '*critical*', short: true }, { title: 'only a title' }],
          footer: 'by vm',
          ts: 1392734382,
        },
      ],
    });
    const built = build(message.content);
    const bar = elementsIn(built).find(({ className }) => className === 'attachment');
    expect(bar?.properties).toEqual({ '--bar': '#a30200' });
    expect(textIn(built)).toBe('helloaboveamDisk <db>boldSeverity*critical*only a titleby vm | Feb 18, 2014 14:39');
    expect(elementsIn(built).find(({ className }) => className === 'title')?.children).toMatchObject([
      { tag: 'a', attributes: { href: 'https://a.example/', rel: 'noopener noreferrer', target: '_blank' } },
    ]);
  });

  it('shows an attachment’s blocks instead of its fields, and its fallback where there is nothing else', () => {
    const message = viewOf({
      attachments: [
        { color: '#36a64f', text: 'legacy', blocks: [{ type: 'section', text: mrkdwn('block') }] },
        { fallback: 'only fallback' },
      ],
    });
    expect(plainText(message.content)).toBe('blockonly fallback');
  });

  it('shows rich text and tables', () => {
    const message = viewOf({
      blocks: [
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_section',
              elements: [
                { type: 'text', text: 'bold', style: { bold: true } },
                { type: 'user', user_id: 'U1' },
                { type: 'broadcast', range: 'here' },
                { type: 'emoji', name: 'fire' },
              ],
            },
            {
              type: 'rich_text_list',
              style: 'ordered',
              elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'one' }] }],
            },
          ],
        },
        { type: 'table', rows: [[{ type: 'raw_text', text: 'cell' }]] },
        { type: 'carousel', elements: [] },
      ],
    });
    expect(message.mentions).toEqual(['@U1', '@here']);
    expect(elementsIn(build(message.content)).map(({ tag }) => tag)).toEqual(
      expect.arrayContaining(['strong', 'ol', 'li', 'table', 'tbody', 'tr', 'td']),
    );
    expect(plainText(message.content)).toContain('carousel');
    expect(message.notes).toEqual(['Without text, notifications and screen readers have nothing to say.']);
  });

  it('tells whom it notifies, apart from whom it might', () => {
    const message = viewOf({
      text: '<@U1> <#C1|ops> <@U1>',
      attachments: [{ blocks: [{ type: 'section', text: mrkdwn('@here') }] }],
    });
    expect([message.mentions, message.perhaps]).toEqual([['@U1'], ['@here']]);
    expect(viewOf({ text: '@here', link_names: 1 }).mentions).toEqual(['@here']);
    expect(viewOf({ text: '@here' }).mentions).toEqual([]);
  });

  it('cuts text where Slack cuts it, and says so', () => {
    const message = viewOf({ text: `${'x'.repeat(40_000)}y` });
    expect(plainText(message.content)).toBe('x'.repeat(40_000));
    expect(message.notes).toEqual(['Slack cuts the text after 40,000 characters.']);
  });

  it('says what of the request Slack ignores', () => {
    expect(viewOf({ text: 'x', channel: '#noc', username: 'kuma' }).notes).toEqual([
      'Slack ignores channel “#noc”, username “kuma”: the webhook alone decides.',
    ]);
  });

  it('shows nothing of a refused message but why', () => {
    const refusal = {
      rule: 'no-text',
      says: 'A message needs text.',
      source: 'https://docs.slack.dev/',
      at: 'payload',
    };
    const message = viewOf({ text: 'unseen' }, { status: 400, answer: 'no_text', refusal });
    expect(message).toMatchObject({
      accepted: false,
      content: [],
      outcome: '400 no_text: A message needs text. (payload)',
      source: 'https://docs.slack.dev/',
    });
    expect(message.request).toContain('unseen');
  });

  it('says when a test demanded the answer', () => {
    expect(viewOf({}, { status: 'hang', answer: '', demanded: true })).toMatchObject({
      accepted: false,
      outcome: 'left without an answer, as a test demanded',
    });
  });
});

describe('a webhook’s message', () => {
  it('shows its text, then its JSON', () => {
    const message = viewOf(
      { text: 'Disk <b>full</b>', n: 1 },
      { kind: 'webhook', channel: '/webhook/a', status: 204, answer: '' },
    );
    expect(build(message.content)).toMatchObject([
      { tag: 'p', className: 'title', children: [{ text: 'Disk <b>full</b>' }] },
      { tag: 'pre', children: [{ text: '{\n  "text": "Disk <b>full</b>",\n  "n": 1\n}' }] },
    ]);
    expect(message.outcome).toBe('204');
  });

  it('shows other text as it is, and says when there is none', () => {
    const raw = (body: string) => viewOf(undefined, { kind: 'webhook', body, status: 204, answer: '' });
    expect(raw('a=b').content).toEqual([{ tag: 'pre', children: ['a=b'] }]);
    expect(raw('')).toMatchObject({ content: [], notes: ['The request has no body.'], summary: 'POST /slack/ops' });
  });

  it('shortens what is long', () => {
    const message = viewOf(undefined, { kind: 'webhook', body: 'x'.repeat(100_000), status: 204, answer: '' });
    expect(plainText(message.content).length).toBeLessThan(21_000);
    expect(message.request.length).toBeLessThan(21_000);
  });
});

describe('whatever the payload', () => {
  const nasty = fc.oneof(
    fc.constantFrom(
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      '</div>',
      '<!channel>',
      '<javascript:alert(1)|x>',
      '<https://a.example/"onmouseover="alert(1)|x>',
      'javascript:alert(1)',
      'data:text/html,<script>',
      '*_~`',
      'red;background:url(//a.example)',
    ),
    fc.string({ unit: anyCharacter, maxLength: 20 }),
  );
  const value: fc.Arbitrary<unknown> = fc.oneof(
    { weight: 6, arbitrary: nasty },
    fc.constantFrom(null, true, 7, [], {}),
  );
  const text = fc.oneof(fc.record({ type: fc.constantFrom('mrkdwn', 'plain_text'), text: value }), value);
  const element = fc.record(
    {
      type: fc.constantFrom('button', 'image', 'mrkdwn', 'overflow'),
      text: fc.oneof(text, value),
      url: value,
      style: value,
      image_url: value,
      alt_text: value,
    },
    { requiredKeys: ['type'] },
  );
  const leaf = fc.record(
    {
      type: fc.constantFrom('text', 'link', 'user', 'broadcast', 'date', 'emoji'),
      text: value,
      url: value,
      user_id: value,
      range: value,
      timestamp: value,
      format: value,
      name: value,
    },
    { requiredKeys: ['type'] },
  );
  const block = fc.oneof(
    fc.record(
      {
        type: fc.constantFrom('section', 'header'),
        text,
        fields: fc.array(text, { maxLength: 3 }),
        accessory: element,
      },
      { requiredKeys: ['type'] },
    ),
    fc.record({ type: fc.constantFrom('context', 'actions'), elements: fc.array(element, { maxLength: 3 }) }),
    fc.record({ type: fc.constant('image'), image_url: value, alt_text: value, title: text }),
    fc.record({
      type: fc.constant('rich_text'),
      elements: fc.array(
        fc.record({
          type: fc.constantFrom('rich_text_section', 'rich_text_list'),
          elements: fc.array(leaf, { maxLength: 3 }),
        }),
        { maxLength: 2 },
      ),
    }),
    fc.record({ type: value, text: value, rows: value, elements: value }),
  );
  const attachment = fc.record(
    {
      color: value,
      pretext: value,
      title: value,
      title_link: value,
      text: value,
      author_name: value,
      author_link: value,
      footer: value,
      ts: value,
      image_url: value,
      mrkdwn_in: fc.constant(['text', 'pretext']),
      fields: fc.array(fc.record({ title: value, value, short: value }), { maxLength: 2 }),
      blocks: fc.array(block, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  const payload = fc.record(
    {
      text: value,
      blocks: fc.array(block, { maxLength: 4 }),
      attachments: fc.array(attachment, { maxLength: 3 }),
      link_names: value,
      username: value,
    },
    { requiredKeys: [] },
  );

  it('no text of it becomes an element, an attribute’s name, a script or a foreign address', () => {
    fc.assert(
      fc.property(payload, fc.constantFrom('slack' as const, 'webhook' as const), (sent, kind) => {
        const { content } = viewOf(sent, { kind });
        expect(JSON.stringify(content)).not.toMatch(/(?<!\\)"link":"(?!https?:|mailto:)/);
        // Over the wire and back, as the page gets it.
        const built = build(JSON.parse(JSON.stringify(content)) as ViewNode[]);
        for (const { tag, className, attributes, properties } of elementsIn(built)) {
          expect(TAGS).toContain(tag);
          expect(['', ...STYLES]).toContain(className);
          for (const name of Object.keys(attributes))
            expect(['href', 'target', 'rel', 'title', 'datetime']).toContain(name);
          if (attributes.href !== undefined) expect(attributes.href).toMatch(/^(https?|mailto):/);
          for (const bar of Object.values(properties)) expect(bar).toMatch(/^#[0-9a-f]{6}$/i);
        }
        expect(textIn(built).toWellFormed()).toBe(plainText(content).toWellFormed());
      }),
      { numRuns: 500 },
    );
  });

  it('the page knows exactly the elements and looks that the server sends', () => {
    expect([...TAGS]).toEqual([...VIEW_TAGS]);
    expect([...STYLES]).toEqual([...VIEW_STYLES]);
  });

  it('the page makes nothing of an element, look or address that the server never sends', () => {
    const built = [
      buildNode({ tag: 'script' as 'p', children: ['alert(1)'] }, fakeDocument),
      buildNode(
        { tag: 'a', link: 'javascript:alert(1)', style: 'evil' as 'text', colour: 'red', children: ['x'] },
        fakeDocument,
      ),
    ];
    expect(built).toMatchObject([{ text: '' }, { tag: 'a', className: '', attributes: {}, properties: {} }]);
  });
});
