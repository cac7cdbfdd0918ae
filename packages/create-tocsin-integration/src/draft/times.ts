import { bestOf, type Field, isEverywhere } from './fields.ts';
import { type Guess, guessAbout, placeOf } from './guess.ts';
import type { Samples } from './samples.ts';
import type { StatusDecision } from './status.ts';

export interface TimesDecision {
  at: Field | undefined;
  startedAt: Field | undefined;
}

const sentNames = [
  'timestamp',
  'sentat',
  'sent',
  'time',
  'eventtime',
  'updatedat',
  'lastupdate',
  'datetime',
  'when',
  'date',
  'at',
  'ts',
];
const startNames = [
  'startsat',
  'startedat',
  'starttime',
  'start',
  'since',
  'began',
  'firstseen',
  'createdat',
  'openedat',
  'triggeredat',
];

/** The times of the event and of the start, where they can be read without knowing the sender's time zone. */
export function decideTimes(
  fields: readonly Field[],
  samples: Samples,
  status: StatusDecision,
): { times: TimesDecision; guesses: Guess[] } {
  const isTime = (field: Field) => isEverywhere(field) && field.values.every(readsAsTime);
  const differs = ({ values }: Field) => {
    const of = (wanted: string) =>
      samples.list.flatMap((_, index) => (status.statuses[index] === wanted ? [values[index]] : []));
    const fired = new Set(of('firing'));
    return of('resolved').every((value) => !fired.has(value));
  };
  const [at] = bestOf(fields, sentNames, (field) => isTime(field) && differs(field));
  const [startedAt] = bestOf(fields, startNames, isTime);
  const [zoneless] = bestOf(fields, sentNames, (field) => isEverywhere(field) && field.values.every(lacksZone));
  return {
    times: { at, startedAt },
    guesses: [
      ...(at
        ? [guessAbout('at', `${placeOf(at)} looks like the time of the event itself. Is it never that of the start?`)]
        : []),
      ...(startedAt ? [guessAbout('startedAt', `${placeOf(startedAt)} looks like when the problem began.`)] : []),
      ...(!at && zoneless
        ? [
            guessAbout(
              'fingerprint',
              `No time is read: ${placeOf(zoneless)} has no time zone. Can the system send one?`,
            ),
          ]
        : []),
    ],
  };
}

function readsAsTime(value: unknown): boolean {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$/.test(value)) {
    return !Number.isNaN(Date.parse(value));
  }
  const number =
    typeof value === 'number' || (typeof value === 'string' && /^\d{10}(\d{3})?$/.test(value)) ? Number(value) : 0;
  return (number > 1e9 && number < 1e10) || (number > 1e12 && number < 1e13);
}

function lacksZone(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}[-.]\d\d[-.]\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$/.test(value);
}
