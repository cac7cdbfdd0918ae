import { type AttemptOutcome, type HttpResponse, outcomeOf, z } from '@tocsin/core';
import { closed, faults, gone, passing, places } from './api-words.ts';
import { writeRef } from './ref.ts';

/** What an answer of the Web API means: `ok` counts, whatever the status. https://docs.slack.dev/apis/web-api/#responses */
export function outcomeOfAnswer(response: HttpResponse): AttemptOutcome {
  const answer = read(response);
  if (answer === undefined) return outcomeOfStranger(response);
  if (answer.ok) return { outcome: 'delivered', ...refOf(answer) };
  const { error: word = 'no reason' } = answer;
  if (word === 'ratelimited' || word === 'rate_limited') return outcomeOf({ ...response, status: 429 });
  if (passing.has(word) || response.status >= 500) return outcomeOf({ ...response, status: 503 });
  // A step: a new message follows.
  if (gone.has(word)) return { outcome: 'delivered' };
  if (word === 'missing_scope') return stopped(word, lacking(answer.needed));
  const stop = Object.hasOwn(closed, word) ? closed[word] : undefined;
  if (stop !== undefined) return stopped(word, stop);
  const setUp = Object.hasOwn(places, word) ? places[word] : undefined;
  if (setUp !== undefined) return { outcome: 'refused', reason: `${word}: ${setUp}`, setUp };
  return {
    outcome: 'refused',
    reason: faults.has(word) ? `${word}: ${misunderstood}${detail(answer)}` : word.slice(0, 200),
  };
}

/** Whether a message can't be edited or answered any more, and a new one takes its place. */
export function isGone(response: HttpResponse): boolean {
  const answer = read(response);
  return answer?.ok === false && answer.error !== undefined && gone.has(answer.error);
}

const message = z.looseObject({
  thread_ts: z.string().optional().catch(undefined),
  team: z
    .string()
    .regex(/^\w{1,32}$/)
    .optional()
    .catch(undefined),
});

const answers = z.looseObject({
  ok: z.boolean(),
  error: z.string().optional(),
  needed: z.string().optional().catch(undefined),
  channel: z
    .string()
    .regex(/^\w{1,32}$/)
    .optional()
    .catch(undefined),
  ts: z
    .string()
    .regex(/^\d{1,20}\.\d{1,20}$/)
    .optional()
    .catch(undefined),
  message: message.optional().catch(undefined),
  response_metadata: z
    .looseObject({ messages: z.array(z.string()) })
    .optional()
    .catch(undefined),
});

type Answer = z.infer<typeof answers>;

function read({ body }: HttpResponse): Answer | undefined {
  try {
    return answers.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/** Of the message of a group; what stands in its thread is edited by nobody. */
function refOf({ channel, ts, message }: Answer): { ref?: string } {
  const thread = message?.thread_ts;
  if (channel === undefined || ts === undefined || (thread !== undefined && thread !== ts)) return {};
  return { ref: writeRef({ channel, ts, ...(message?.team === undefined ? {} : { team: message.team }) }) };
}

function outcomeOfStranger(response: HttpResponse): AttemptOutcome {
  const outcome = outcomeOf(response);
  if (outcome.outcome !== 'delivered') return outcome;
  const setUp = 'what answers is not Slack; leave out `apiUrl`, or set it to https://slack.com/api';
  return { outcome: 'refused', reason: `${JSON.stringify(response.body.slice(0, 200))}: ${setUp}`, setUp };
}

/** Nothing gets through before somebody has mended it. */
function stopped(word: string, setUp: string): AttemptOutcome {
  return { outcome: 'disabled', reason: `${word}: ${setUp}`, setUp };
}

function lacking(needed = ''): string {
  const scope = /^[\w:.,-]{1,100}$/.test(needed) ? needed : 'chat:write';
  return `the app lacks the scope ${scope}; add it under OAuth & Permissions of the app, and install the app again`;
}

const misunderstood = 'Slack does not understand the message; please report it with the request of this attempt';

function detail({ response_metadata: more }: Answer): string {
  const [first] = more?.messages ?? [];
  return first === undefined ? '' : ` (${first.slice(0, 200)})`;
}
