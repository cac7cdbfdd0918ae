import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatFault } from '@tocsin/core';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../src/config/load-config.ts';
import { readConfiguredTemplates } from '../src/templates/configured.ts';

// A template that can't be read keeps the host from starting, and says where, whichever way it is written.

function faultsOf(config: string, files: Record<string, string> = {}): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-words-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, config);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, 'words'), { recursive: true });
    writeFileSync(join(folder, 'words', name), text);
  }
  const { faults } = readConfiguredTemplates(
    loadConfig(file, { env: {}, readFile: (path) => readFileSync(path, 'utf8') }),
  );
  return faults.map((fault) => formatFault(fault).replaceAll(`${folder}/`, ''));
}

test('in the config, at the place in its own text', () => {
  expect(
    faultsOf(`version: 1
integrations: ["@tocsin/source-webhook", "@tocsin/target-slack"]
sources:
  - id: prod
    use: webhook
    key: a-key-that-is-long-enough
    templates:
      title: "{{upper payload.title}} {{uper payload.title}}"
      message: |
        {{#if payload.text}}It{{/if}}
        {{payload.text}}
        {{/if}}
      link: >-
        https://example.com/
        {{payload.id
      resolve: "it's \\"{{eq payload.state}}\\""
targets:
  - { id: ops, use: slack, settings: { webhookUrl: x }, templates: { layout: "Team A", message.slack: '{{> part}}' } }
routes:
  - to: [{ target: ops, templates: { title: "{{{{raw}}}}" } }]
`),
  ).toMatchInlineSnapshot(`
    [
      "tocsin.yaml:8:39: sources[0].templates.title: there is no helper uper; did you mean upper?",
      "tocsin.yaml:12:9: sources[0].templates.message: "{{/" can't stand here",
      "tocsin.yaml:15:19: sources[0].templates.link: a tag isn't closed, or has a character that can't stand there",
      "tocsin.yaml:16:16: sources[0].templates.resolve: eq is written {{eq left right}}; here it has 1 value",
      "tocsin.yaml:18:104: targets[0].templates["message.slack"]: partials ({{> …}}) are not supported",
      "tocsin.yaml:18:79: targets[0].templates.layout: a layout without the message; write \`{{message}}\` on a line of its own",
      "tocsin.yaml:20:53: routes[0].to[0].templates.title: the syntax breaks here",
    ]
  `);
});

test('in files of a folder, in the file', () => {
  const config = (templates: string) => `version: 1
integrations: ["@tocsin/source-webhook", "@tocsin/target-slack"]
sources: [{ id: prod, use: webhook, key: a-key-that-is-long-enough, templates: ${templates} }]
targets: [{ id: ops, use: slack, settings: { webhookUrl: x } }]
routes: [{ to: [ops] }]
`;
  const files = {
    'title.hbs': '{{payload.title}}',
    'message.slack.hbs': 'One\n  {{/if}}',
    'mesage.hbs': '',
    'layout.hbs': '{{message}}',
    'README.md': '',
    '.gitkeep': '',
  };
  expect(faultsOf(config('./words'), files)).toMatchInlineSnapshot(`
    [
      "words/README.md:1:1: is no template; there are: title.hbs, title.markdown.hbs, title.slack.hbs, title.html.hbs, title.telegram.hbs, title.teams.hbs, title.discord.hbs, title.text.hbs, title.sms.hbs, title.speech.hbs, message.hbs, message.markdown.hbs, message.slack.hbs, message.html.hbs, message.telegram.hbs, message.teams.hbs, message.discord.hbs, message.text.hbs, message.sms.hbs, message.speech.hbs, …",
      "words/layout.hbs:1:1: \`layout\` stands on a target or a \`to\` entry: it is put around what all sources say",
      "words/mesage.hbs:1:1: is no template, did you mean \`message.hbs\`?",
      "words/message.slack.hbs:2:3: "{{/" can't stand here",
    ]
  `);
  expect(faultsOf(config('./words'), { '.gitkeep': '' })).toMatchInlineSnapshot(`
    [
      "tocsin.yaml:3:80: sources[0].templates: the folder words is empty; write \`message.hbs\`, or remove the key",
    ]
  `);
  expect(faultsOf(config('./word'), files)).toMatchInlineSnapshot(`
    [
      "tocsin.yaml:3:80: sources[0].templates: the folder word can't be read; create it, or correct the path",
    ]
  `);
});
