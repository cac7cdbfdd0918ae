import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CheckResult,
  checkIntegration,
  mutateIntegration,
  type Rule,
  rules,
  updateIntegration,
} from '@tocsin/testkit';
import { afterAll, describe, expect, test } from 'vitest';

// Every rule is seen failing: on a copy of an integration that is broken in one way, that rule fails and no other.

const root = join(import.meta.dirname, '..', '..', '..');
const scratch = mkdtempSync(join(tmpdir(), 'tocsin-testkit-'));
mkdirSync(join(scratch, 'node_modules', '@tocsin'), { recursive: true });
symlinkSync(join(root, 'packages', 'core'), join(scratch, 'node_modules', '@tocsin', 'core'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let copies = 0;

/** A copy of an integration, with those of its examples that are wanted, in which `edit` may break something. */
function copyOf(path: string, edit: (folder: string) => void = () => {}, isWanted = (_name: string) => true): string {
  const folder = join(scratch, `${copies++}`, path.split('/').at(-1) as string);
  cpSync(join(root, 'integrations', path), folder, {
    recursive: true,
    filter: (source) => {
      const [, example] = /\/examples\/(.*)$/.exec(source.slice(root.length)) ?? [];
      return !/node_modules|dist|\.turbo/.test(source.slice(root.length)) && (!example || isWanted(example));
    },
  });
  edit(folder);
  return folder;
}

/** Replaces text in a file of a copy; fails if it isn't there. */
function replace(file: string, search: string | RegExp, replacement: string) {
  return (folder: string) => {
    const before = readFileSync(join(folder, file), 'utf8');
    const after = before.replace(search, replacement);
    if (after === before) throw new Error(`${file} holds no ${search}`);
    writeFileSync(join(folder, file), after);
  };
}

function write(file: string, text: string) {
  return (folder: string) => writeFileSync(join(folder, file), text);
}

function remove(file: string) {
  return (folder: string) => rmSync(join(folder, file));
}

/** Changes a JSON file of a copy. */
function edit(file: string, change: (value: Record<string, unknown>) => void) {
  return (folder: string) => {
    const value = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    change(value);
    writeFileSync(join(folder, file), JSON.stringify(value));
  };
}

/** One after the other. */
function all(...edits: ((folder: string) => void)[]) {
  return (folder: string) => {
    for (const change of edits) change(folder);
  };
}

/** Rewrites what is expected, so that the expected files agree with what is broken. */
async function agree(folder: string): Promise<void> {
  await updateIntegration(folder, { print: () => {}, environment: {} });
}

function failed(results: readonly CheckResult[]): CheckResult[] {
  return results.filter(({ ok }) => !ok);
}

interface Breakage {
  /** The rules that fail. */
  rules: [Rule, ...Rule[]];
  edit: (folder: string) => void;
  /** An example that it takes beside `firing` and `resolved`. */
  example?: string;
  /** Whether the expected files are rewritten after it. */
  agrees?: true;
  /** Where the first of the rules finds it, and what it says. */
  file: string;
  message: RegExp;
}

const source: Record<string, Breakage> = {
  'without a description': {
    rules: ['package'],
    edit: edit('package.json', (value) => delete value.description),
    file: 'package.json',
    message: /no description/,
  },
  'whose name is not its folder': {
    rules: ['package'],
    edit: replace('package.json', 'source-alertmanager', 'source-alertmanger'),
    file: 'package.json',
    message: /its folder is alertmanager and its id alertmanger/,
  },
  'made for another contract': {
    rules: ['package', 'definition'],
    edit: replace('package.json', '"contract": 1', '"contract": 99'),
    file: 'package.json',
    message: /lacks "tocsin": \{ "contract": 1 \}/,
  },
  'with a core of its own': {
    rules: ['package'],
    edit: replace('package.json', '"peerDependencies"', '"dependencies"'),
    file: 'package.json',
    message: /would bring a second one/,
  },
  'that ships no templates': {
    rules: ['package'],
    edit: replace('package.json', '"templates", ', ''),
    file: 'package.json',
    message: /files lack templates/,
  },
  'whose entry nobody finds': {
    rules: ['package'],
    edit: edit('package.json', ({ exports }) => {
      Object.assign(exports as object, { '.': { '@tocsin/source': './src/index.ts', default: './index.js' } });
    }),
    file: 'package.json',
    message: /no "\." whose default is \.\/dist\/index\.js/,
  },
  'whose package.json is hidden': {
    rules: ['package'],
    edit: replace('package.json', /,\s*"\.\/package\.json": "[^"]*"/, ''),
    file: 'package.json',
    message: /exports lack \.\/package\.json/,
  },
  'that leaves the pictures of its how-to at home': {
    rules: ['package'],
    edit: all(
      (folder) => mkdirSync(join(folder, 'howto')),
      write('howto/step-1.png', ''),
      replace('howto.html', '</ol>', '</ol><img alt="The form" src="howto/step-1.png">'),
    ),
    file: 'package.json',
    message: /files lack howto$/,
  },
  'with more boilerplate than it needs': {
    rules: ['package'],
    edit: replace('package.json', '"keywords"', `${'\n'.repeat(22)}"keywords"`),
    file: 'package.json',
    message: /has \d+ lines, and at most 22 are enough/,
  },
  'with a part whose name is mistyped': {
    rules: ['definition'],
    edit: replace('src/index.ts', 'startedAt:', 'startetAt:'),
    file: 'src/index.ts',
    message: /`startetAt` is no part of a source; is `startedAt` meant$/,
  },
  'with a part of another type': {
    rules: ['definition'],
    edit: replace('src/index.ts', /^ {2}payload,$/m, "  payload,\n  settings: { group: 'text' },"),
    file: 'src/index.ts',
    message: /`settings` is no schema of zod/,
  },
  'that is verified in a way that nobody knows': {
    rules: ['definition'],
    edit: replace('src/index.ts', /^ {2}payload,$/m, "  payload,\n  verify: { kind: 'ed25519' },"),
    file: 'src/index.ts',
    message: /`verify` is of the kind "ed25519", which this host does not know; there are key, basic, bearer, hmac/,
  },
  'whose signature has an option that there is not': {
    rules: ['definition'],
    edit: replace(
      'src/index.ts',
      /^ {2}payload,$/m,
      "  payload,\n  verify: { kind: 'hmac', header: 'x-a', hash: 'md5' },",
    ),
    file: 'src/index.ts',
    message: /`verify` Unrecognized key: "hash"/,
  },
  'whose topic is no setting': {
    rules: ['definition'],
    edit: replace('src/index.ts', /^ {2}payload,$/m, "  payload,\n  verify: { kind: 'sns', topic: 'topic' },"),
    file: 'src/index.ts',
    message: /`verify` names the setting topic, which is not among its `settings`/,
  },
  'that takes two hosts for one': {
    rules: ['identity'],
    edit: replace('src/index.ts', /fingerprint: \(.*$/m, 'fingerprint: ({ alert }) => alert.labels.alertname,'),
    agrees: true,
    file: 'examples/firing.json',
    message: /it is still DiskWillFillSoon/,
  },
  'that takes the status from around the alert': {
    rules: ['batch'],
    edit: replace('src/index.ts', /status: \(.*$/m, 'status: ({ payload }) => payload.status,'),
    agrees: true,
    file: 'examples/firing.json',
    message: /in alerts: .* is firing, critical/,
  },
  'that connects by itself': {
    rules: ['network'],
    edit: replace('src/index.ts', /^/, "import { connect } from 'node:net';\nexport const open = connect;\n"),
    file: 'src/index.ts',
    message: /src\/index\.ts uses node:net/,
  },
  'that connects behind a name': {
    rules: ['network'],
    edit: replace(
      'src/index.ts',
      'labels: ({ alert }) =>',
      "comment: () => {\n    try { globalThis[['fe', 'tch'].join('')]('https://example.com'); } catch {}\n  },\n  labels: ({ alert }) =>",
    ),
    file: 'src/index.ts',
    message: /`comment` calls fetch/,
  },
  'that depends on what connects': {
    rules: ['network'],
    edit: all(
      (folder) => mkdirSync(join(folder, 'node_modules', 'wire', 'lib'), { recursive: true }),
      write('node_modules/wire/package.json', '{"name":"wire","version":"1.0.0"}'),
      write('node_modules/wire/lib/wire.cjs', "const https = require('https');"),
      replace('package.json', '"peerDependencies"', '"dependencies": { "wire": "1.0.0" }, "peerDependencies"'),
    ),
    file: 'src/index.ts',
    message: /its dependency wire uses https \(lib\/wire\.cjs\)/,
  },
  'that depends on what is not there': {
    rules: ['network'],
    edit: replace('package.json', '"peerDependencies"', '"dependencies": { "wire": "1.0.0" }, "peerDependencies"'),
    file: 'src/index.ts',
    message: /its dependency wire is not installed/,
  },
  'without a function that is needed': {
    rules: ['definition'],
    edit: replace('src/index.ts', /^ {2}status: \(.*$/m, ''),
    file: 'src/index.ts',
    message: /`status` is missing/,
  },
  'whose vendor has no page': {
    rules: ['definition'],
    edit: replace('src/index.ts', /docs: '[^']*'/, "docs: 'see the manual'"),
    file: 'src/index.ts',
    message: /no https URL/,
  },
  'with a template of an unknown name': {
    rules: ['definition'],
    edit: write('templates/subject.hbs', 'x'),
    file: 'src/index.ts',
    message: /subject\.hbs is not a known template/,
  },
  'with a template that does not parse': {
    rules: ['definition'],
    edit: write('templates/title.hbs', '{{#if}}'),
    file: 'src/index.ts',
    message: /title\.hbs/,
  },
  'without the example resolved': {
    rules: ['examples'],
    edit: all(remove('examples/resolved.json'), remove('examples/resolved.expected.json')),
    file: 'examples',
    message: /resolved\.json is missing/,
  },
  'with an example without its expected file': {
    rules: ['examples'],
    edit: remove('examples/truncated.expected.json'),
    example: 'truncated',
    file: 'examples',
    message: /truncated\.expected\.json is missing/,
  },
  'with an expected file without its example': {
    rules: ['examples'],
    edit: remove('examples/truncated.json'),
    example: 'truncated',
    file: 'examples',
    message: /has no truncated\.json/,
  },
  'with an example from nowhere': {
    rules: ['origin'],
    edit: edit('examples/firing.expected.json', (value) => delete value.origin),
    file: 'examples/firing.expected.json',
    message: /it has no origin/,
  },
  'with a capture of no version': {
    rules: ['origin'],
    edit: replace('examples/firing.expected.json', /"version": "[^"]*",/, ''),
    file: 'examples/firing.expected.json',
    message: /origin\.version is missing/,
  },
  'with another severity than is expected': {
    rules: ['alerts'],
    edit: replace(
      'examples/firing.expected.json',
      '"severity": "critical",\n      "labels"',
      '"severity": "info",\n      "labels"',
    ),
    file: 'examples/firing.expected.json',
    message: /alerts\[0\]\.severity is "critical" and should be "info"/,
  },
  'with an example that is not JSON': {
    rules: ['alerts'],
    edit: write('examples/truncated.json', '{'),
    example: 'truncated',
    file: 'examples/truncated.json',
    message: /truncated\.json is not JSON/,
  },
  "with another vendor's example": {
    rules: ['alerts'],
    edit: write('examples/truncated.json', '{"incident": 1}'),
    example: 'truncated',
    file: 'examples/truncated.json',
    message: /not what Prometheus Alertmanager sends/,
  },
  'with other words than are expected': {
    rules: ['texts'],
    edit: replace('examples/resolved.expected.json', /"title": "[^"]*"/, '"title": "Disk"'),
    file: 'examples/resolved.expected.json',
    message: /texts\.markdown\.title is .* and should be "Disk"/,
  },
  'whose examples are of two things': {
    rules: ['pair'],
    edit: edit('examples/resolved.json', ({ alerts }) => {
      (alerts as { fingerprint: string }[])[0]!.fingerprint = '0000000000000000'; // as the example has it
    }),
    agrees: true,
    file: 'examples/resolved.json',
    message: /leaves open: .*DiskWillFillSoon/,
  },
  'that takes two members for one': {
    rules: ['replay'],
    edit: replace(
      'src/index.ts',
      /fingerprint: \(.*$/m,
      "fingerprint: ({ alert }) => `${alert.labels.cluster} ${alert.labels.instance ?? ''}`,",
    ),
    agrees: true,
    example: 'partly-resolved',
    file: 'examples/partly-resolved.json',
    message: /again: prod-eu/,
  },
  'with a template that no example needs': {
    rules: ['templates'],
    edit: write('templates/image.hbs', '{{payload.annotations.image}}'),
    file: 'templates/image.hbs',
    message: /no example shows/,
  },
  "with a medium's template that no example needs": {
    rules: ['templates'],
    edit: write('templates/link.slack.hbs', '{{payload.annotations.short}}'),
    file: 'templates/link.slack.hbs',
    message: /no example shows/,
  },
  'that comes to the point late': {
    rules: ['lead'],
    edit: replace(
      'templates/title.hbs',
      /^/,
      'Prometheus has evaluated its rules and found out something that nobody of us would have liked to find at this time. ',
    ),
    agrees: true,
    file: 'examples/firing.json',
    message: /in text the first 150 characters lack the object \(db-1\)/,
  },
  'that shows what is missing': {
    rules: ['rendering', 'target'],
    edit: replace('templates/message.hbs', /^/, 'Owner: undefined\n\n'),
    agrees: true,
    file: 'examples/firing.json',
    message: /the message shows "undefined"/,
  },
  'with a template that overruns': {
    rules: ['rendering', 'target'],
    edit: write(
      'templates/message.hbs',
      '{{group.status}}{{#if (eq group.status "firing")}}{{#each (entries alert.labels)}}{{#each (entries ../alert.labels)}}{{#each (entries ../../alert.labels)}}{{#each (entries ../../../alert.labels)}}{{#each (entries ../../../../alert.labels)}}{{#each (entries ../../../../../alert.labels)}}{{key}}{{/each}}{{/each}}{{/each}}{{/each}}{{/each}}{{/each}}{{/if}}',
    ),
    agrees: true,
    file: 'examples/firing.json',
    message: /more than \d+ (steps|characters)/,
  },
  'with a script in its how-to': {
    rules: ['howto'],
    edit: replace('howto.html', '<ol>', '<script>alert(1)</script><ol>'),
    file: 'howto.html',
    message: /takes out <script>/,
  },
  'with a handler in its how-to': {
    rules: ['howto'],
    edit: replace('howto.html', '<ol>', '<ol onclick="alert(1)">'),
    file: 'howto.html',
    message: /takes out onclick of <ol>/,
  },
  'with a link to nowhere in its how-to': {
    rules: ['howto'],
    edit: replace('howto.html', '</ol>', '</ol><a href="javascript:alert(1)">manual</a>'),
    file: 'howto.html',
    message: /the link "manual" leads nowhere/,
  },
  'with an empty link in its how-to': {
    rules: ['howto'],
    edit: replace('howto.html', '</ol>', '</ol><a href="https://example.com"> </a>'),
    file: 'howto.html',
    message: /a link has no text/,
  },
  'whose how-to has a name that nobody fills in': {
    rules: ['howto'],
    edit: replace('howto.html', '</ol>', '</ol><p>{{token}}</p>'),
    file: 'howto.html',
    message: /it shows \{\{/,
  },
  'with a picture that is not there': {
    rules: ['howto'],
    edit: replace('howto.html', '</ol>', '</ol><img alt="a" src="howto/a.png">'),
    file: 'howto.html',
    message: /howto\/a\.png is missing/,
  },
  'whose how-to lacks the address': {
    rules: ['howto'],
    edit: replace('howto.html', /\{\{url\}\}/g, 'https://example.com'),
    file: 'howto.html',
    message: /lacks \{\{url\}\}/,
  },
  'with a picture without words': {
    rules: ['howto'],
    edit: replace('howto.html', '</ol>', '</ol><img src="https://example.com/a.png">'),
    file: 'howto.html',
    message: /no alt text/,
  },
  'with a picture from elsewhere': {
    rules: ['howto'],
    edit: replace('howto.html', '</ol>', '</ol><img alt="a" src="https://example.com/a.png">'),
    file: 'howto.html',
    message: /not in the folder howto/,
  },
};

/** The part of a target that has the host sign. */
const signs = (secret: string) => `auth: { kind: 'standard-webhooks', secret: '${secret}' },\n  `;

const target: Record<string, Breakage> = {
  'without settings to try it with': {
    rules: ['examples'],
    edit: remove('examples/settings.json'),
    file: 'examples/settings.json',
    message: /is missing/,
  },
  'with settings that it does not take': {
    rules: ['examples'],
    edit: write('examples/settings.json', '{"webhook": "https://example.com"}'),
    file: 'examples/settings.json',
    message: /webhookUrl/,
  },
  'with a set of examples without settings': {
    rules: ['examples'],
    edit: remove('examples/app/settings.json'),
    file: 'examples/app/settings.json',
    message: /^examples\/app\/settings\.json is missing$/,
  },
  'with a request of other settings that is another than is expected': {
    rules: ['request'],
    edit: replace('examples/app/firing.expected.http', '#c92a2a', '#c92a2b'),
    file: 'examples/app/firing.expected.http',
    message: /- +"color": "#c92a2b",\n\+ +"color": "#c92a2a",/,
  },
  'that has nothing to press where it offers it': {
    rules: ['request'],
    edit: replace('src/standing.ts', '`${handle}.${number}`', 'String(number)'),
    agrees: true,
    file: 'examples/app/firing.expected.http',
    message: /nothing in it brings back the handle of what can be pressed/,
  },
  'that forgets an answer under other settings': {
    rules: ['answers'],
    edit: replace('src/api-words.ts', "  'internal_error',\n", ''),
    file: 'examples/app/answers.json',
    message: /internal_error is refused and should be retry/,
  },
  'with a request for nothing': {
    rules: ['examples'],
    edit: write('examples/escalated.expected.http', 'POST https://example.com\n'),
    file: 'examples/settings.json',
    message: /escalated\.expected\.http belongs to no standard notification/,
  },
  'with another request than is expected': {
    rules: ['request'],
    edit: replace('examples/resolved.expected.http', '#2b8a3e', '#2b8a3f'),
    file: 'examples/resolved.expected.http',
    message: /- +"color": "#2b8a3f",\n\+ +"color": "#2b8a3e",/,
  },
  'without a request that is expected': {
    rules: ['request'],
    edit: remove('examples/minimal.expected.http'),
    file: 'examples/minimal.expected.http',
    message: /it is missing/,
  },
  'that sends nothing': {
    rules: ['request', 'pure'],
    edit: replace('src/index.ts', 'answers.length > 0', 'answers.length >= 0'),
    file: 'examples/firing.expected.http',
    message: /sends nothing/,
  },
  'whose body is not the JSON that it says': {
    rules: ['request'],
    edit: replace('src/webhook.ts', /body: (JSON\.stringify\(.*\)),/, 'body: `${$1};`,'),
    agrees: true,
    file: 'examples/firing.expected.http',
    message: /the body is no JSON/,
  },
  'that shows an object': {
    rules: ['request'],
    edit: replace('src/message.ts', "'Open alert'", '`Open ${{}}`'),
    agrees: true,
    file: 'examples/firing.expected.http',
    message: /the body shows "\[object Object\]"/,
  },
  'that changes the notification': {
    rules: ['request', 'pure', 'ref'],
    edit: replace('src/message.ts', 'const summary', 'notification.group.firing++;\n  const summary'),
    file: 'examples/firing.expected.http',
    message: /read only property/,
  },
  'that counts its requests': {
    rules: ['pure', 'request'],
    edit: all(
      replace('src/message.ts', 'text: summary,', 'text: `${summary} ${count++}`,'),
      replace('src/message.ts', '/**', 'let count = 0;\n\n/**'),
    ),
    file: 'examples/firing.expected.http',
    message: /gives two requests/,
  },
  'that shows a label as it is': {
    rules: ['hostile'],
    edit: replace(
      'src/message.ts',
      'text: summary,',
      "text: `${summary} ${notification.alert.labels.alertname ?? ''}`,",
    ),
    agrees: true,
    file: 'src/index.ts',
    message: /firing: hostile text: the request lets a link or mention out/,
  },
  'that writes a label into a header': {
    rules: ['hostile', 'request'],
    edit: replace(
      'src/webhook.ts',
      "'content-type': ",
      "'x-alert': notification.alert.labels.alertname ?? '',\n            'content-type': ",
    ),
    agrees: true,
    file: 'src/index.ts',
    message: /the header "x-alert" holds what no header may/,
  },
  'whose address the payload chooses': {
    rules: ['hostile'],
    edit: replace('src/webhook.ts', 'url: webhookUrl,', 'url: notification.link ?? webhookUrl,'),
    agrees: true,
    file: 'src/index.ts',
    message: /the request goes to another address/,
  },
  'that does not say since when': {
    rules: ['lead'],
    edit: replace('src/message.ts', /^ {4}times,\n/m, ''),
    agrees: true,
    file: 'src/index.ts',
    message: /the request lacks since when/,
  },
  'that cuts a title again': {
    rules: ['limits'],
    edit: replace('src/message.ts', '${headline}: ${title}`', '${headline}: ${title}`.slice(0, 80)'),
    agrees: true,
    file: 'src/index.ts',
    message: /a title of \d+ fits, and its end does not arrive/,
  },
  'that signs in a way that nobody knows': {
    rules: ['definition'],
    edit: replace('src/index.ts', "mode: 'latest'", "auth: { kind: 'sigv4' },\n  mode: 'latest'"),
    file: 'src/index.ts',
    message: /`auth` is of the kind "sigv4", which this host does not know; there are standard-webhooks, basic/,
  },
  'that signs with what is no setting': {
    rules: ['definition'],
    edit: replace('src/index.ts', "mode: 'latest'", `${signs('key')}mode: 'latest'`),
    file: 'src/index.ts',
    message: /`auth` names the setting key, which is not among its `settings`/,
  },
  'that signs with what everybody sees': {
    rules: ['definition'],
    edit: all(
      replace('src/index.ts', "mode: 'latest'", `${signs('key')}mode: 'latest'`),
      replace(
        'src/settings.ts',
        'webhookUrl: ',
        'key: z.union([secretUrl(), z.array(z.string())]).optional(),\n    webhookUrl: ',
      ),
    ),
    file: 'src/index.ts',
    message: /`auth` names the setting key, which is no `secret\(\)`/,
  },
  'that logs in with a password that everybody sees': {
    rules: ['definition'],
    edit: all(
      replace(
        'src/index.ts',
        "mode: 'latest'",
        "auth: { kind: 'basic', user: 'login', password: 'word' },\n  mode: 'latest'",
      ),
      replace(
        'src/settings.ts',
        'webhookUrl: ',
        'login: z.string().optional(),\n    word: z.string().optional(),\n    webhookUrl: ',
      ),
    ),
    file: 'src/index.ts',
    message: /^`auth` names the setting word, which is no `secret\(\)`$/,
  },
  'that signs what has no id': {
    rules: ['request'],
    edit: replace('src/index.ts', "mode: 'latest'", `${signs('webhookUrl')}mode: 'latest'`),
    agrees: true,
    file: 'examples/firing.expected.http',
    message: /it is signed, and has no header webhook-id/,
  },
  'with a limit that is no number': {
    rules: ['definition'],
    edit: replace('src/index.ts', 'concurrency: 1,', "concurrency: 'one',"),
    file: 'src/index.ts',
    message: /`limits\.concurrency` is no whole number/,
  },
  'that tells in a medium that there is not': {
    rules: ['definition'],
    edit: replace('src/index.ts', "medium: 'slack'", "medium: 'pager'"),
    file: 'src/index.ts',
    message: /`medium` is no medium/,
  },
  'that takes every answer for a success': {
    rules: ['outcome'],
    edit: all(
      remove('examples/answers.json'),
      replace(
        'src/webhook.ts',
        'const word',
        "if (response.status > 0) return { outcome: 'delivered' };\n    const word",
      ),
    ),
    file: 'src/index.ts',
    message: /500 is not tried again; .*429 is not tried again; an answer 400 is not a refusal/,
  },
  'that forgets how long to wait': {
    rules: ['outcome'],
    edit: all(
      remove('examples/answers.json'),
      replace(
        'src/webhook.ts',
        "if (outcome.outcome !== 'delivered') return outcome;",
        "if (outcome.outcome === 'retry') return { outcome: 'retry', reason: word };\n    if (outcome.outcome !== 'delivered') return outcome;",
      ),
    ),
    file: 'src/index.ts',
    message: /Retry-After/,
  },
  "that gives up on what the vendor's page says to try again": {
    rules: ['answers'],
    edit: replace('examples/answers.json', '"outcome": "refused"', '"outcome": "retry"'),
    file: 'examples/answers.json',
    message: /invalid_payload is refused and should be retry/,
  },
  'that waits for another time than the page says': {
    rules: ['answers'],
    edit: replace('examples/answers.json', '"after": 30000', '"after": 1000'),
    file: 'examples/answers.json',
    message: /rate_limited is tried again after 30000 ms and should be after 1000 ms/,
  },
  'that gives no handle, or another than the page says': {
    rules: ['answers', 'ref'],
    edit: replace(
      'examples/answers.json',
      '"outcome": "delivered"',
      '"outcome": "delivered", "ref": "1768468980.0001"',
    ),
    file: 'examples/answers.json',
    message: /ok gives no handle and should give the handle 1768468980\.0001/,
  },
  'that forgets the handle that it was given': {
    rules: ['ref'],
    edit: all(
      replace('examples/answers.json', '"outcome": "delivered"', '"outcome": "delivered", "ref": "ok"'),
      replace('src/webhook.ts', "return { outcome: 'delivered' };", "return { outcome: 'delivered', ref: word };"),
    ),
    file: 'src/index.ts',
    message: /changes nothing that is told next/,
  },
  'with an answer from nowhere': {
    rules: ['answers'],
    edit: replace('examples/answers.json', /"url": "https[^"]*"/, '"url": "somewhere"'),
    file: 'examples/answers.json',
    message: /ok: origin\.url is no https URL/,
  },
  'with an answer of no status': {
    rules: ['answers'],
    edit: replace('examples/answers.json', '"status": 200', '"status": "ok"'),
    file: 'examples/answers.json',
    message: /\[0\]\.response\.status: /,
  },
};

const slack = join(root, 'integrations', 'targets', 'slack');

/** Of a source the examples that it must have; of a target all. */
const needed = /^(firing|resolved)\.|\.http$|^app$|^(app\/)?(settings|answers)\.json$/;

async function expectBroken(path: string, breakage: Breakage): Promise<void> {
  const { example } = breakage;
  const folder = copyOf(path, breakage.edit, (name) => needed.test(name) || name.split('.', 1)[0] === example);
  if (breakage.agrees) await agree(folder);
  const faults = failed(await checkIntegration(folder, { targets: [slack] }));
  expect([...new Set(faults.map(({ rule }) => rule))].sort()).toEqual(breakage.rules.toSorted());
  const [first] = breakage.rules;
  const found = faults.find(({ rule, file }) => rule === first && file === breakage.file);
  expect(found?.message).toMatch(breakage.message);
  expect(found?.remedy).toMatch(/\.$/);
}

describe('a source', () => {
  test('that is whole passes', async () => {
    expect(failed(await checkIntegration(copyOf('sources/alertmanager'), { targets: [slack] }))).toEqual([]);
  });

  test.each(Object.entries(source))('%s', (_, breakage) => expectBroken('sources/alertmanager', breakage));

  test('is put through the targets', async () => {
    const broken = copyOf('targets/slack', replace('src/message.ts', 'text: summary,', 'text: `${undefined}`,'));
    const source = copyOf('sources/alertmanager', undefined, (name) => needed.test(name));
    const faults = failed(await checkIntegration(source, { targets: [broken] }));
    expect(new Set(faults.map(({ rule }) => rule))).toEqual(new Set(['target']));
    expect(faults[0]?.message).toBe('slack: the body shows "undefined"');
  });
});

describe('a target', () => {
  test('that is whole passes', async () => {
    expect(failed(await checkIntegration(copyOf('targets/slack')))).toEqual([]);
  });

  test.each(Object.entries(target))('%s', (_, breakage) => expectBroken('targets/slack', breakage));
});

/** An alert with a label and a summary: what else there is would only be changed in all the same ways. */
const onlyNeeded = edit('examples/firing.json', (payload) => {
  const [{ status, startsAt, fingerprint, annotations }] = payload.alerts as [Record<string, { summary?: string }>]; // its schema's
  const labels = { alertname: 'DiskWillFillSoon' };
  payload.alerts = [{ status, labels, annotations: { summary: annotations?.summary }, startsAt, fingerprint }];
  payload.groupLabels = labels;
  payload.commonLabels = labels;
  payload.commonAnnotations = {};
});

describe('a changed payload', () => {
  test('is refused or told by a source that is whole', async () => {
    const results = await mutateIntegration(
      copyOf('sources/webhook', undefined, (name) => /^(nested|own-words)\./.test(name)),
    );
    expect(results).toMatchObject([
      { file: 'examples/nested.json', rule: 'mutation', ok: true },
      { file: 'examples/own-words.json', rule: 'mutation', ok: true },
    ]);
  });

  test.each<[string, (folder: string) => void, RegExp]>([
    [
      'is refused in the words of the machine',
      replace(
        'src/index.ts',
        'labels: ({ alert }) =>',
        'severity: ({ alert }) => alert.annotations.summary.trim(),\n  labels: ({ alert }) =>',
      ),
      /annotations missing: is refused with "Cannot read properties of undefined/,
    ],
    [
      'is refused without a place',
      replace('src/index.ts', /^ {2}payload,$/m, '  payload: z.union([payload, z.never()]),'),
      /groupLabels missing: is refused without saying where: "Invalid input"/,
    ],
    [
      'is told by nothing but white space',
      all(replace('templates/title.hbs', /^.*$/s, '{{payload.annotations.summary}}\u200b')),
      /summary empty: markdown: the title shows nothing/,
    ],
    [
      'overruns the template',
      replace('templates/message.hbs', /^/, '{{upper payload.annotations.summary}}'.repeat(6)),
      /summary of 100 kB prose: markdown: .*message\.hbs:1 can't be rendered: it wrote more than/,
    ],
  ])('%s', async (_, change, message) => {
    const [result] = await mutateIntegration(
      copyOf('sources/alertmanager', all(change, onlyNeeded), (name) => name.startsWith('firing.')),
    );
    expect(result).toMatchObject({ file: 'examples/firing.json', rule: 'mutation', ok: false });
    expect(result?.message).toMatch(message);
  });

  test('is looked for in JSON that stands in JSON', async () => {
    const change = replace('src/index.ts', 'Namespace: text, ', '');
    const [result] = await mutateIntegration(
      copyOf('sources/cloudwatch', change, (name) => name.startsWith('firing.')),
    );
    expect(result?.message).toMatch(
      /^Message\.Trigger\.Namespace as a list: markdown: the message shows "\[object Object\]"/,
    );
  });

  test('is nothing that a target reads', async () => {
    expect(await mutateIntegration(copyOf('targets/slack'))).toEqual([]);
  });
});

test('every rule was seen failing', () => {
  const seen = [...Object.values(source), ...Object.values(target)].map(({ rules: [first] }) => first);
  expect([...new Set([...seen, 'target', 'mutation'])].sort()).toEqual(Object.keys(rules).sort());
});

test('what holds is said too, and needs no remedy', async () => {
  const results = await checkIntegration(copyOf('targets/slack'));
  expect(results.length).toBeGreaterThan(15);
  expect(results.every(({ message, remedy }) => message !== '' && remedy === '')).toBe(true);
});

test('a check leaves the process as it was', async () => {
  const before = [globalThis.fetch, globalThis.setTimeout, net.connect];
  await checkIntegration(copyOf('targets/slack'));
  expect([globalThis.fetch, globalThis.setTimeout, net.connect]).toEqual(before);
});

test('a folder that is no integration is a result, not an accident', async () => {
  const results = failed(await checkIntegration(join(scratch, 'nothing')));
  expect(results.map(({ rule }) => rule)).toEqual(['package', 'definition']);
});

describe('updateIntegration', () => {
  test('rewrites what changed, prints the difference, and keeps origin and settings', async () => {
    const change = replace('templates/title.hbs', /^/, 'Job ');
    const folder = copyOf('sources/webhook', change, (name) => needed.test(name) || name.startsWith('own-words.'));
    const before = JSON.parse(readFileSync(join(folder, 'examples/own-words.expected.json'), 'utf8'));
    const printed: string[] = [];
    const changed = await updateIntegration(folder, { print: (text) => printed.push(text), environment: {} });
    expect(changed).toContain('examples/own-words.expected.json');
    expect(printed.join('\n')).toMatch(
      /- +"title": "Nightly backup of db-1 \(backup-2\)",\n\+ +"title": "Job Nightly backup of db-1 \(backup-2\)",/,
    );
    const after = JSON.parse(readFileSync(join(folder, 'examples/own-words.expected.json'), 'utf8'));
    expect([after.origin, after.settings, after.alerts]).toEqual([before.origin, before.settings, before.alerts]);
    expect(failed(await checkIntegration(folder))).toEqual([]);
    expect(await updateIntegration(folder, { print: () => {}, environment: {} })).toEqual([]);
  });

  test('writes the expected file of a new example, whose origin its author has to fill in', async () => {
    const addition = write('examples/new.json', '{"title":"Queue is full","status":"down"}');
    const folder = copyOf('sources/webhook', addition, (name) => needed.test(name));
    expect(await updateIntegration(folder, { print: () => {}, environment: {} })).toEqual([
      'examples/new.expected.json',
    ]);
    expect(failed(await checkIntegration(folder))).toMatchObject([
      { rule: 'origin', file: 'examples/new.expected.json', message: 'origin.date is no date like 2026-01-15' },
    ]);
  });

  test('refuses under CI, and writes nothing', async () => {
    const folder = copyOf('targets/slack', remove('examples/minimal.expected.http'));
    await expect(updateIntegration(folder, { print: () => {}, environment: { CI: 'true' } })).rejects.toThrow(
      /not rewritten under CI/,
    );
    expect(failed(await checkIntegration(folder))).toHaveLength(1);
  });
});
