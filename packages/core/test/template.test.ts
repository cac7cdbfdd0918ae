import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';
import { TocsinError } from '../src/errors.ts';
import { blockHelpers, valueHelpers } from '../src/template/helpers.ts';
import { parseTemplate, type RenderOptions } from '../src/template/template.ts';
import { anyCharacter } from './media-samples.ts';

function render(source: string, context: unknown, options?: RenderOptions): string {
  return parseTemplate(source, { file: 'test.hbs' }).render(context, options);
}

function failure(run: () => unknown): TocsinError {
  try {
    run();
  } catch (error) {
    if (error instanceof TocsinError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const strict = { mode: 'strict' } as const;

describe('the language', () => {
  const context = {
    name: 'disk',
    count: 3,
    zero: 0,
    no: false,
    nothing: null,
    empty: [],
    labels: { job: 'api', 'a b': 'spaced', date: 'a field' },
    alerts: [
      { name: 'one', tags: ['x', 'y'] },
      { name: 'two', tags: [] },
    ],
    date: 'no helper',
  };

  it.each([
    'plain text {{name}} {{{name}}} {{& name}}',
    'a\n{{#if name}}\n  yes\n{{else}}\n  no\n{{/if}}\nb',
    '{{#if zero}}a{{else}}b{{/if}}{{#if zero includeZero=true}}c{{/if}}{{#unless zero}}d{{/unless}}',
    '{{#if no}}a{{else if nothing}}b{{else if count}}c{{else}}d{{/if}}',
    '{{^if no}}not{{/if}}{{#if empty}}full{{^}}empty{{/if}}',
    '{{#each alerts}}#{{@index}}{{@first}}{{@last}} {{name}} of {{../name}} {{@root.count}};{{/each}}',
    '{{#each alerts as |alert index|}}{{index}}:{{alert.name}}:{{#each alert.tags as |tag|}}{{tag}}{{alert.name}}{{@../index}}{{/each}};{{/each}}',
    '{{#each labels}}{{@key}}={{this}} {{/each}}',
    '{{#each empty}}a{{else}}none{{/each}}{{#each missing}}a{{else}}none{{/each}}',
    '{{#with labels}}{{job}} {{../name}} {{[a b]}}{{/with}}{{#with missing}}a{{else}}none{{/with}}',
    '{{#with labels as |l|}}{{l.job}}{{/with}}',
    '{{#with labels}}{{#if job}}{{../name}}{{/if}}{{/with}}',
    '{{#with labels}}{{#with this}}{{../name}}{{/with}}{{/with}}',
    '{{labels.[a b]}} {{labels/job}} {{this.name}} {{./name}} {{"name"}} {{labels.date}}',
    '{{alerts.length}} {{alerts.0.name}} {{alerts.[1].name}} {{alerts.5.name}}',
    '{{lookup labels "job"}} {{lookup alerts.[0].tags 1}} {{lookup (lookup alerts 0) "name"}}',
    '  {{~name~}}  |  {{~#if name~}}  x  {{~/if~}}  ',
    '{{! a comment }}{{!-- another {{name}} --}}a \\{{name}} b',
    '{{#if name}}\n{{name}}\n{{/if}}\n\n  {{#each alerts}}\n  - {{name}}\n  {{/each}}\nend\n',
    '{{no}} {{count}} {{zero}}',
    '{{../name}}{{#each alerts}}{{../../name}}{{/each}}',
  ])('says what Handlebars says: %s', (source) => {
    expect(render(source, context)).toBe(Handlebars.compile(source, { noEscape: true })(context));
  });

  it('says what Handlebars says of any texts and lists', () => {
    const source =
      '{{#each a as |x i|}}#{{i}}{{x.b}}{{#if x.c}}{{../b}}{{else}}-{{/if}}{{#each x.d}}#{{this}}{{@../index}}{{/each}}{{else}}none{{/each}}{{b}}';
    const own = parseTemplate(source, { file: 'test.hbs' });
    const theirs = Handlebars.compile(source, { noEscape: true });
    const plain = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(undefined));
    const element = fc.record(
      { b: plain, c: plain, d: fc.array(fc.integer()) },
      { requiredKeys: [], noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.record({ a: fc.array(element), b: plain }), (data) => {
        expect(own.render(data)).toBe(theirs(data));
      }),
      { numRuns: 200 },
    );
  });

  it('reads a field where a helper has the same name', () => {
    expect(
      render('{{date}} {{labels.date}} {{#each list}}{{first}}{{/each}}', { ...context, list: [{ first: 1 }] }),
    ).toBe('no helper a field 1');
  });

  it('needs no code generation', () => {
    const file = fileURLToPath(new URL('../src/template/template.ts', import.meta.url));
    const script = `import { parseTemplate } from ${JSON.stringify(file)};
      console.log(parseTemplate('{{#each a}}{{upper this}}{{/each}}', { file: 'x' }).render({ a: ['o', 'k'] }));`;
    const flags = ['--disallow-code-generation-from-strings', '--no-warnings', '--input-type=module', '--eval'];
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, script], { encoding: 'utf8' });
    expect(stdout.trim() || stderr).toBe('OK');
  });
});

describe('values', () => {
  it('come out as they are', () => {
    const template = parseTemplate('{{x}}', { file: 'test.hbs' });
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (x) => {
        expect(template.render({ x })).toBe(x);
      }),
    );
  });

  it.each([
    [null, ''],
    [undefined, ''],
    [Number.NaN, ''],
    [Number.POSITIVE_INFINITY, ''],
    [0, '0'],
    [false, 'false'],
    [12n, '12'],
    [['a', 1, null, true], 'a, 1, true'],
    [{ a: [1, { b: 'c' }], n: null }, '{"a":[1,{"b":"c"}],"n":null}'],
    [[{ a: 1 }, 'b'], '[{"a":1},"b"]'],
    [{}, '{}'],
    [() => 'called', ''],
    [Symbol('s'), ''],
    [new Map([['a', 1]]), '{}'],
    [{ toJSON: () => 'called', toString: () => 'called' }, '{"toJSON":null,"toString":null}'],
  ])('number %# of the list is shown as people read it', (x, expected) => {
    expect(render('{{x}}', { x })).toBe(expected);
  });

  it('are encoded where they are put, the text around them is not', () => {
    // An own `__proto__` is left out by intent.
    const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));
    const template = parseTemplate(
      '{"a\\n": "{{x}}", "{{x}}!": {{y}}, "c": "\\"{{json y}}", "d": [{{json y}}, {{x}}] }',
      {
        file: 'body.json.hbs',
      },
    );
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), json, (x, y) => {
        const plain = JSON.parse(JSON.stringify(y));
        const body = JSON.parse(template.render({ x, y }, { format: 'json' }));
        expect(body).toEqual({ 'a\n': x, [`${x}!`]: plain, c: `"${JSON.stringify(plain)}`, d: [plain, x] });
      }),
      { examples: [['"\u2028\ud800\u0000</script>', null]] },
    );
  });

  it('are themselves once a form is read', () => {
    const template = parseTemplate('a={{x}}&b=1', { file: 'body.form.hbs' });
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (x) => {
        const form = new URLSearchParams(template.render({ x }, { format: 'form' }));
        expect([...form]).toEqual([
          ['a', x.toWellFormed()],
          ['b', '1'],
        ]);
      }),
    );
  });

  it('are text in XML', () => {
    const x = `<a href="x">&amp;'\0\ud800`;
    expect(render('<b c="{{x}}"/>', { x }, { format: 'xml' })).toBe(
      '<b c="&#60;a href=&#34;x&#34;&#62;&#38;amp;&#39;\ufffd\ufffd"/>',
    );
  });
});

describe('what a template can reach', () => {
  class Vendor {
    own = 'own';
    get accessor(): string {
      throw new Error('called');
    }
    method(): string {
      throw new Error('called');
    }
  }

  it.each([
    ['constructor', {}],
    ['constructor.name', {}],
    ['__proto__', JSON.parse('{"__proto__": {"a": 1}}')],
    ['__proto__.a', JSON.parse('{"__proto__": {"a": 1}}')],
    ['toString', {}],
    ['hasOwnProperty', {}],
    ['list.push', { list: [] }],
    ['list.map', { list: [1] }],
    ['text.length', { text: 'abc' }],
    ['text.at', { text: 'abc' }],
    ['count.toFixed', { count: 1 }],
    ['accessor', new Vendor()],
    ['method', new Vendor()],
    ['inherited', Object.create({ inherited: 1 })],
    ['hidden', Object.defineProperty({}, 'hidden', { value: 1 })],
    [
      'getter',
      {
        get getter(): never {
          throw new Error('called');
        },
      },
    ],
    ['size', new Map([['a', 1]])],
  ])('does not include %s', (path, context) => {
    expect(render(`{{${path}}}`, context)).toBe('');
    expect(failure(() => render(`{{${path}}}`, context, strict)).faults).toMatchObject([
      { path, message: 'is missing' },
    ]);
  });

  it('leaves out what it cannot read where it lists', () => {
    const context = { o: JSON.parse('{"__proto__": 1, "b": 2, "constructor": 3}') };
    expect(
      render('{{#each o}}{{@key}}{{this}}{{/each}} {{#each (entries o)}}{{key}}{{/each}} {{o}} {{length o}}', context),
    ).toBe('b2constructor3 bconstructor {"b":2,"constructor":3} 2');
    expect(render('{{lookup o "__proto__"}}{{lookup o "toString"}}', context)).toBe('');
  });

  it('calls no functions', () => {
    expect(
      render('{{f}}{{#if f}}there{{/if}}{{upper f}}', {
        f: () => {
          throw new Error('called');
        },
      }),
    ).toBe('');
  });
});

describe('missing values', () => {
  const source =
    '{{a.b}} {{upper c}} {{#if d}}d{{/if}}{{default e "-"}}{{or f g}} {{#each h}}h{{/each}}{{#each i}}i{{else}}{{/each}}{{n}}';

  it('render empty and are reported', () => {
    const missing: string[] = [];
    expect(render(source, { n: null }, { onMissing: (path) => missing.push(path) })).toBe('  - ');
    expect(missing).toEqual(['a.b', 'c', 'or f g', 'h']);
  });

  it('are reported with the place where they are named', () => {
    const places: object[] = [];
    render('a\n  {{upper b.c}}', {}, { onMissing: (path, place) => places.push({ path, ...place }) });
    expect(places).toEqual([{ path: 'b.c', file: 'test.hbs', line: 2, column: 11 }]);
  });

  it.each([
    ['a\n{{#each list}}\n  {{labels.[a b]}}\n{{/each}}', 'labels.[a b]', 3, 5],
    ['{{upper a.b}}', 'a.b', 1, 9],
    ['{{#each as}}{{/each}}', 'as', 1, 9],
    ['{{#with as}}{{/with}}', 'as', 1, 9],
    ['{{first list.[0]}}', 'first list.0', 1, 1],
    ['{{#if (eq status "x")}}{{/if}}', 'status', 1, 11],
    ['{{#each list as |x|}}{{x.y}}{{@../index}}{{/each}}', 'x.y', 1, 24],
    ['{{@index}}', '@index', 1, 3],
    ['{{#each list}}{{../../name}}{{/each}}', '../../name', 1, 17],
  ])('fail a strict render with path and place: %s', (template, path, line, column) => {
    const error = failure(() => render(template, { list: [[]] }, strict));
    expect(error.code).toBe('template');
    expect(error.faults).toEqual([{ path, message: 'is missing', file: 'test.hbs', line, column }]);
    expect(error.message).toBe(`test.hbs:${line} can't be rendered: ${path} is missing`);
    expect(error.remedy).toContain('default');
  });

  it('are what `if`, `unless`, `default`, `and`, `or`, `not` and blocks with an else are for', () => {
    const asked =
      '{{#if a}}{{/if}}{{#unless a}}{{/unless}}{{default a ""}}{{#if (and a (not (or a b)))}}{{/if}}{{#each a}}{{else}}{{/each}}{{#with a}}{{else}}{{/with}}';
    expect(render(asked, {}, strict)).toBe('');
  });
});

describe('helpers', () => {
  const now = 1_764_007_500_000;

  it.each(Object.entries({ ...blockHelpers, ...valueHelpers }))(
    '%s does what its example says',
    (name, { usage, example }) => {
      expect(usage.split(' ')[0]).toBe(name);
      expect(example.template).toContain(name);
      expect(render(example.template, example.context, { now, mode: 'strict' })).toBe(example.result);
    },
  );

  it.each([
    ['{{truncate x 5}}', { x: '👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦' }, '👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦'],
    ['{{truncate x 2}}', { x: 'e\u0301e\u0301e\u0301' }, 'e\u0301…'],
    ['{{truncate x 4}}', { x: 'abc def' }, 'abc…'],
    ['{{capitalize x}}', { x: 'élan' }, 'Élan'],
    ['{{capitalize x}}', { x: '' }, ''],
    ['{{replace x "." "-"}}', { x: 'a.b.c' }, 'a-b-c'],
    ['{{replace x "" "-"}}', { x: 'abc' }, 'abc'],
    ['{{replace x "b" "$&$1"}}', { x: 'abc' }, 'a$&$1c'],
    ['{{join x}}', { x: [] }, ''],
    ['{{join x ""}}', { x: [1, 2] }, '12'],
    ['{{length x}}', { x: 'añ👍' }, '3'],
    ['{{length x}}', { x: { a: 1 } }, '1'],
    ['{{date x}}', { x: '2026-11-21T10:00:00Z' }, '2026-11-21T10:00:00Z'],
    ['{{date x zone="Asia/Kolkata"}}', { x: 1_764_000_000_000 }, '2025-11-24T21:30:00+05:30'],
    ['{{date x "date" zone="Asia/Tokyo"}}', { x: 1_764_000_000 }, '2025-11-25'],
    ['{{date x "time"}}', { x: '1764000000' }, '16:00 UTC'],
    ['{{date x}}', { x: '' }, ''],
    ['{{since x}}', { x: now + 10_000 }, '0 s'],
    ['{{since x}}', { x: now - 59_999 }, '59 s'],
    ['{{duration x}}', { x: 250 }, '250 ms'],
    ['{{duration x}}', { x: 45_000 }, '45 s'],
    ['{{duration x}}', { x: 200_000 }, '3 min'],
    ['{{duration x}}', { x: 7_200_000 }, '2 h'],
    ['{{duration x}}', { x: 100_800_000 }, '1 d 4 h'],
    ['{{duration x y}}', { x: '2026-01-01T00:00:00Z', y: '2026-01-01T02:05:00Z' }, '2 h 5 min'],
    ['{{duration x y}}', { x: 1_764_000_000, y: null }, ''],
    ['{{number x}}', { x: '1234.5678' }, '1,234.568'],
    ['{{number x digits=0}}', { x: -0.4 }, '-0'],
    ['{{percent x digits=0}}', { x: 1 }, '100%'],
    ['{{bytes x}}', { x: 1023 }, '1,023 B'],
    ['{{bytes x}}', { x: 0 }, '0 B'],
    ['{{bytes x digits=2}}', { x: '-1572864' }, '-1.5 MiB'],
    ['{{json x indent=2}}', { x: { a: [] } }, '{\n  "a": []\n}'],
    ['{{json x}}', { x: undefined }, 'null'],
    [
      '{{eq a b}} {{eq a 1}} {{eq n z}} {{eq o o}} {{eq o p}}',
      { a: '1', b: 1, n: null, o: {}, p: {} },
      'true true true true false',
    ],
    ['{{gt a b}} {{gt "10" "9"}} {{lt "a" "b"}} {{gt o 1}}', { a: 2, b: '1', o: {} }, 'true true true false'],
    ['{{and a b}} {{or a b}} {{not a}} {{default a b}}', { a: 0, b: 'x' }, '0 x true 0'],
    ['{{first a}}{{last a}}{{first b}}', { a: [1, 2], b: [] }, '12'],
  ])('%s of %j is %j', (source, context, expected) => {
    expect(render(source, context, { now })).toBe(expected);
  });

  it.each([
    ['Asia/Kolkata', '2023-09-01 18:00 GMT+5:30'],
    ['Europe/Berlin', '2023-09-01 14:30 CEST'],
    ['America/St_Johns', '2023-09-01 10:00 GMT-2:30'],
    ['UTC', '2023-09-01 12:30 UTC'],
  ])('seed-Q8 a time in %s has its offset to the minute', (zone, expected) => {
    const x = '2023-09-01T12:30:20Z';
    expect(render(`{{date x "datetime" zone="${zone}"}}`, { x }, { now })).toBe(expected);
  });

  it('show what they are not made for, and fail a strict render', () => {
    const cases: [string, string][] = [
      ['date', 'a time'],
      ['since', 'a time'],
      ['duration', 'a number of milliseconds'],
      ['number', 'a number'],
      ['join', 'a list'],
      ['first', 'a list'],
      ['entries', 'an object'],
    ];
    for (const [name, expected] of cases) {
      expect(render(`{{${name} x}}`, { x: 'soon' }, { now })).toBe('soon');
      const error = failure(() => render(`\n{{${name} x}}`, { x: 'soon' }, { now, mode: 'strict' }));
      expect(error.faults).toEqual([
        { path: `${name} x`, message: `is not ${expected}`, file: 'test.hbs', line: 2, column: 1 },
      ]);
    }
    expect(failure(() => render('{{#each x}}{{/each}}', { x: 'text' }, strict)).message).toContain(
      'x is not a list or an object',
    );
    expect(render('{{#each x}}{{/each}}', { x: 'text' })).toBe('');
  });

  it.each([
    ['{{truncate x "9"}}', "the length isn't a whole number from 1 to 10000"],
    ['{{truncate x 0}}', "the length isn't a whole number from 1 to 10000"],
    ['{{date x "tiem"}}', 'there is no time format "tiem"'],
    ['{{date x zone="Europe/Berln"}}', 'there is no time zone "Europe/Berln"'],
    ['{{since x}}', '`since` is used where no time is known'],
    ['{{number x digits=99}}', "`digits` isn't a whole number from 0 to 15"],
    ['{{json x indent="2"}}', "`indent` isn't a whole number from 0 to 8"],
  ])('name a wrong argument: %s', (source, message) => {
    const error = failure(() => render(`a\n ${source}`, { x: 1 }));
    expect(error.code).toBe('template');
    expect(error.faults).toEqual([{ path: '', message, file: 'test.hbs', line: 2, column: 2 }]);
    expect(error.remedy).not.toBe('');
  });

  it('take the zone of the render', () => {
    expect(render('{{date x "time"}}', { x: 1_764_000_000 }, { zone: 'America/New_York' })).toMatch(/^11:00 /);
  });
});

describe('faults of a template', () => {
  it.each([
    ['{{uper x}}', 1, 1, 'there is no helper uper; did you mean upper?'],
    ['{{zzzzzz x}}', 1, 1, 'there is no helper zzzzzz'],
    ['a {{b}}\n  {{#eahc list}}{{/eahc}}', 2, 3, 'there is no helper eahc; did you mean each?'],
    ['{{x (upper y)}}', 1, 1, 'there is no helper x'],
    ['{{upper (lowr y)}}', 1, 9, 'there is no helper lowr; did you mean lower?'],
    ['{{#items}}{{/items}}', 1, 1, 'there is no block items; use {{#each items}}, {{#with items}} or {{#if items}}'],
    ['{{#eq a b}}{{/eq}}', 1, 1, 'eq is no block, it gives a value: {{#if (eq …)}}'],
    ['{{each a}}', 1, 1, 'each is a block: {{#each …}}…{{/each}}'],
    ['{{truncate x}}', 1, 1, 'truncate is written {{truncate text length}}; here it has 1 value'],
    ['{{upper x y}}', 1, 1, 'upper is written {{upper text}}; here it has 2 values'],
    ['{{json x foo=1}}', 1, 1, 'json has no option foo; it has indent'],
    ['{{upper x foo=1}}', 1, 1, 'upper has no option foo'],
    ['{{#if}}{{/if}}', 1, 1, 'if is written {{if value includeZero=}}; here it has 0 values'],
    ['{{#if a as |b|}}{{/if}}', 1, 1, 'if names at most 0 with `as |…|`'],
    ['{{@indx}}', 1, 3, 'there is no @indx; there are @root, @index, @key, @first, @last'],
    ['{{> footer}}', 1, 1, 'partials ({{> …}}) are not supported'],
    ['{{#> layout}}{{/layout}}', 1, 1, 'partials ({{#> …}}) are not supported'],
    ['{{* decorate}}', 1, 1, 'decorators ({{* …}}) are not supported'],
    ['{{#*inline "a"}}{{/inline}}', 1, 1, 'inline partials and decorators ({{#* …}}) are not supported'],
    ['a\n{{#if x}}\n y', 3, 3, 'it ends inside a block'],
    ['a\nb {{foo bar=}}', 2, 13, '"}}" can\'t stand here'],
    ['{{else}}', 1, 1, '"{{else}}" can\'t stand here'],
    ['{{#if a}}{{/each}}', 1, 4, "if doesn't match each"],
    ['{{foo', 1, 3, "a tag isn't closed, or has a character that can't stand there"],
    ['{{a/../b}}', 1, 3, 'Invalid path: a/..'],
  ])('are named with their place: %s', (source, line, column, message) => {
    const error = failure(() => parseTemplate(source, { file: 'title.hbs' }));
    expect(error.code).toBe('template');
    expect(error.faults).toEqual([{ path: '', message, file: 'title.hbs', line, column }]);
    expect(error.message).toContain(`title.hbs can't be used: ${message}`);
    expect(error.remedy).not.toBe('');
  });

  it('are told all at once', () => {
    const error = failure(() => parseTemplate('{{a b}}\n{{> c}}\n{{#if}}{{d e}}{{/if}}', { file: 'title.hbs' }));
    expect(error.faults.map((fault) => fault.line)).toEqual([1, 2, 3, 3]);
    expect(error.message).toContain('(and 3 more)');
  });

  it.each([
    ['text', 'x'.repeat(64 * 1024 + 1), 'at most 65536 are allowed'],
    ['blocks', '{{#if a}}'.repeat(65) + '{{/if}}'.repeat(65), 'nested more than 64 deep'],
    ['subexpressions', `{{upper ${'(upper '.repeat(65)}x${')'.repeat(65)}}}`, 'nested more than 64 deep'],
    ['blocks, for the parser', '{{#if a}}'.repeat(4000) + '{{/if}}'.repeat(4000), 'it has 4000 blocks and elses'],
    ['elses, for the parser', `{{#if a}}${'{{else if b}}'.repeat(4000)}{{/if}}`, 'it has 4001 blocks and elses'],
    [
      'brackets, for the parser',
      `{{a ${'(b '.repeat(16_000)}x${')'.repeat(16_000)}}}`,
      'a tag has 16000 opening brackets',
    ],
    ['brackets without an end', `{{a ${'(b '.repeat(16_000)}`, 'a tag has 16000 opening brackets'],
  ])('include too much: %s', (_, source, message) => {
    expect(failure(() => parseTemplate(source, { file: 'x.hbs' })).message).toContain(message);
  });
});

describe('budgets', () => {
  const list = Array.from({ length: 1000 }, (_, index) => index);
  const long = 'x'.repeat(200_000);
  const deep = Array.from({ length: 20_000 }).reduce<unknown>((inner) => [inner], []);

  it.each([
    [
      'nested loops',
      '{{#each l}}{{#each ../l}}{{#each ../../l}}{{#each ../../../l}}x{{/each}}{{/each}}{{/each}}{{/each}}',
      'steps',
    ],
    ['empty nested loops', '{{#each l}}{{#each ../l}}{{#each ../../l}}{{/each}}{{/each}}{{/each}}', 'steps'],
    ['a long value, often', '{{#each l}}{{../s}}{{/each}}', 'wrote more than 262144 characters'],
    ['a helper on a long value, often', '{{#each l}}{{#if (eq (upper ../s) "a")}}{{/if}}{{/each}}', 'steps'],
    ['comparing long values', '{{#each l}}{{#if (eq ../s ../s)}}{{/if}}{{/each}}', 'steps'],
    ['replacing every letter', '{{replace s "x" s}}', 'a text would have more than 262144 characters'],
    ['a long separator', '{{join l s}}', 'a text would have more than 262144 characters'],
    ['JSON of a long list', '{{#each l}}{{json ../l}}{{/each}}', 'steps'],
    ['counting a long list', '{{#each l}}{{join ../l}}{{/each}}', 'steps'],
    ['sorting a long list', '{{#each l}}{{#if (entries ../o)}}{{/if}}{{/each}}', 'steps'],
  ])('stop %s', (_, source, message) => {
    const template = parseTemplate(`a\n${source}`, { file: 'bomb.hbs' });
    const started = performance.now();
    const error = failure(() => template.render({ l: list, s: long, o: { ...list } }));
    expect(performance.now() - started).toBeLessThan(250);
    expect(error.code).toBe('budget');
    expect(error.message).toContain("bomb.hbs:2 can't be rendered: ");
    expect(error.faults).toMatchObject([{ file: 'bomb.hbs', line: 2 }]);
    expect(error.faults[0]?.message).toContain(message);
  });

  it('are exact and can be set', () => {
    const template = parseTemplate('{{a}}{{a}}', { file: 'x.hbs' });
    expect(template.render({ a: 'abc' }, { budget: { output: 6, steps: 6 } })).toBe('abcabc');
    expect(failure(() => template.render({ a: 'abc' }, { budget: { output: 5 } })).message).toContain('5 characters');
    expect(failure(() => template.render({ a: 'abc' }, { budget: { steps: 5 } })).message).toContain('5 steps');
  });

  it('let deep and circular values pass', () => {
    const circular: Record<string, unknown> = { a: 1 };
    circular.self = circular;
    expect(render('{{json x}}', { x: deep })).toContain('[["…"]]');
    expect(render('{{json x}}', { x: circular })).toContain('{"a":1,"self":"…"}');
  });
});
