import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  formatFault,
  renderNotification,
  standardNotifications,
  standardNow,
  standardTemplates,
  type TargetIntegration,
  TocsinError,
} from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parse } from 'yaml';
import { convertKeptn } from '../src/cli/import/keptn.ts';
import { shellWords } from '../src/cli/import/shell-words.ts';
import { printedBy } from './support/host-here.ts';

// What becomes of Keptn's webhooks; its shapes with values of our own. Nothing of it is run.

const beta = `apiVersion: webhookconfig.keptn.sh/v1beta1
kind: WebhookConfig
metadata:
  name: webhook-configuration
spec:
  webhooks:
    - type: sh.keptn.event.evaluation.finished
      subscriptionID: 4f1c
      envFrom:
        - name: secret_harbourchat_hookid
          secretRef: { name: harbour-chat, key: hook.id }
      requests:
        - url: https://chat.example.com/hooks/T1/B2/{{.env.secret_harbourchat_hookid}}
          method: POST
          headers:
            - { key: Content-Type, value: application/json }
            - { key: X-Trace, value: "harbour: {{.env.secret_harbourchat_hookid}}" }
          payload: |
            {
              "text": "Evaluation in {{.data.stage}} finished with result {{.data.evaluation.result}} and score {{.data.evaluation.score}}."
            }
`;

const filters = JSON.stringify([
  {
    id: '4f1c',
    event: 'sh.keptn.event.evaluation.finished',
    filter: { projects: ['harbour'], stages: ['canary', 'live.eu'], services: [] },
  },
]);

const event = {
  specversion: '1.0',
  id: 'e-17',
  source: 'lighthouse-service',
  type: 'sh.keptn.event.evaluation.finished',
  shkeptncontext: 'c-99',
  data: { project: 'harbour', stage: 'canary', service: 'crane', evaluation: { result: 'warning', score: 71.25 } },
};

interface Fragment {
  targets: { id: string; use: string; settings: Record<string, unknown>; proxy?: string }[];
  channels: { id: string; match: string[]; subscriptions: { name: string; target: string; events: string[] }[] }[];
}

function imported(text: string, subscriptions?: string) {
  const given = subscriptions === undefined ? undefined : { file: 'subscriptions.json', text: subscriptions };
  const { text: yaml, warnings } = convertKeptn('webhook.yaml', text, given);
  const fragment: Fragment = parse(yaml);
  return { ...fragment, warnings: warnings.map(formatFault) };
}

/** A file with one request of this kind. */
function alpha(request: string, more = ''): string {
  return `apiVersion: webhookconfig.keptn.sh/v1alpha1
kind: WebhookConfig
spec:
  webhooks:
    - type: sh.keptn.event.deployment.finished
${more}      requests:
        - ${JSON.stringify(request)}
`;
}

function refusalOf(text: string, subscriptions?: string): string {
  try {
    imported(text, subscriptions);
    return '';
  } catch (error) {
    if (error instanceof TocsinError) return error.toText();
    throw error;
  }
}

/** What such a target sends of an event that came through the source `keptn`. */
async function sentOf(settings: object): Promise<string | undefined> {
  const webhook = (await loadIntegration(
    join(import.meta.dirname, '../../../integrations/targets/webhook'),
  )) as TargetIntegration;
  const { firing } = standardNotifications;
  const alert = { ...firing.alert, data: event };
  const medium = { medium: 'text', limits: {} } as const;
  const notification = renderNotification({ ...firing, alert, alerts: [alert] }, standardTemplates, medium, {
    now: standardNow,
  });
  return webhook.definition.request(notification, webhook.definition.settings.parse(settings), [])?.body;
}

test('seed-K7 a webhook of v1beta1 becomes a target and a channel', async () => {
  const { targets, channels, warnings } = imported(beta, filters);
  expect(warnings).toEqual([]);
  expect(targets).toEqual([
    {
      id: 'keptn-evaluation-finished',
      use: 'webhook',
      settings: {
        url: 'https://chat.example.com/hooks/T1/B2/${secret:harbour-chat/hook.id}',
        headers: { 'X-Trace': 'harbour: ${secret:harbour-chat/hook.id}' },
        payload: expect.any(String),
      },
    },
  ]);
  expect(channels).toEqual([
    {
      id: 'keptn-evaluation-finished',
      match: ['task="evaluation"', 'suffix="finished"', 'project="harbour"', 'stage=~"canary|live\\\\.eu"'],
      subscriptions: [
        { name: '4f1c', target: 'keptn-evaluation-finished', events: ['firing', 'updated', 'resolved', 'notice'] },
      ],
    },
  ]);
  expect(await sentOf(targets[0]?.settings ?? {})).toBe(`{
  "text": "Evaluation in canary finished with result warning and score 71.25."
}
`);
});

test('seed-K7 a curl command of v1alpha1 becomes the same', async () => {
  const request = `curl --header 'Content-Type: application/json' -H "X-Trace: a:b {{ .env.token }}" --request PUT --fail-with-body -sS --data '{"text": "{{.data.stage}}: it'\\''s {{.data.evaluation.score}}", "n": {{.data.evaluation.score}}}' --proxy http://proxy.example.com:3128 https://chat.example.com/a?b=c&d={{.env.token}}`;
  const more = '      envFrom: [{ name: token, secretRef: { name: chat, key: token } }]\n';
  const { targets, warnings } = imported(alpha(request, more));
  expect(warnings).toEqual([]);
  const [target] = targets;
  expect(target).toEqual({
    id: 'keptn-deployment-finished',
    use: 'webhook',
    settings: {
      method: 'PUT',
      url: 'https://chat.example.com/a?b=c&d=${secret:chat/token}',
      headers: { 'X-Trace': 'a:b ${secret:chat/token}' },
      payload: `{"text": "{{.data.stage}}: it's {{.data.evaluation.score}}", "n": {{.data.evaluation.score}}}`,
    },
    proxy: 'http://proxy.example.com:3128',
  });
  expect(JSON.parse((await sentOf(target?.settings ?? {})) ?? '')).toEqual({ text: "canary: it's 71.25", n: 71.25 });
});

describe('seed-K10 secrets', () => {
  test('whose names are alike stay two', () => {
    const more = `      envFrom:
        - { name: first, secretRef: { name: a-b.c, key: k } }
        - { name: second, secretRef: { name: ab.c, key: k } }
`;
    const { targets } = imported(alpha('curl https://a.example.com/{{.env.first}}/{{.env.second}}', more));
    expect(targets[0]?.settings.url).toBe('https://a.example.com/${secret:a-b.c/k}/${secret:ab.c/k}');
  });

  test('are references wherever they stand, as often as they do, and nothing else becomes one', () => {
    const { targets, warnings } = imported(
      alpha(
        `curl -d '{"a": "{{.secret.chat.key.one}}{{- .secret.chat.k -}}", "b": "\${HOME} $5 \${{.data.stage}}", "c": "{{\`{{.secret.x.y}}\`}}"}' -H 'Content-Type: application/json' https://a.example.com`,
      ),
    );
    expect(targets[0]?.settings.payload).toBe(
      '{"a": "${secret:chat/key.one}${secret:chat/k}", "b": "$${HOME} $5 $${{.data.stage}}", "c": "{{`{{.secret.x.y}}`}}"}',
    );
    expect(warnings).toEqual([]);
  });

  test('that are two by one name, or none, are named', () => {
    const more = `      envFrom:
        - { name: secret_ab_c, secretRef: { name: a-b, key: c } }
        - { name: secret_ab_c, secretRef: { name: ab, key: c } }
`;
    const { warnings } = imported(alpha('curl https://a.example.com/{{.env.secret_ab_c}}/{{.env.other}}', more));
    expect(warnings).toEqual([
      'webhook.yaml:8:11: spec.webhooks[0].envFrom[1]: secret_ab_c is both a-b/c and ab/c; the last is taken, as Keptn does',
      'webhook.yaml:10:11: spec.webhooks[0].requests[0]: not carried over: {{.env.other}}: `envFrom` has no such name; it has secret_ab_c',
      'webhook.yaml:10:11: spec.webhooks[0].requests[0]: not carried over: {{.env.other}} in the address: only the payload is a template',
    ]);
  });
});

describe('what can’t be carried over is said, with its line', () => {
  test.each([
    ['-o /tmp/x', '--output /tmp/x: answers are kept'],
    ['--output=/tmp/x', '--output /tmp/x: answers are kept'],
    ['--form a=b', '--form a=b: write the body'],
    ['-T file', '--upload-file file: write the body'],
    ['-Kfile', '--config file: what is in that file'],
    ['-sLk', '--location: redirects are not followed'],
    ['-u ann:x', '--user ann:x: write the header'],
    ['-d @/etc/passwd', '--data @/etc/passwd: a body in a file'],
    ['--haedr x', '--haedr: not an option that is known here'],
    ['-m 5', '--max-time 5: times are those'],
    ['http://localhost:8080', 'http://localhost:8080: a second address'],
    ["-H 'X-A: {{.data.stage}}'", '{{.data.stage}} in the header X-A: only the payload is a template'],
    ["-H 'X-A;'", 'the header "X-A;": a header needs a name and a value'],
    ["-H 'X-A: 1' -H 'x-a: 2'", 'the header x-a stands there twice'],
    ['-X POST', 'it has no payload'],
    ["-X GET -d 'a'", 'GET has no body here'],
    ["-d '{}'", 'no header Content-Type'],
    ["-H 'unclosed", "a ' is not closed"],
  ])('seed-K17 %s', (option, said) => {
    const { warnings } = imported(alpha(`curl https://a.example.com ${option}`));
    expect(warnings.join('\n')).toContain(`webhook.yaml:7:11: spec.webhooks[0].requests[0]: not carried over: ${said}`);
  });

  test('also what is no curl, and keys that nobody knows', () => {
    expect(imported(alpha('wget https://a.example.com')).warnings.join()).toContain('wget is not curl');
    const odd = beta.replace('          method: POST', '          metod: POST').replace('kind:', 'knid:');
    expect(imported(odd).warnings).toEqual([
      'webhook.yaml:2:7: knid: not carried over: a key that is not known here',
      'webhook.yaml:14:18: spec.webhooks[0].requests[0].metod: not carried over: a key that is not known here',
    ]);
  });

  test('seed-K13 seed-K15 that Keptn is told nothing, and that requests go out side by side', () => {
    const text = `apiVersion: webhookconfig.keptn.sh/v1alpha1
spec:
  webhooks:
    - type: sh.keptn.event.deployment.triggered
      sendFinished: true
      requests: [curl https://a.example.com, curl https://b.example.com]
`;
    const { targets, channels, warnings } = imported(text);
    expect(warnings).toEqual([
      'webhook.yaml:6:17: spec.webhooks[0].requests: they were sent in turn, until one failed; here each is sent whatever becomes of the others',
      'webhook.yaml:4:7: spec.webhooks[0]: Keptn was sent started and finished events, and a task waits for them; nothing is sent to Keptn here',
    ]);
    expect(targets.map(({ id, settings }) => [id, settings])).toEqual([
      ['keptn-deployment-triggered', { method: 'GET', url: 'https://a.example.com' }],
      ['keptn-deployment-triggered-2', { method: 'GET', url: 'https://b.example.com' }],
    ]);
    expect(channels[0]?.subscriptions.map(({ name, target }) => [name, target])).toEqual([
      ['keptn-deployment-triggered', 'keptn-deployment-triggered'],
      ['keptn-deployment-triggered 2', 'keptn-deployment-triggered-2'],
    ]);
  });

  test('a webhook that nobody subscribed to', () => {
    expect(imported(beta, '[]').warnings).toEqual([
      'webhook.yaml:8:23: spec.webhooks[0].subscriptionID: no subscription has the id 4f1c; its channel has no filter',
    ]);
  });
});

test.each([
  ['sh.keptn.event.evaluation.>', ['task="evaluation"']],
  ['sh.keptn.event.my-task.status.changed', ['task="my-task"', 'suffix="status.changed"']],
  ['sh.keptn.event.live.delivery.finished', ['stage="live"', 'sequence="delivery"', 'suffix="finished"']],
  ['sh.keptn.event.project.create.finished', ['task="project.create"', 'suffix="finished"']],
  ['sh.keptn.event.>', ['type=~"sh\\\\.keptn\\\\.event\\\\..+"']],
  ['sh.keptn.log.error', ['type="sh.keptn.log.error"']],
])('seed-K3 a subscription to %s matches these labels', (type, match) => {
  const text = alpha('curl https://a.example.com').replace('sh.keptn.event.deployment.finished', JSON.stringify(type));
  expect(imported(text).channels[0]?.match).toEqual(match);
});

describe('a file that can’t be read', () => {
  test.each([
    ['spec:\n  webhooks:\n   - a: "b', 'webhook.yaml:3:'],
    ['- a', 'webhook.yaml:1:1: this is no map of keys'],
    ['', 'webhook.yaml:1:1: this is no map of keys'],
    [beta.replace('v1beta1', 'v1'), 'webhook.yaml:1:13: apiVersion: must be webhookconfig.keptn.sh/v1alpha1 or'],
    [
      beta.replace('          secretRef: {', '          secretRof: {'),
      'webhook.yaml:10:11: spec.webhooks[0].envFrom[0].secretRef',
    ],
    [beta.replace(/requests:.*$/s, 'requests: []'), 'webhook.yaml:12:17: spec.webhooks[0].requests: is empty'],
  ])('is refused at its place: %#', (text, place) => {
    expect(refusalOf(text)).toContain(place);
  });

  test('may be that of the subscriptions', () => {
    expect(refusalOf(beta, '{"id": "4f1c",')).toContain('subscriptions.json:1:');
    expect(refusalOf(beta, '{"id": 1}')).toContain('subscriptions.json:1:1: must be subscriptions as Keptn has them');
  });
});

test.each([
  [`a "b c" 'd e' f\\ g`, ['a', 'b c', 'd e', 'f g']],
  [`--data '{"a": "it'\\''s"}'`, ['--data', `{"a": "it's"}`]],
  [`"a\\"b\\\\c\\d" ""`, ['a"b\\c\\d', '']],
  ['a \\\n  b', ['a', 'b']],
  [`"{{index .data "a b"}}" x{{ .data.c }}y`, ['{{index .data "a b"}}', 'x{{ .data.c }}y']],
  ['$(rm) `x` | ; > &', ['$(rm)', '`x`', '|', ';', '>', '&']],
])('a command is cut at its words and no more: %s', (command, words) => {
  expect(shellWords(command)).toEqual(words);
});

test('seed-K7 the command prints the part of a configuration, and what it lacks beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-import-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
    process.exitCode = 0;
  });
  const [file, subscriptions] = [join(folder, 'webhook.yaml'), join(folder, 'subscriptions.json')];
  writeFileSync(file, beta);
  writeFileSync(subscriptions, filters);
  const errors = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const whole = await printedBy(['import', 'keptn', file, '--subscriptions', subscriptions], '');
  expect(parse(whole)).toHaveProperty('targets[0].settings.url');
  expect(errors).not.toHaveBeenCalled();
  expect(process.exitCode ?? 0).toBe(0);
  writeFileSync(file, beta.replace('method: POST', 'options: "-L"'));
  await printedBy(['import', 'keptn', file], '');
  expect(errors.mock.calls.join('')).toMatch(
    /^warning: .*webhook\.yaml:13:11: .*--location.*\n.*note: without --subscriptions/s,
  );
  expect(process.exitCode).toBe(1);
  errors.mockRestore();
});
