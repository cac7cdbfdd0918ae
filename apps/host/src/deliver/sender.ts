import type { AttemptOutcome, HttpRequest, HttpResponse } from '@tocsin/core';
import { outcomeOf, TocsinError, workspaceOf } from '@tocsin/core';
import type { AttemptRecord, SendResult } from '@tocsin/engine';
import type { Egress } from '../egress/egress.ts';
import type { Vault } from '../egress/vault.ts';
import type { InstallationDesk } from '../installations/desk.ts';
import type { PackedInput } from '../integrations/jobs.ts';
import type { IntegrationPool } from '../integrations/pool.ts';
import type { Registry } from '../registry.ts';

export interface SenderOptions {
  registry: Pick<Registry, 'targets'>;
  pool: Pick<IntegrationPool, 'run'>;
  egress: Pick<Egress, 'send'>;
  vault: Pick<Vault, 'show' | 'mask'>;
  installations?: Pick<InstallationDesk, 'isInstallable' | 'ended'>;
}

/** What is told, and by whose words. */
export interface Letter {
  /** Null: the standard words of a test. */
  source: string | null;
  target: string;
  wording: string | null;
  input: PackedInput;
}

/** How an attempt ended. */
export interface Attempted {
  result: SendResult;
  attempt?: AttemptRecord;
  /** What it says of the target itself: nothing, where it never got there. */
  says: SendResult['outcome'] | 'unknown';
  /** Templates that failed, in whose place plain words went out. */
  problems: string[];
  /** What is wrong with the set-up of the target, in its integration's words. */
  setUp?: string;
  /** Why the message never left, as far as an alarm may say it. */
  notSent?: string;
  /** The id of a secret without which it could not be sent. */
  missing?: string;
  /** The workspace that has not let the app in, without which it could not be sent. */
  notInstalled?: string;
}

/** Requests that one notification may take. */
const mostSteps = 10;

/** Has a notification rendered, sends what its target makes of it, and reads the answers. It never rejects. */
export class Sender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** `maySend` is asked before each request; where it says no, nothing was sent that counts. */
  async send(letter: Letter, signal: AbortSignal, maySend: () => Promise<boolean>): Promise<Attempted> {
    const { pool, egress, vault } = this.#options;
    const workspace = workspaceOf(letter.input.address ?? '');
    const startedAt = Date.now();
    const start = performance.now();
    const answers: HttpResponse[] = [];
    const problems: string[] = [];
    let request: HttpRequest | null = null;
    const done = (result: SendResult, error: string | null, more: Partial<Attempted> = {}): Attempted => ({
      result,
      says: result.outcome,
      problems,
      attempt: {
        startedAt,
        duration: Math.round(performance.now() - start),
        request: request && logged(request, vault),
        response: answers.at(-1) ?? null,
        error,
      },
      ...more,
    });
    try {
      let outcome: AttemptOutcome = { outcome: 'delivered' };
      let ref: string | undefined;
      for (let step = 0; step < mostSteps; step++) {
        const built = await pool.run<'request'>({ kind: 'request', ...letter, answers, now: startedAt });
        // Each step renders the same words.
        if (step === 0) problems.push(...built.problems);
        if (!built.request) break;
        if (!(await maySend())) return done({ outcome: 'released' }, null);
        request = built.request;
        const sent = await egress.send(letter.target, request, signal, { workspace });
        if (!sent.response) {
          const reason = sent.error ?? 'no answer';
          if (sent.missing !== undefined)
            return done({ outcome: 'retry', reason }, reason, { says: 'unknown', missing: sent.missing });
          if (sent.notInstalled !== undefined)
            return done({ outcome: 'retry', reason }, reason, { says: 'unknown', notInstalled: sent.notInstalled });
          if (!sent.isFinal) return done({ outcome: 'retry', reason }, reason);
          return done({ outcome: 'refused', reason }, reason, { says: 'unknown', notSent: notAllowed });
        }
        answers.push(sent.response);
        outcome = await this.#outcome(letter, sent.response);
        if (outcome.outcome !== 'delivered') {
          const notInstalled = await this.#gone(letter, workspace, sent.response);
          if (notInstalled === undefined) break;
          const reason = 'the workspace has let the app go; install it there again';
          return done({ outcome: 'retry', reason }, null, { says: 'unknown', notInstalled });
        }
        // The last step need not be the one that made the message.
        ref = outcome.ref ?? ref;
        outcome = { ...outcome, ...(ref === undefined ? {} : { ref }) };
      }
      const setUp = 'setUp' in outcome ? outcome.setUp : undefined;
      return done(resultOf(outcome), null, setUp === undefined ? {} : { setUp });
    } catch (error) {
      // What a target throws may quote a setting of its own.
      const reason = vault.mask(error instanceof Error ? error.message : String(error));
      // An overrun is over some time; anything else that an integration throws, it throws again.
      const isPassing = error instanceof TocsinError && (error.code === 'budget' || error.code === 'not-found');
      if (isPassing) return done({ outcome: 'retry', reason, after: 60_000 }, reason, { says: 'unknown' });
      const isTemplate = error instanceof TocsinError && error.code === 'template';
      return done({ outcome: 'refused', reason }, reason, {
        says: 'unknown',
        notSent: isTemplate ? unwritten : failed,
      });
    }
  }

  /** The workspace, if the answer says that it has let the app go: nothing is sent there from now on. */
  async #gone({ target }: Letter, workspace: string | undefined, response: HttpResponse): Promise<string | undefined> {
    const { pool, installations } = this.#options;
    if (workspace === undefined || !installations?.isInstallable(target)) return undefined;
    const { isEnded } = await pool.run<'installation-end'>({ kind: 'installation-end', target, response });
    if (!isEnded) return undefined;
    await installations.ended(target, workspace);
    return workspace;
  }

  async #outcome({ source, target }: Letter, response: HttpResponse): Promise<AttemptOutcome> {
    const { pool, registry } = this.#options;
    // A date in Retry-After counts from the answer's own, which not every server gives.
    const headers = { date: new Date().toUTCString(), ...response.headers };
    const dated = { ...response, headers };
    if (!registry.targets.get(target)?.integration.definition.outcome) return outcomeOf(dated);
    return pool.run<'outcome'>({ kind: 'outcome', source, target, response: dated });
  }
}

const notAllowed = 'The last could not be sent at all: its address, or a part of it, is not allowed.';
const unwritten = 'The template in its settings does not fit the last; its attempt says where.';
const failed = 'Its integration failed over the last; the log says how.';

function resultOf(outcome: AttemptOutcome): SendResult {
  switch (outcome.outcome) {
    case 'delivered':
      return outcome;
    case 'retry':
      return { ...outcome, pausesLane: outcome.after !== undefined };
    default:
      return { outcome: outcome.outcome, reason: outcome.reason };
  }
}

function logged(request: HttpRequest, vault: SenderOptions['vault']): AttemptRecord['request'] {
  const { method, url, headers = {}, body = '' } = vault.show(request);
  return { method, url, headers, body: body.slice(0, 64 * 1024) };
}
