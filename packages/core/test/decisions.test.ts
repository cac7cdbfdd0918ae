import { describe, expect, it } from 'vitest';
import { type Alert, type DecisionName, decided, parseTemplate } from '../src/index.ts';

const alert: Alert = {
  source: 'prod',
  fingerprint: 'disk:db-1',
  group: 'disk',
  status: 'firing',
  severity: 'error',
  labels: { host: 'db-1' },
  data: { state: 'OK', owner: '', service: ' shop \n' },
};

/** Takes more steps than a render may. */
const endless =
  '{{#each payload.list}}{{#each @root.payload.list}}{{#each @root.payload.list}}x{{/each}}{{/each}}{{/each}}';
const long: Partial<Alert> = { data: { list: Array(100).fill(1) } };

function decide(templates: Partial<Record<DecisionName, string>>, changes: Partial<Alert> = {}) {
  const problems: string[] = [];
  const decisions = Object.fromEntries(
    Object.entries(templates).map(([name, source]) => [name, parseTemplate(source, { file: `${name}.hbs` })]),
  );
  const options = { now: 0, onProblem: (error: Error) => problems.push(error.message) };
  return { ...decided({ ...alert, ...changes }, decisions, options), problems };
}

describe('an operator’s `group`', () => {
  it('gives the key, without white space around it', () => {
    expect(decide({ group: '{{payload.service}}/{{alert.labels.host}}' }).group).toBe('shop \n/db-1');
    expect(decide({ group: '{{payload.service}}' }).group).toBe('shop');
  });

  it('leaves the source’s where it says nothing', () => {
    expect(decide({ group: '{{payload.team}}' })).toMatchObject({ group: 'disk', problems: [] });
  });

  it('is bounded and well-formed, and differs where its text does', () => {
    const long = (end: string) => decide({ group: '{{payload.text}}' }, { data: { text: `${'x'.repeat(600)}${end}` } });
    expect(long('a').group).toHaveLength(512);
    expect(long('a').group).not.toBe(long('b').group);
    expect(decide({ group: '{{payload.text}}' }, { data: { text: 'a\u0000b\ud800' } }).group.isWellFormed()).toBe(true);
  });

  it('that fails leaves the source’s, and says so', () => {
    const { group, problems } = decide({ group: endless }, long);
    expect(group).toBe('disk');
    expect(problems).toEqual([expect.stringContaining('group.hbs')]);
  });
});

describe('an operator’s `resolve` and `acknowledge`', () => {
  it.each(['true', 'yes', '1', 'ok', 'RESOLVED', '{{eq payload.state "OK"}}', '{{#if payload.state}}x{{/if}}'])(
    '%s is a yes',
    (text) => {
      expect(decide({ resolve: text }).status).toBe('resolved');
      expect(decide({ acknowledge: text }).status).toBe('acknowledged');
    },
  );

  it.each([
    '',
    ' \n',
    'false',
    'False',
    '0',
    'no',
    'off',
    'none',
    'null',
    '{{eq payload.state "x"}}',
    '{{payload.owner}}',
  ])('%j is a no', (text) => {
    expect(decide({ resolve: text, acknowledge: text }).status).toBe('firing');
  });

  it('take over from the source', () => {
    expect(decide({ resolve: 'no' }, { status: 'resolved' }).status).toBe('firing');
    expect(decide({ acknowledge: 'no' }, { status: 'acknowledged' }).status).toBe('firing');
    expect(decide({ resolve: 'no', acknowledge: 'yes' }, { status: 'resolved' }).status).toBe('acknowledged');
    expect(decide({ resolve: 'yes', acknowledge: 'yes' }).status).toBe('resolved');
  });

  it('leave alone what they say nothing about', () => {
    expect(decide({ acknowledge: 'no' }, { status: 'resolved' }).status).toBe('resolved');
    expect(decide({ resolve: 'no' }, { status: 'acknowledged' }).status).toBe('acknowledged');
    for (const status of ['silenced', 'notice'] as const) {
      expect(decide({ resolve: 'no', acknowledge: 'no' }, { status }).status).toBe(status);
    }
    const { problems: _, ...unchanged } = decide({});
    expect(unchanged).toEqual(alert);
  });

  it('that fail leave the source’s word', () => {
    const { status, problems } = decide({ resolve: endless, acknowledge: endless }, { ...long, status: 'resolved' });
    expect([status, problems.length]).toEqual(['resolved', 2]);
  });
});
