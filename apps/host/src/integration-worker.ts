import { parentPort, workerData } from 'node:worker_threads';
import {
  decided,
  type Fault,
  type HttpRequest,
  type HttpResponse,
  impossibleHeaders,
  type MediumName,
  type Notification,
  type NotificationAlert,
  type NotificationInput,
  nextRequest,
  normalise,
  outcomeOf,
  renderNotification,
  type SourceIntegration,
  type SourceTemplates,
  type TargetIntegration,
  TocsinError,
  takesNoBody,
  templateFor,
  wellFormedJson,
  wordingFields,
} from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { type AlertSignal, packSignals } from '@tocsin/engine';
import { parseBody } from './integrations/body.ts';
import type {
  Answered,
  FromWorker,
  Job,
  JobAnswer,
  JobMessage,
  PackedAlert,
  PackedInput,
  Preview,
  Results,
  TitleJob,
  ToWorker,
  WorkerSetup,
} from './integrations/jobs.ts';
import { takeSignals, unpackJob } from './integrations/packing.ts';
import { Wording } from './integrations/wording.ts';
import { wordingAt } from './integrations/wording-name.ts';

type ReadyTarget = WorkerSetup['targets'][number] & { integration: TargetIntegration };

/** Runs the integrations' code away from the host's thread, which replaces this one when a job overruns. */
const port = parentPort;
if (!port) throw new Error('this file is the thread of an integration pool');
const setup = workerData as WorkerSetup;
const sources = new Map<string, WorkerSetup['sources'][number] & { integration: SourceIntegration }>();
const targets = new Map<string, ReadyTarget>();
for (const source of setup.sources) {
  const integration = await loadIntegration(source.folder);
  if (integration.kind === 'source') sources.set(source.id, { ...source, integration });
}
for (const target of setup.targets) {
  const integration = await loadIntegration(target.folder);
  if (integration.kind === 'target') targets.set(target.id, { ...target, integration });
}

const wording = new Wording(setup);

port.on('message', (message: ToWorker) => {
  if ('templates' in message) wording.pin(message.source, message.templates);
  else work(message);
});
send({ ready: true });

/** Milliseconds for which answers wait for the next one of their message: waking a thread costs as much as a message. */
const longestTogether = 0.5;

/** Jobs in one message from which on that pays: a single alert's few messages leave one by one. */
const shortestQueue = 4;

function work({ numbers, jobs, bodies }: JobMessage): void {
  let done: Answered = { numbers: [], answers: [], signals: [] };
  let since = performance.now();
  for (const [index, number] of numbers.entries()) {
    const job = unpackJob(jobs[index] as string, bodies[index] as string);
    Atomics.store(setup.progress, 0, number);
    const answer = run(job);
    done.numbers.push(number);
    done.signals.push(takeSignals(answer));
    done.answers.push(JSON.stringify(answer));
    Atomics.store(setup.progress, 0, 0);
    // Requests that are read go on together.
    const mayWait = numbers.length >= shortestQueue && performance.now() - since < longestTogether;
    if (index < numbers.length - 1 && (job.kind === 'normalise' || mayWait)) continue;
    send(done);
    done = { numbers: [], answers: [], signals: [] };
    since = performance.now();
  }
}

function send(message: FromWorker): void {
  port?.postMessage(message);
}

function run(job: Job): JobAnswer {
  try {
    switch (job.kind) {
      case 'normalise':
        return { result: normaliseRequest(job) };
      case 'request':
        return { result: buildRequest(job) };
      case 'preview':
        return { result: preview(job) };
      case 'titles':
        return { result: { titles: job.items.map((item) => titleOf(item, job)) } };
      case 'outcome':
        return { result: readOutcome(job) };
      case 'callback':
        return { result: readCallback(job) };
      case 'reply':
      case 'person':
        return { result: { request: aside(job) } };
      case 'write-back':
        return { result: { request: writeBackRequest(job) } };
      case 'write-back-outcome': {
        const { writeBack, settings } = httpWriteBackOf(job.source);
        return { result: writeBack.outcome?.(job.response, settings) ?? outcomeOf(job.response) };
      }
      case 'watch': {
        const { writeBack, settings } = httpWriteBackOf(job.source);
        return { result: { request: writeBack.watch?.request(settings, job.answers) ?? null } };
      }
      case 'watch-over': {
        const { writeBack, settings } = httpWriteBackOf(job.source);
        return { result: { over: writeBack.watch?.over(job.alerts, job, settings) ?? [] } };
      }
      case 'write-back-object':
        return { result: { object: objectOf(job) } };
      case 'person-name':
        return { result: { name: actionsOf(job.target).actions.person?.name(job.response) ?? null } };
      case 'installation-request':
        return { result: { request: installationRequest(job) } };
      case 'installation-answer':
        return { result: { read: installationOf(job.target).installation[job.step].read(job.response) ?? {} } };
      case 'installation-end':
        return { result: { isEnded: installationOf(job.target).installation.isEnded(job.response) } };
    }
  } catch (error) {
    if (error instanceof TocsinError) {
      const { code, message, faults, remedy } = error;
      return { failure: { code, message, faults, remedy } };
    }
    if (setup.without.includes('catch')) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return { failure: { code: 'integration', message, faults: [], remedy: undefined } };
  }
}

function normaliseRequest(job: Extract<Job, { kind: 'normalise' }>): Results['normalise'] {
  const source = known(sources, job.source);
  const { settings, labels, severity, integration } = source;
  const { rawBody } = job.request;
  const body =
    rawBody === '' && takesNoBody(integration.definition)
      ? undefined
      : parseBody(rawBody, job.source, !setup.without.includes('key-check'));
  const { receivedAt, deliveryId } = job;
  const options = { source: job.source, settings, labels, severity, deliveryId, receivedAt };
  const { alerts, rejected } = normalise(integration.definition, body, job.request, options);
  const problems: string[] = [];
  const decisions = wording.decisions(job.source);
  const decisionOptions = { now: job.receivedAt, onProblem: (error: TocsinError) => problems.push(error.toText()) };
  const signals = alerts.map((alert): AlertSignal => {
    const one = decisions ? decided(alert, decisions, decisionOptions) : alert;
    return { ...one, kind: 'alert', data: wellFormedJson(one.data) };
  });
  return {
    signals: packSignals(signals),
    rejected: rejected.slice(0, 100) satisfies Fault[],
    problems: problems.slice(0, mostProblems),
  };
}

function buildRequest(job: Extract<Job, { kind: 'request' }>): Results['request'] {
  const target = known(targets, job.target);
  const { definition } = target.integration;
  const words =
    job.source === null ? wording.ofHub(job.target, job.input.digest !== undefined) : wordsOf(job.source, job);
  const problems: string[] = [];
  const notification = renderNotification(
    unpackInput(job.input),
    words,
    { medium: mediumOf(target), limits: setup.without.includes('cut') ? {} : definition.limits },
    { now: job.now, onProblem: (error) => problems.push(error.toText()) },
  );
  return { request: requestOf(target, notification, job.answers), problems };
}

const longestTitle = 120;

/** Of one group among many; its key, where the templates don't say. */
function titleOf({ source, wording: own, input }: TitleJob['items'][number], { target, now }: TitleJob): string {
  try {
    const words = wording.at({ source, target, wording: wordingAt(own, input.event.kind) });
    const limits = { medium: 'text', limits: { title: longestTitle } } as const;
    return renderNotification(unpackInput(input), words, limits, { now, onProblem: () => {} }).title;
  } catch {
    return input.group.key;
  }
}

function wordsOf(source: string, { target, wording: own, input }: Extract<Job, { kind: 'request' }>): SourceTemplates {
  known(sources, source);
  return wording.at({ source, target, wording: wordingAt(own, input.event.kind) });
}

function preview(job: Extract<Job, { kind: 'preview' }>): Results['preview'] {
  const target = job.target === null ? undefined : known(targets, job.target);
  known(sources, job.source);
  const medium = job.medium ?? (target ? mediumOf(target) : 'text');
  const own = wordingAt(job.wording, job.input.event.kind);
  const templates = wording.at({ ...job, wording: own }, job.templates ?? undefined);
  const problems: string[] = [];
  const limits = target?.integration.definition.limits ?? {};
  const onProblem = (error: TocsinError) => problems.push(error.toText());
  const input = unpackInput(job.input);
  const notification = renderNotification(input, templates, { medium, limits }, { now: job.now, onProblem });
  const { headline, title, message, comment, link, image } = notification;
  const from = wordingFields.flatMap((field) => {
    const file = templateFor(templates, field, medium)?.file;
    return file === undefined ? [] : [[field, file]];
  });
  const texts = { headline, title, message, comment, link, image };
  const built: Preview = { medium, texts, from: Object.fromEntries(from), request: null, problems };
  if (!target) return built;
  try {
    return { ...built, request: requestOf(target, notification, []) };
  } catch (error) {
    // The texts are there all the same, and the reason is what the operator looks for.
    problems.push(`no request: ${error instanceof TocsinError ? error.toText() : String(error)}`);
    return built;
  }
}

/** What the target builds; refused where a text got into a header that can’t hold it. */
function requestOf(
  { id, integration, settings }: ReadyTarget,
  notification: Notification,
  answers: readonly HttpResponse[],
): HttpRequest | null {
  const request = nextRequest(integration.definition, notification, settings, answers) ?? null;
  const headers = request ? impossibleHeaders(request) : [];
  if (headers.length === 0) return request;
  const names = headers.map((name) => JSON.stringify(name)).join(', ');
  throw new TocsinError('integration', `the request can’t be sent: what stands in ${names} may not stand in a header`, {
    origin: id,
    remedy: 'Check the headers in its settings; if they are in order, tell the author of the integration.',
  });
}

/** Of one request, as the log gets them: a template that fails for one alert fails for all of its kind. */
const mostProblems = 5;

function mediumOf({ integration, settings }: ReadyTarget): MediumName {
  const { medium } = integration.definition;
  return typeof medium === 'function' ? medium(settings) : medium;
}

function unpackInput(packed: PackedInput): NotificationInput {
  const alerts = packed.alerts.map(unpackAlert);
  const [alert] = alerts;
  if (!alert) throw new TocsinError('store', 'a notification without an alert');
  return { ...packed, alert, alerts };
}

function unpackAlert(alert: PackedAlert): NotificationAlert {
  return { ...alert, data: JSON.parse(alert.data) as unknown };
}

function readOutcome(job: Extract<Job, { kind: 'outcome' }>): Results['outcome'] {
  const { integration, settings } = known(targets, job.target);
  return integration.definition.outcome?.(job.response, settings) ?? outcomeOf(job.response);
}

function readCallback({ target, request }: Extract<Job, { kind: 'callback' }>): Results['callback'] {
  const { actions, settings } = actionsOf(target);
  return actions.read(request, settings);
}

/** What is asked of a target, or told to one person, besides its messages. */
function aside(job: Extract<Job, { kind: 'reply' | 'person' }>): HttpRequest | null {
  const { actions, settings } = actionsOf(job.target);
  const request =
    job.kind === 'reply'
      ? actions.reply?.(job.to, job.text, settings)
      : actions.person?.request(job.id, settings, job.installation);
  return request ?? null;
}

function writeBackRequest({ source, wanted, answers }: Extract<Job, { kind: 'write-back' }>): HttpRequest | null {
  const { writeBack, settings } = httpWriteBackOf(source);
  const request = writeBack.request({ ...wanted, alert: unpackAlert(wanted.alert) }, settings, answers) ?? null;
  if (request && impossibleHeaders(request).length > 0)
    throw new TocsinError('integration', 'what stands in a header may not stand there', { origin: source });
  return request;
}

function httpWriteBackOf(id: string) {
  const { integration, writeBack: settings } = known(sources, id);
  const { writeBack } = integration.definition;
  if (writeBack?.kind === 'http') return { writeBack, settings };
  throw new TocsinError('integration', 'it is told nothing by HTTP', { origin: id });
}

/** What the alert is about, as the monitor names it. */
function objectOf({ source, alert }: Extract<Job, { kind: 'write-back-object' }>): { host: string; service?: string } {
  const { writeBack } = known(sources, source).integration.definition;
  if (writeBack?.kind === 'command-file') return writeBack.object(unpackAlert(alert));
  throw new TocsinError('integration', 'it has no command file', { origin: source });
}

function installationRequest({ target, asked }: Extract<Job, { kind: 'installation-request' }>): HttpRequest {
  const { installation, settings } = installationOf(target);
  switch (asked.step) {
    case 'authorize':
      return { method: 'GET', url: installation.authorize(asked, settings) };
    case 'exchange':
      return installation.exchange.request(asked, settings);
    case 'revoke':
      return installation.revoke.request(settings);
    case 'places':
      return installation.places.request(asked, settings);
  }
}

function installationOf(target: string) {
  const { integration, settings } = known(targets, target);
  const { installation } = integration.definition;
  if (installation) return { installation, settings };
  throw new TocsinError('integration', 'no workspace installs it', { origin: target });
}

function actionsOf(target: string) {
  const { integration, settings } = known(targets, target);
  const { actions } = integration.definition;
  if (actions) return { actions, settings };
  throw new TocsinError('integration', 'it has no actions', { origin: target });
}

function known<Value>(map: ReadonlyMap<string, Value>, id: string): Value {
  const value = map.get(id);
  if (value) return value;
  throw new TocsinError('not-found', `${id} is not in the config`, {
    remedy: 'Restart the host after changing the config.',
  });
}
