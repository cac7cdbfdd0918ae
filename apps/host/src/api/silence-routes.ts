import { randomBytes } from 'node:crypto';
import { TocsinError, wellFormed } from '@tocsin/core';
import { checkSilence, formatMatcher, type Matcher, parseMatchers, type Silence, silenceState } from '@tocsin/engine';
import { z } from 'zod';
import type { HostContext } from '../context.ts';
import { type Failure, invalid, refused } from './failure.ts';
import { type Api, nameOf, route } from './route.ts';
import { closed, described, pageOf, paging, silenceShape } from './schemas.ts';
import { isoTime, parseTime, parseUntil } from './time.ts';
import { viewPage } from './views.ts';

const tag = 'silences';

const silencePage = pageOf('SilencePage', silenceShape);

const comment = described(z.string().trim().min(1, 'is empty; say why').max(1000), 'Why, for everybody who asks.');

const given = closed({
  matchers: described(
    z.union([z.string().max(4096), z.array(z.string().max(4096)).max(50)]),
    'Alertmanager’s matchers, all of which must hold: `severity="warning"`. The labels are those that routes see.',
  ),
  from: described(z.string().max(64), 'When it begins; now by default.').optional(),
  until: described(
    z.string().max(64),
    'When it ends: a duration (`30m`, `2h`, `1d`) or a time (`2026-03-01T09:00:00+01:00`), at most a year ahead.',
  ),
  comment,
});

/** Silences by matchers. They hold back messages; groups and their pages are as they would be without. */
export function registerSilenceRoutes(api: Api, { store }: HostContext, now: () => number): void {
  const all = described(z.enum(['true', 'false']), 'Those that ended in the last 30 days too.').optional();
  const list = { operationId: 'listSilences', tag, summary: 'The silences that have not ended, newest first' };
  const query = { querystring: closed({ all, ...paging(200, 50) }) };
  api.get('/v1/silences', route('viewer', list, silencePage, query), async (request) => {
    const { all: isAll, ...page } = request.query;
    const filter = isAll === 'true' ? {} : { endingAfter: now() };
    return viewPage(await store.query.silences(filter, page), (silence) => viewSilence(silence, now()));
  });

  const make = { operationId: 'createSilence', tag, summary: 'Hold back messages about the alerts that match' };
  api.post('/v1/silences', route('operator', make, silenceShape, { body: given }), async (request, reply) => {
    const read = readSilence(request.body, nameOf(request.token), now());
    if ('refused' in read) return refused(reply, read.refused);
    await store.putSilence(read.silence);
    return viewSilence(read.silence, now());
  });

  const end = { operationId: 'endSilence', tag, summary: 'End a silence now; what it held is told' };
  const one = { params: z.object({ id: z.string().max(64) }), body: closed({}), refusals: [404] as const };
  api.post('/v1/silences/:id/end', route('operator', end, silenceShape, one), async ({ params: { id } }, reply) => {
    const [silence] = (await store.query.silences({ id }, { limit: 1 })).items;
    if (!silence) return refused(reply, unknownSilence(id));
    const ended = { ...silence, startsAt: Math.min(silence.startsAt, now()), endsAt: Math.min(silence.endsAt, now()) };
    if (ended.endsAt !== silence.endsAt) await store.putSilence(ended);
    return viewSilence(ended, now());
  });
}

function readSilence(
  { matchers, from, until, comment: why }: z.output<typeof given>,
  author: string,
  now: number,
): { silence: Silence } | { refused: Failure } {
  const read = readMatchers(typeof matchers === 'string' ? [matchers] : matchers);
  if ('refused' in read) return read;
  const start = from === undefined ? { time: now } : parseTime(from, now);
  if ('fault' in start) return { refused: invalid('body.from', start.fault) };
  const end = parseUntil(until, now);
  if ('fault' in end) return { refused: invalid('body.until', end.fault) };
  const times = { startsAt: start.time, endsAt: end.until };
  const [fault] = checkSilence({ matchers: read.matchers, ...times });
  if (fault) return { refused: invalid(`body.${fault.path === 'endsAt' ? 'until' : fault.path}`, fault.message) };
  const id = randomBytes(5).toString('hex');
  return { silence: { id, matchers: read.matchers, ...times, comment: wellFormed(why), author: wellFormed(author) } };
}

function readMatchers(texts: readonly string[]): { matchers: Matcher[] } | { refused: Failure } {
  try {
    return { matchers: texts.flatMap((text) => parseMatchers(wellFormed(text))) };
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    return { refused: invalid('body.matchers', `${error.message}. ${error.remedy ?? ''}`.trim()) };
  }
}

export function viewSilence(silence: Silence, now: number): z.output<typeof silenceShape> {
  const { id, matchers, startsAt, endsAt, comment: why, author } = silence;
  return {
    id,
    state: silenceState(silence, now),
    matchers: matchers.map(formatMatcher),
    startsAt: isoTime(startsAt),
    endsAt: isoTime(endsAt),
    comment: why,
    author,
  };
}

function unknownSilence(id: string): Failure {
  return {
    status: 404,
    code: 'not-found',
    message: `there is no silence ${JSON.stringify(id.slice(0, 64))}`,
    remedy: 'Take the id from the list of silences.',
  };
}
