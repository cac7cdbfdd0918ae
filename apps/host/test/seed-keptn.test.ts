import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Alert, normalise, type SourceIntegration, type SourceRequest, TocsinError } from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { compileRoutes, parseMatchers, type Route, routingLabels } from '@tocsin/engine';
import { CloudEvent, HTTP, type Message } from 'cloudevents';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { startHostHere } from './support/host-here.ts';
import { startWitness, type Witness } from './support/witness.ts';

// What Keptn's own webhook service told its users, told by a hub that takes Keptn's events.

let keptn: SourceIntegration;

beforeAll(async () => {
  const folder = join(import.meta.dirname, '../../../integrations/sources/keptn');
  keptn = (await loadIntegration(folder)) as SourceIntegration; // by its folder
});

let events = 0;

/** An event of the service basket, finished with a pass, but for what is said. */
function event(type: string, data: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
  const number = ++events;
  return {
    specversion: '1.0',
    id: `event-${number}`,
    source: 'lighthouse-service',
    type: `sh.keptn.${type}`,
    time: new Date(Date.UTC(2026, 0, 15, 9, 0, number)).toISOString(),
    shkeptncontext: 'context-1',
    data: { project: 'shop', stage: 'dev', service: 'basket', status: 'succeeded', result: 'pass', ...data },
    ...more,
  };
}

function read(body: unknown, headers: Record<string, string> = {}, settings: unknown = {}): Alert[] {
  const request: SourceRequest = { method: 'POST', path: '', query: {}, headers, rawBody: JSON.stringify(body) };
  return normalise(keptn.definition, body, request, { source: 'keptn', settings, receivedAt: Date.UTC(2026, 1) })
    .alerts;
}

const first = (...parameters: Parameters<typeof read>) => read(...parameters)[0] as Alert;

function faultsOf(...parameters: Parameters<typeof read>): string[] {
  try {
    read(...parameters);
  } catch (error) {
    if (error instanceof TocsinError) return error.faults.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe('seed-K1', () => {
  test.each([
    ['event.deployment.triggered', 'deployment', '', 'triggered'],
    ['event.deployment.started', 'deployment', '', 'started'],
    ['event.deployment.status.changed', 'deployment', '', 'status.changed'],
    ['event.deployment.finished', 'deployment', '', 'finished'],
    ['event.evaluation.invalidated', 'evaluation', '', 'invalidated'],
    ['event.get-sli.finished', 'get-sli', '', 'finished'],
    ['event.load-test-of-2-h.triggered', 'load-test-of-2-h', '', 'triggered'],
    ['event.dev.delivery.triggered', '', 'delivery', 'triggered'],
    ['event.dev.delivery.finished', '', 'delivery', 'finished'],
    ['event.dev.artifact-delivery.started', '', 'artifact-delivery', 'started'],
    ['event.project.create.finished', 'project.create', '', 'finished'],
    ['event.service.create.status.changed', 'service.create', '', 'status.changed'],
    ['event.service.delete.started', 'service.delete', '', 'started'],
    ['event.monitoring.configure', 'monitoring.configure', '', ''],
    ['event.configure-monitoring.triggered', 'configure-monitoring', '', 'triggered'],
    ['event.finished', 'finished', '', ''],
    ['events.problem', 'problem', '', ''],
    ['event.problem.close', 'problem.close', '', ''],
    ['log.error', '', '', ''],
    ['event.', '', '', ''],
    ['eventful.evaluation.finished', '', '', ''],
  ])('reads the type sh.keptn.%s', (type, task, sequence, suffix) => {
    const { labels } = first(event(type));
    expect(labels).toMatchObject({ type: `sh.keptn.${type}`, project: 'shop', stage: 'dev', service: 'basket' });
    expect([labels.task ?? '', labels.sequence ?? '', labels.suffix ?? '']).toEqual([task, sequence, suffix]);
  });

  test('takes the stage of a sequence from its type where the data lacks it', () => {
    const alert = first(event('event.hardening.delivery.triggered', { stage: undefined }));
    expect(alert.labels).toMatchObject({ sequence: 'delivery', stage: 'hardening' });
  });

  test.each([
    ['a pass', { result: 'pass' }, 'resolved', 'info'],
    ['a warning', { result: 'warning' }, 'firing', 'warning'],
    ['a failure', { result: 'fail' }, 'firing', 'error'],
    ['an error', { status: 'errored', result: undefined }, 'firing', 'error'],
    ['an error that claims to pass', { status: 'errored' }, 'firing', 'error'],
    ['no result', { result: undefined }, 'notice', 'info'],
    ['the pass of one that was cancelled', { status: 'unknown' }, 'notice', 'info'],
    ['a failure of unknown status', { status: 'unknown', result: 'fail' }, 'firing', 'error'],
    ['the failure of one that was aborted', { status: 'aborted', result: 'fail' }, 'notice', 'error'],
    ['another result', { result: 'maybe' }, 'notice', 'info'],
    ['fail over pass', { result: 'fail', evaluation: { result: 'pass', score: 0 } }, 'firing', 'error'],
    ['pass over fail', { evaluation: { result: 'fail', score: 34 } }, 'firing', 'error'],
    ['warning over fail', { result: 'warning', evaluation: { result: 'fail' } }, 'firing', 'error'],
    ['no project', { project: undefined, result: 'fail' }, 'notice', 'error'],
  ])('says what a finished evaluation with %s is', (_, data, status, severity) => {
    expect(first(event('event.evaluation.finished', data))).toMatchObject({ status, severity });
  });

  test('takes the last evaluation, which other tasks repeat, for no result of theirs', () => {
    const alert = first(event('event.release.finished', { evaluation: { result: 'fail' } }));
    expect(alert).toMatchObject({ status: 'resolved', labels: { result: 'pass' } });
  });

  test('holds the tasks of a setting for a state, and the others for notices', () => {
    const settings = { state: ['evaluation', 'dev.delivery'] };
    const failed = { status: 'errored', result: 'fail' };
    const types = ['evaluation', 'deployment', 'dev.delivery', 'dev.evaluation'];
    const statuses = types.map((type) => first(event(`event.${type}.finished`, failed), {}, settings).status);
    expect(statuses).toEqual(['firing', 'notice', 'firing', 'notice']);
  });

  test('ends what one project, stage, service and task has open, and nothing else', () => {
    const { fingerprint, group } = first(event('event.evaluation.finished', { result: 'fail' }));
    const identity = (...parameters: Parameters<typeof event>) => first(event(...parameters)).fingerprint;
    expect(first(event('event.evaluation.finished'))).toMatchObject({ fingerprint, group, status: 'resolved' });
    const others = [
      identity('event.deployment.finished'),
      identity('event.dev.evaluation.finished'),
      identity('event.evaluation.finished', {}, { source: 'other-service' }),
      ...['project', 'stage', 'service'].map((name) => identity('event.evaluation.finished', { [name]: 'other' })),
    ];
    expect(new Set([fingerprint, ...others]).size).toBe(others.length + 1);
  });

  test('takes problems of the monitoring for a state, also those of old', () => {
    const problem = { ProblemID: 'P-1', ProblemTitle: 'Slow', status: undefined, result: undefined };
    const open = first(event('events.problem', { ...problem, State: 'OPEN' }));
    const closed = first(event('event.problem.close', { ...problem, State: 'RESOLVED' }));
    expect([open.status, closed.status]).toEqual(['firing', 'resolved']);
    expect(closed.fingerprint).toBe(open.fingerprint);
    expect(first(event('events.problem', { ...problem, State: 'MERGED' })).status).toBe('notice');
  });

  test('keeps the labels of the event, below its own', () => {
    const { labels } = first(
      event('event.test.finished', { labels: { team: 'red', 'Problem URL': 'x', task: 'faked' } }),
    );
    expect(labels).toMatchObject({ team: 'red', 'Problem URL': 'x', task: 'test' });
  });

  test('hands the whole event to templates', () => {
    const sent = event('event.test.finished', { test: { report: [1, 2] } }, { gitcommitid: 'abc', triggeredid: 't-1' });
    expect(first(sent, {}, { bridge: 'https://keptn.example.com/bridge/' }).data).toEqual({
      ...sent,
      bridge: 'https://keptn.example.com/bridge',
    });
  });
});

describe('seed-K2', () => {
  const sent = event('event.evaluation.finished', { service: 'basket' }, { subject: 'Größe 100 %' });
  const { time, ...plain } = sent;
  const modes: [string, Message][] = [
    ['structured', HTTP.structured(new CloudEvent(sent))],
    ['binary', HTTP.binary(new CloudEvent({ ...sent, datacontenttype: 'application/json' }))],
  ];

  test.each(modes)("reads what CloudEvents' own SDK sends in %s mode, as that SDK reads it", (_, { headers, body }) => {
    const values = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
    const received = { headers: Object.fromEntries(values), body: String(body) };
    const { data } = first(JSON.parse(received.body), received.headers);
    const expected = JSON.parse(JSON.stringify(HTTP.toEvent(received)));
    expect(JSON.parse(JSON.stringify(data))).toEqual(expected);
    expect(expected.subject).toBe('Größe 100 %');
  });

  test('reads a batch, and refuses what is no event in it without its neighbours', () => {
    const { id: _, ...nameless } = plain;
    const request: SourceRequest = { method: 'POST', path: '', query: {}, headers: {}, rawBody: '' };
    const options = { source: 'keptn', settings: {}, receivedAt: 0 };
    const { alerts, rejected } = normalise(keptn.definition, [sent, nameless, null], request, options);
    expect(alerts).toHaveLength(1);
    expect(rejected.map(({ path }) => path)).toEqual(['[1].id', '[2]']);
    expect(read([])).toEqual([]);
  });

  test('does without what is optional', () => {
    const { specversion, id, source, type } = sent;
    const alert = first({ specversion, id, source, type });
    expect(alert).toMatchObject({ status: 'notice', deliveryId: `${source} ${id}` });
    expect(alert.at).toBeUndefined();
    expect(first({ specversion, id, source, type: 'com.example.any' }).labels).toEqual({ type: 'com.example.any' });
    expect(first(plain).status).toBe('resolved');
    expect(time).toBeDefined();
  });

  test('reads an event without data in binary mode', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 'com.example.ping' };
    expect(first(undefined, headers).labels).toEqual({ type: 'com.example.ping' });
  });

  test.each<[string, unknown, Record<string, string>, string[]]>([
    ['no id', { ...sent, id: undefined }, {}, ['id: is missing']],
    ['an empty type', { ...sent, type: '' }, {}, ['type: Too small: expected string to have >=1 characters']],
    ['no version', { ...sent, specversion: undefined }, {}, ['specversion: is missing']],
    ['an old version', { ...sent, specversion: '0.2' }, {}, ['specversion: Invalid input: expected "1.0"']],
    [
      'neither body nor header',
      { project: 'shop' },
      {},
      ['alerts: this is no CloudEvent: the body has no `specversion`, and the headers no `ce-specversion`'],
    ],
    [
      'too few headers',
      {},
      { 'ce-specversion': '1.0', 'ce-id': '1' },
      ['alerts: header ce-source is missing; header ce-type is missing'],
    ],
  ])('refuses an event with %s, and says where', (_, body, headers, faults) => {
    expect(faultsOf(JSON.parse(JSON.stringify(body)), headers)).toEqual(faults);
  });
});

/** Which of the routes tell of the event. */
function toldBy(routes: Record<string, string[]>, body: unknown): string[] {
  const tree = Object.entries(routes).map(([target, match]): Route => {
    return { match: match.flatMap(parseMatchers), continue: true, to: [{ target }] };
  });
  const { group: key, ...alert } = first(body);
  const labels = routingLabels({ source: 'keptn', key }, alert);
  return compileRoutes(tree)
    .match(labels)
    .map(({ target }) => target);
}

describe('seed-K3', () => {
  const routes = {
    all: [],
    evaluation: ['task="evaluation"'],
    finished: ['suffix="finished"'],
    both: ['task="evaluation"', 'suffix="finished"'],
    stages: ['stage=~"dev|staging"'],
    services: ['project="shop"', 'stage=~"dev|staging"', 'service=~"basket|catalog"'],
    sequences: ['sequence!=""'],
  };

  test.each<[string, Record<string, unknown>, string[]]>([
    ['event.evaluation.finished', {}, ['all', 'evaluation', 'finished', 'both', 'stages', 'services']],
    ['event.evaluation.finished', { result: 'fail' }, ['all', 'evaluation', 'finished', 'both', 'stages', 'services']],
    ['event.evaluation.started', {}, ['all', 'evaluation', 'stages', 'services']],
    ['event.evaluation.triggered', { stage: 'prod' }, ['all', 'evaluation']],
    ['event.deployment.finished', { service: 'search' }, ['all', 'finished', 'stages']],
    ['event.get-evaluation.finished', { project: 'other' }, ['all', 'finished', 'stages']],
    ['event.prod.delivery.finished', { stage: 'prod' }, ['all', 'finished', 'sequences']],
    ['log.error', { stage: undefined }, ['all']],
  ])('of %s with %j', (type, data, expected) => {
    expect(toldBy(routes, event(type, data))).toEqual(expected);
  });
});

describe('Through a hub', () => {
  const key = 'key-of-the-keptn-source';
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-keptn-'));
  let host: Host;
  let witness: Witness;

  beforeAll(async () => {
    witness = await startWitness();
    const subscriptions: Record<string, object> = {
      all: {},
      evaluations: { match: ['task="evaluation"', 'suffix="finished"', 'stage=~"dev|staging"'] },
      passes: { match: ['task="evaluation"', 'result="pass"'] },
      problems: { events: ['firing', 'resolved'] },
      again: { match: ['suffix="finished"'] },
    };
    const targets = Object.keys(subscriptions);
    const config = {
      version: 1,
      listen: '127.0.0.1:0',
      store: `sqlite:${join(folder, 'tocsin.db')}`,
      integrations: ['@tocsin/source-keptn', '@tocsin/target-webhook'],
      sources: [{ id: 'keptn', use: 'keptn', key }],
      targets: targets.map((id) => ({ id, use: 'webhook', settings: { url: `${witness.url}/${id}` } })),
      routes: Object.entries(subscriptions).map(([id, route]) => ({ ...route, continue: true, to: [id] })),
      unrouted: 'drop',
      egress: { allow: ['127.0.0.0/8'] },
    };
    const file = join(folder, 'tocsin.yaml');
    writeFileSync(file, JSON.stringify(config)); // JSON is YAML
    host = await startHostHere(file, 'token-of-the-test-admin');
  });

  afterAll(async () => {
    await host?.stop();
    await witness?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function post(body: unknown, headers: Record<string, string>): Promise<number> {
    const url = `${host.address}/in/keptn/${key}`;
    const text = body === undefined ? null : JSON.stringify(body);
    return (await fetch(url, { method: 'POST', headers, body: text })).status;
  }

  const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  const titlesAt = (path: string) =>
    witness.told(`/${path}`).map(({ body }) => (JSON.parse(body).text as string).split('\n', 1)[0]);

  test('seed-K4 seed-K5 every event is told exactly once to each subscription that it matches', async () => {
    const story = [
      event('event.evaluation.triggered', { result: undefined }),
      event('event.evaluation.finished'), // with nothing open
      event('event.evaluation.finished', { result: 'fail', evaluation: { result: 'fail', score: 33.99999999999999 } }),
      event('event.evaluation.finished', { result: 'fail' }), // again
      event('event.evaluation.finished', { result: 'warning' }), // better
      event('event.evaluation.finished'),
      event('event.evaluation.finished', { stage: 'prod' }), // another stage
      event('event.deployment.finished', { status: 'errored', result: 'fail', stage: 'staging' }),
    ];
    for (const [index, body] of story.entries()) {
      expect(await post(body, structured)).toBe(202);
      expect(await post(body, structured)).toBe(202); // a distributor repeats it for each of its subscriptions
      await witness.untilTold('/all', index + 1);
    }
    await witness.untilTold('/evaluations', 5);
    await witness.untilTold('/passes', 3);
    await witness.untilTold('/again', 7);
    await witness.untilTold('/problems', 3);
    expect(titlesAt('all')).toEqual([
      'Notice · info: Evaluation triggered: basket in dev (shop)',
      'Notice · info: Evaluation passed: basket in dev (shop)',
      'Firing · error: Evaluation failed: basket in dev (shop)',
      'Notice · error: Evaluation failed: basket in dev (shop)',
      'Notice · warning: Evaluation passed with a warning: basket in dev (shop)',
      'Resolved · was warning: Evaluation passed: basket in dev (shop)',
      'Notice · info: Evaluation passed: basket in prod (shop)',
      'Firing · error: Deployment ended with an error: basket in staging (shop)',
    ]);
    expect(titlesAt('evaluations')).toEqual(titlesAt('all').slice(1, 6));
    expect(titlesAt('passes')).toEqual(titlesAt('all').filter((title) => title?.includes('passed:')));
    expect(titlesAt('problems')).toEqual([2, 5, 7].map((index) => titlesAt('all')[index]));
    expect(titlesAt('again')).toEqual(titlesAt('all').slice(1));
    expect(witness.told('/evaluations')[1]?.body).toContain('Score 34 of 100');
  });

  test('seed-K2 takes structured, binary and batched mode, and refuses what is no event', async () => {
    const { data, time: _, ...attributes } = event('event.test.triggered');
    const headers = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]);
    const binary = Object.fromEntries(headers) as Record<string, string>;
    const batch = { 'content-type': 'application/cloudevents-batch+json' };
    expect(await post(data, { ...binary, 'content-type': 'application/json' })).toBe(202);
    expect(await post(undefined, { ...binary, 'ce-id': 'empty' })).toBe(202);
    expect(await post([event('event.test.started'), event('event.test.finished')], batch)).toBe(202);
    expect(await post(event('event.test.started'), { 'content-type': 'application/json' })).toBe(202);
    expect(await post(event('event.test.started', {}, { id: undefined }), structured)).toBe(422);
    expect(await post(data, { 'content-type': 'application/json' })).toBe(422);
    expect(await post(data, { ...binary, 'content-type': 'text/plain' })).toBe(415);
  });

  test('seed-K18 an event without project, stage and service is told as a notice', async () => {
    const bare = event('event.evaluation.finished', {
      project: undefined,
      stage: undefined,
      service: undefined,
      result: 'fail',
    });
    const before = witness.told('/all').length;
    expect(await post(bare, structured)).toBe(202);
    await witness.untilTold('/all', before + 1);
    expect(titlesAt('all')).toContain('Notice · error: Evaluation failed');
  });
});
