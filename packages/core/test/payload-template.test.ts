import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { TocsinError } from '../src/errors.ts';
import { payloadBody, payloadFault, payloadTemplate } from '../src/payload-template.ts';
import { renderNotification } from '../src/render.ts';
import { standardNotifications, standardNow, standardTemplates } from '../src/standard.ts';
import { anyCharacter } from './media-samples.ts';

/** What a template makes of an alert whose payload this is. */
function bodyOf(source: string, payload: unknown, contentType = 'application/json'): string {
  const { firing } = standardNotifications;
  const alert = { ...firing.alert, data: payload };
  const input = { ...firing, alert, alerts: [alert] };
  const target = { medium: 'text', limits: {} } as const;
  const notification = renderNotification(input, standardTemplates, target, { now: standardNow });
  return payloadBody(source, notification, contentType);
}

const event = {
  type: 'sh.keptn.event.evaluation.finished',
  data: {
    stage: 'staging',
    nothing: null,
    evaluation: { result: 'warning', score: 81.5 },
    labels: { 'build-id': '7.2', zero: 0 },
    list: [{ name: 'a' }, { name: 'b' }],
    matrix: [['x'], ['y', 'z']],
  },
};

function faultsOf(source: string): unknown[] {
  const { error } = payloadTemplate().safeParse(source);
  return (error?.issues ?? []).map(({ message, ...issue }) => [message, 'params' in issue ? issue.params : undefined]);
}

describe('seed-K8 templates as Keptn has them', () => {
  it.each([
    ['{{.data.stage}} {{ .data.evaluation.score }}', 'staging 81.5'],
    ['{{.type}} of {{payload.data.stage}}', 'sh.keptn.event.evaluation.finished of staging'],
    ['{{if .data.evaluation}}yes{{else}}no{{end}}{{if .data.missing}}yes{{else}}no{{end}}', 'yesno'],
    ['{{if eq .data.stage "dev"}}a{{else if eq .data.stage "staging"}}b{{else}}c{{end}}', 'b'],
    ['{{if and .data.stage (not .data.labels.zero)}}both{{end}}', 'both'],
    ['{{if ge .data.evaluation.score 81}}good{{end}}{{if le .data.evaluation.score 81}}bad{{end}}', 'good'],
    ['{{index .data.list 0 "name"}}{{index .data.matrix 1 1}}{{index .data.labels "build-id"}}', 'az7.2'],
    ['{{index (index .data.matrix 1) 0}} {{len .data.list}}', 'y 2'],
    [
      '{{range .data.list}}{{.name}} of {{$.data.stage}} at {{group.id}};{{end}}',
      'a of staging at g-1f3a;b of staging at g-1f3a;',
    ],
    ['{{range .data.matrix}}{{range .}}{{.}},{{else}}none{{end}}{{end}}', 'x,y,z,'],
    ['{{range .data.none}}a{{else}}{{.data.stage}}{{end}}', 'staging'],
    [
      '{{with .data.evaluation}}{{.result}}{{end}}{{with .data.none}}a{{else}}{{.type}}{{end}}',
      'warningsh.keptn.event.evaluation.finished',
    ],
    ['{{/* a comment */}}a {{- " b" -}} c{{! another }}', 'a bc'],
    ['{{.data.labels.build-id}}', '7.2'],
    ['[{{.data.nothing}}]', '[]'],
  ])('%s', (source, expected) => {
    expect(bodyOf(source, event, 'text/plain')).toBe(expected);
  });

  it('beside those of our own', () => {
    const source =
      '{{#if .data.stage}}{{upper .data.stage}}{{/if}} {{alert.labels.host}} {{#each .data.list}}{{name}}{{.name}}{{/each}}';
    expect(bodyOf(source, event, 'text/plain')).toBe('STAGING db-1 aabb');
    expect(bodyOf('{{title}}|{{comment}}|{{headline}}', event, 'text/plain')).toBe('DiskFull||Firing · critical');
  });
});

describe('what a template names and the alert lacks', () => {
  it.each([
    ['{"a": "{{.data.stagee}}"}', 'payload.data.stagee is missing'],
    ['{"a": "{{.data.stage}}", "b":\n {{alert.labels.nobody}}}', 'alert.labels.nobody is missing'],
    ['{{index .data.list 5}}', 'lookup payload.data.list 5 is missing'],
    ['{"a": "{{#each .data.list}}{{.nam}}{{/each}}"}', 'nam is missing'],
  ])('seed-K8 fails, with its path: %s', (source, expected) => {
    expect(() => bodyOf(source, event)).toThrow(expected);
  });

  it('is said with line and column', () => {
    const source = '{\n  "a": "{{.data.stage}}", "b": "é {{ .data.nobody }}"\n}';
    const faults = [{ file: 'payload', line: 2, column: 38 }];
    expect(() => bodyOf(source, event)).toThrow(
      expect.objectContaining({ code: 'template', faults: [expect.objectContaining(faults[0])] }),
    );
  });
});

describe('the template’s own text', () => {
  const text = fc.string({
    unit: fc.oneof(anyCharacter, fc.constantFrom('\\', '"', '\n', ' ', '{', '}', '~', '$', "'")),
  });

  it('arrives byte for byte', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 5 }), (texts) => {
        const own = texts.map((part) => part.replace(/{(?={)/g, '{ ').replace(/\{$/, ''));
        const source = own.join('{{.x}}');
        expect(bodyOf(source, { x: 'é' }, 'text/plain')).toBe(own.join('é'));
      }),
      { examples: [[['C:\\', '\\\n  ', '\n']], [['{"a":', '}']]] },
    );
  });

  it('is none of the template’s in quotes, either', () => {
    expect(bodyOf('{{default .x ".data.stage }} {{end}}"}}{{`{{.x}}`}}{{"{{"}}', { x: '' }, 'text/plain')).toBe(
      '.data.stage }} {{end}}{{.x}}{{',
    );
  });
});

describe('seed-K17 any character of an alert', () => {
  const seed = [
    '; | > $ \' " ` & && $( /var/run',
    'https://env/#problems/problemdetails;gf=all;pid=1',
    "it's\nbroken",
    '</script>',
    '\u2028\u2029',
    "' http://localhost:8080 '",
    '${env:HOME}',
    '{{.data.x}}',
    '<https://example.com|Open problem>',
  ];

  it('is nothing but that character inside of JSON, wherever it stands', () => {
    const source =
      '{"{{.x}} key": "{{.x}}", "b": [{{.x}}, "a{{.x}}b\\\\{{.x}}", {{json .x}}], "c": {"d": "{{trim .x}}{{.n}}"}}';
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (x) => {
        const body = JSON.parse(bodyOf(source, { x, n: 1 }));
        expect(body).toEqual({ [`${x} key`]: x, b: [x, `a${x}b\\${x}`, x], c: { d: `${x.trim()}1` } });
      }),
      { examples: seed.map((x) => [x]) },
    );
  });

  it('outside of quotes any value is its JSON', () => {
    fc.assert(
      fc.property(
        fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__')),
        (x) => {
          expect(JSON.parse(bodyOf('{"x": {{.x}}}', { x }))).toEqual({ x: JSON.parse(JSON.stringify(x)) });
        },
      ),
    );
  });
});

test('a body that is no JSON is refused without a word of the alert', () => {
  const source = '{{#if .x}}{"a": 1{{else}}{}{{/if}}';
  expect(() => bodyOf(source, { x: 'hidden' })).toThrow(/^payload:1 can't be rendered: it gives no JSON$/);
  expect(bodyOf(source, { x: '' })).toBe('{}');
});

describe('a setting', () => {
  it.each([
    ['{"a": "{{.data.x"}', "a tag isn't closed, or has a character that can't stand there", { line: 1, column: 8 }],
    ['{\n  "a": "{{.x}} {{shout .x}}"\n}', 'there is no helper shout', { line: 2, column: 16 }],
    ['{{if .a}}b', 'it ends inside a block', undefined],
    ['{"a": 1}{{end}}', '{{end}} ends nothing', { line: 1, column: 9 }],
    ['\n{{if .a}}{{(}}{{end}}', '"(" can\'t stand here', { line: 2, column: 12 }],
    [
      '{{.secret.slack-secret.webhook-identifier}}',
      'secrets are references: write `${secret:slack-secret/webhook-identifier}`',
      { line: 1, column: 3 },
    ],
    ['{{ .env.secret_a_b }}', 'secrets are references: write `${env:secret_a_b}`', { line: 1, column: 4 }],
  ])('is refused at its place: %s', (source, message, place) => {
    const [fault] = faultsOf(source) as [[string, unknown]];
    expect(fault?.[0]).toContain(message);
    if (place) expect(fault?.[1]).toEqual(place);
  });

  it('is refused where it would take long to read', () => {
    expect(faultsOf(`{{eq ${'('.repeat(15_000)}}}`)).toEqual([
      ['a tag has more than 100 opening brackets', { line: 1, column: 1 }],
    ]);
    expect(faultsOf('x'.repeat(33_000))).toHaveLength(1);
    const many = faultsOf('{{#if .a}}'.repeat(400) + '{{.b}}\n'.repeat(1000));
    expect(many).toHaveLength(1);
  });

  it('may be anything without breaking more than that', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '{{{',
      '~',
      '-',
      ' ',
      '"',
      '`',
      '.',
      '.a',
      '$',
      '$.b',
      'if',
      'end',
      'else',
      'range',
      '(',
      ')',
      'index',
      '#',
      '/',
      '!',
      '|',
      'x',
      '\n',
      '\uFDD01\uFDD1',
      '[',
      ']',
      '=',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
        const source = pieces.join('') || 'x';
        const lines = source.split('\n').length;
        for (const [, params] of faultsOf(source) as [string, { line?: number }][]) {
          if (params.line !== undefined) expect(params.line).toBeLessThanOrEqual(lines);
        }
        try {
          bodyOf(source, { a: 1 }, 'text/plain');
        } catch (error) {
          expect(error).toBeInstanceOf(TocsinError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('that can give no JSON is known before any alert', () => {
    expect(payloadFault('{"a": "{{.x}}", }', 'application/json')).toContain('gives no JSON where nothing is filled in');
    expect(payloadFault('{"a": "{{.x}}", }', 'text/plain')).toBeUndefined();
    expect(
      payloadFault('{"a": "{{.x}}", "b": {{.y}}, "c": [{{#each .z}}1{{/each}}]}', 'application/json'),
    ).toBeUndefined();
    expect(payloadFault('{"a": "{{since group.startedAt}}"}', 'application/json')).toContain('since');
  });
});

test('a value never stands behind a backslash, whatever the body is called', () => {
  expect(() => bodyOf('{"a\\{{.v}}":1}', { v: '"' }, 'application/x-ndjson')).toThrow(
    'a backslash stands before a tag',
  );
});

test('an index of very many keys is no long work', () => {
  const deep = `{{index .list${' 0'.repeat(16_000)}}}`;
  const start = performance.now();
  expect(faultsOf(deep).length).toBeGreaterThan(0);
  expect(performance.now() - start).toBeLessThan(5_000);
});
