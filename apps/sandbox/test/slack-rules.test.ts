import { afterAll, describe, expect, it } from 'vitest';
import { buildSandbox } from '../src/index.ts';
import type { Message } from '../src/message-log.ts';
import { slackRules } from '../src/slack/verdict.ts';

interface Sent {
  path?: string;
  contentType?: string;
  body?: string;
  message?: object;
}

const long = (length: number): string => 'x'.repeat(length);
const times = <Item>(count: number, item: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => item(index));
const plain = (text: unknown) => ({ type: 'plain_text', text });
const blocks = (...list: unknown[]): Sent => ({ message: { blocks: list } });
const section = (more: object): Sent => blocks({ type: 'section', ...more });
const button = (more: object = {}) => ({ type: 'button', text: plain('Open'), ...more });
const option = (more: object = {}) => ({ text: plain('1 hour'), value: '1h', ...more });
const select = (more: object = {}) => ({ type: 'static_select', options: [option()], ...more });
const dialog = { title: plain('Sure?'), text: plain('For everybody'), confirm: plain('Yes'), deny: plain('No') };
const actions = (...elements: unknown[]): Sent => blocks({ type: 'actions', elements });
const image = { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a graph' };
const at = (secret: string): Sent => ({ path: `/slack/services/T1/B1/${secret}`, message: { text: 'hello' } });
const good = at('secret');

/** For each rule a request that it refuses, and its nearest neighbour that passes. */
const cases: Record<string, { refused: Sent; passes: Sent }> = {
  'no-team': { refused: { path: '/slack/services', message: { text: 'hello' } }, passes: good },
  'no-service-id': { refused: { path: '/slack/services/T1', message: { text: 'hello' } }, passes: good },
  'invalid-token': { refused: { path: '/slack/services/T1/B1', message: { text: 'hello' } }, passes: good },
  'no-service': { refused: at('revoked'), passes: good },
  'no-active-hooks': { refused: at('no_active_hooks'), passes: good },
  'team-disabled': { refused: at('team_disabled'), passes: good },
  'action-prohibited': { refused: at('action_prohibited'), passes: good },
  'posting-to-general-channel-denied': { refused: at('posting_to_general_channel_denied'), passes: good },
  'channel-not-found': { refused: at('channel_not_found'), passes: good },
  'user-not-found': { refused: at('user_not_found'), passes: good },
  'channel-is-archived': { refused: at('channel_is_archived'), passes: good },

  'content-type': {
    refused: { contentType: 'text/plain', body: '{"text":"hello"}' },
    passes: { contentType: 'application/json; charset=utf-8', body: '{"text":"hello"}' },
  },
  'json-object': { refused: { body: '{"text":"hello",}' }, passes: { body: '{"text":"hello"}' } },
  'field-types': { refused: { message: { text: 7 } }, passes: { message: { text: '7' } } },
  'blocks-format': {
    refused: { message: { text: 'hello', blocks: '[]' } },
    passes: { message: { text: 'hello', blocks: [] } },
  },
  'too-many-attachments': {
    refused: { message: { attachments: times(101, () => ({ text: 'one' })) } },
    passes: { message: { attachments: times(100, () => ({ text: 'one' })) } },
  },
  'no-text': {
    refused: { message: { text: '', attachments: [{ color: 'good' }] } },
    passes: { message: { text: '', attachments: [{ fallback: 'hello' }] } },
  },

  'blocks-count': {
    refused: blocks(...times(51, () => ({ type: 'divider' }))),
    passes: blocks(...times(50, () => ({ type: 'divider' }))),
  },
  'block-type': { refused: blocks({ type: 'alert', text: plain('hello') }), passes: blocks({ type: 'divider' }) },
  'block-id-length': {
    refused: blocks({ type: 'divider', block_id: long(256) }),
    passes: blocks({ type: 'divider', block_id: long(255) }),
  },
  'block-id-unique': {
    refused: blocks({ type: 'divider', block_id: 'one' }, { type: 'divider', block_id: 'one' }),
    passes: blocks({ type: 'divider', block_id: 'one' }, { type: 'divider', block_id: 'two' }),
  },
  'section-content': { refused: section({ fields: [] }), passes: section({ fields: [plain('hello')] }) },
  'section-text-length': {
    refused: section({ text: plain(long(3001)) }),
    passes: section({ text: plain(long(3000)) }),
  },
  'section-fields-count': {
    refused: section({ fields: times(11, () => plain('one')) }),
    passes: section({ fields: times(10, () => plain('one')) }),
  },
  'section-field-length': {
    refused: section({ fields: [plain(long(2001))] }),
    passes: section({ fields: [plain(long(2000))] }),
  },
  'header-text': { refused: blocks({ type: 'header' }), passes: blocks({ type: 'header', text: plain('hello') }) },
  'header-text-length': {
    refused: blocks({ type: 'header', text: plain(long(151)) }),
    passes: blocks({ type: 'header', text: plain(long(150)) }),
  },
  'context-elements': {
    refused: blocks({ type: 'context', elements: times(11, () => plain('one')) }),
    passes: blocks({ type: 'context', elements: [...times(9, () => plain('one')), image] }),
  },
  'actions-elements': {
    refused: actions(...times(26, () => button())),
    passes: actions(...times(25, () => button())),
  },
  'action-id-unique': {
    refused: actions(button({ action_id: 'one' }), button({ action_id: 'one' })),
    passes: actions(button({ action_id: 'one' }), button({ action_id: 'two' })),
  },
  'image-alt-text': {
    refused: blocks({ ...image, alt_text: long(2001) }),
    passes: blocks({ ...image, alt_text: long(2000) }),
  },
  'image-source': {
    refused: blocks({ ...image, image_url: undefined }),
    passes: blocks({ ...image, image_url: undefined, slack_file: { id: 'F1' } }),
  },
  'image-title-length': {
    refused: blocks({ ...image, title: plain(long(2001)) }),
    passes: blocks({ ...image, title: plain(long(2000)) }),
  },
  'markdown-text': {
    refused: blocks({ type: 'markdown', text: long(12_001) }),
    passes: blocks({ type: 'markdown', text: long(12_000) }),
  },
  'element-type': { refused: actions({ type: 'lever' }), passes: actions({ type: 'datepicker' }) },
  'image-element': {
    refused: section({ text: plain('hello'), accessory: { ...image, alt_text: undefined } }),
    passes: section({ text: plain('hello'), accessory: image }),
  },
  'button-text': {
    refused: actions(button({ text: plain(long(76)) })),
    passes: actions(button({ text: plain(long(75)) })),
  },
  'action-id-length': {
    refused: actions(select({ action_id: long(256) })),
    passes: actions(button({ action_id: long(255) })),
  },
  confirm: {
    refused: actions(button({ confirm: { ...dialog, deny: undefined } })),
    passes: actions(button({ confirm: dialog })),
  },
  'select-options': {
    refused: actions(select({ options: times(101, (index) => option({ value: `${index}` })) })),
    passes: actions(select({ options: times(100, (index) => option({ value: `${index}` })) })),
  },
  'select-placeholder-length': {
    refused: actions(select({ placeholder: plain(long(151)) })),
    passes: actions(select({ placeholder: plain(long(150)) })),
  },
  'option-group': {
    refused: actions(select({ options: undefined, option_groups: [{ label: plain('Hours'), options: [] }] })),
    passes: actions(select({ options: undefined, option_groups: [{ label: plain('Hours'), options: [option()] }] })),
  },
  'overflow-options': {
    refused: actions({ type: 'overflow', options: times(6, () => option()) }),
    passes: actions({ type: 'overflow', options: times(5, () => option()) }),
  },
  'option-text': {
    refused: actions(select({ options: [option({ text: plain(long(76)) })] })),
    passes: actions(select({ options: [option({ text: plain(long(75)) })] })),
  },
  'option-value': {
    refused: actions(select({ options: [option({ value: long(151) })] })),
    passes: actions(select({ options: [option({ value: long(150) })] })),
  },
  'option-fields': {
    refused: actions(select({ options: [option({ type: 'option' })] })),
    passes: actions(select({ options: [option({ description: plain('until tomorrow') })] })),
  },
  'button-url-length': {
    refused: actions(button({ url: `https://example.com/${long(2981)}` })),
    passes: actions(button({ url: `https://example.com/${long(2980)}` })),
  },
  'button-value-length': {
    refused: actions(button({ value: long(2001) })),
    passes: actions(button({ value: long(2000) })),
  },
  'button-style': { refused: actions(button({ style: 'default' })), passes: actions(button({ style: 'danger' })) },
  'button-accessibility-label-length': {
    refused: actions(button({ accessibility_label: long(76) })),
    passes: actions(button({ accessibility_label: long(75) })),
  },
  'text-type': {
    refused: section({ text: { type: 'text', text: 'hello' } }),
    passes: section({ text: { type: 'mrkdwn', text: 'hello' } }),
  },
  'text-plain': {
    refused: blocks({ type: 'header', text: { type: 'mrkdwn', text: 'hello' } }),
    passes: blocks({ type: 'header', text: plain('hello') }),
  },
  'text-length': {
    refused: blocks({ type: 'context', elements: [plain('')] }),
    passes: blocks({ type: 'context', elements: [plain(long(3000))] }),
  },
  'text-flags': {
    refused: section({ text: { type: 'mrkdwn', text: 'hello', emoji: true } }),
    passes: section({ text: { type: 'mrkdwn', text: 'hello', verbatim: true } }),
  },
};

const app = buildSandbox();
afterAll(() => app.close());

async function send({ path = '/slack/services/T1/B1/secret', contentType = 'application/json', body, message }: Sent) {
  const payload = body ?? JSON.stringify(message);
  const answer = await app.inject({ method: 'POST', url: path, headers: { 'content-type': contentType }, payload });
  const stored = (await app.inject('/messages')).json<Message[]>().at(-1);
  return { status: answer.statusCode, text: answer.body, rule: stored?.refusal?.rule };
}

describe('the rules of Slack’s incoming webhooks', () => {
  it('has a refused request for each rule, and no request without a rule', () => {
    expect(Object.keys(cases).sort()).toEqual(slackRules.map(({ name }) => name).sort());
  });

  it.each(slackRules)('$name: $says', async ({ name, error, status, source }) => {
    expect(new URL(source).host).toBe('docs.slack.dev');
    const { refused, passes } = cases[name]!;
    expect(await send(refused)).toEqual({ status, text: error, rule: name });
    expect(await send(passes)).toEqual({ status: 200, text: 'ok', rule: undefined });
  });

  it('says invalid_attachments where the block lies in an attachment', async () => {
    const { message } = blocks({ type: 'header', text: plain(long(151)) });
    expect(await send({ message: { attachments: [message] } })).toEqual({
      status: 400,
      text: 'invalid_attachments',
      rule: 'header-text-length',
    });
  });

  it('refuses a block of actions without any', async () => {
    expect(await send(actions())).toMatchObject({ text: 'invalid_blocks', rule: 'actions-elements' });
  });

  it('says where a rule was broken', async () => {
    await send(blocks({ type: 'divider' }, { type: 'section', fields: [plain('one'), plain('')] }));
    const stored = (await app.inject('/messages')).json<Message[]>().at(-1);
    expect(stored?.refusal?.at).toBe('blocks[1].fields[1]');
  });
});
