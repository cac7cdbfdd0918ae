import { type AttemptOutcome, type HttpResponse, outcomeOf, z } from '@tocsin/core';

/** Opening gives the tickets; the API's clients show what else it answers. https://pypi.org/project/dutycalls-sdk/ */
export function outcomeOfAnswer(response: HttpResponse): AttemptOutcome {
  const setUp = setUpOf(response);
  if (setUp) return { outcome: 'refused', reason: `HTTP ${response.status}: ${response.body.slice(0, 200)}`, setUp };
  const outcome = outcomeOf(response);
  const ref = outcome.outcome === 'delivered' ? sidsIn(response).join(' ') : '';
  return ref === '' ? outcome : { outcome: 'delivered', ref };
}

/** The tickets that an answer names, in all channels. */
export function sidsIn({ body }: HttpResponse): string[] {
  const answer = opened.safeParse(jsonOf(body));
  return answer.success ? answer.data.tickets.map(({ sid }) => sid) : [];
}

const opened = z.looseObject({ tickets: z.array(z.looseObject({ sid: z.string().regex(/^\S+$/) })) });

function setUpOf({ status, body }: HttpResponse): string | undefined {
  if (status >= 200 && status < 300) {
    return body === '' || jsonOf(body) !== undefined
      ? undefined
      : 'what answers is not the API; set `baseUrl` to https://dutycalls.me/api, or leave it out';
  }
  if (body.includes('does not exist or is not linked to')) return noChannel;
  return Object.hasOwn(setUps, status) ? setUps[status] : undefined;
}

const noChannel =
  'one of its `channels` does not exist or belongs to another source; write the names as DutyCalls has them, and select the source in the settings of each';

const setUps: Readonly<Record<number, string>> = {
  401: 'DutyCalls does not know its `login` and `password`; copy both anew, from Sources → Setup in DutyCalls',
  403: 'the source of its `login` may not do this; copy `login` and `password` of the source that the `channels` have',
  404: 'DutyCalls has nothing there; check `baseUrl`, and whether its `channels` are still there',
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
