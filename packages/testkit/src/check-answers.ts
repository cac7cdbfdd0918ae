import { type AttemptOutcome, type HttpResponse, outcomeOf, z } from '@tocsin/core';
import { parseJson, readText } from './files.ts';
import { type Origin, originFaults } from './origin.ts';
import type { Report } from './result.ts';
import type { ReadyTarget } from './target-case.ts';

/** One answer of the vendor and what it must lead to: an element of `examples/answers.json`. */
export interface Answer {
  /** What the vendor would call it: `channel_is_archived`. */
  name: string;
  /** The vendor's page that says so. */
  origin: Origin;
  response: HttpResponse;
  /** `after`: milliseconds until the next attempt. `ref`: the handle of what was told. */
  expected: { outcome: AttemptOutcome['outcome']; after?: number; ref?: string };
}

const origin = z.looseObject({
  kind: z.enum(['captured', 'documented', 'constructed']),
  url: z.string(),
  product: z.string(),
  version: z.string().optional(),
  date: z.string(),
});

const answers = z.array(
  z.strictObject({
    name: z.string().min(1),
    origin,
    response: z.strictObject({
      status: z.int().min(100).max(599),
      headers: z.record(z.string().regex(/^[^A-Z]+$/, 'is not in lower case'), z.string()).default({}),
      body: z.string().default(''),
    }),
    expected: z.strictObject({
      outcome: z.enum(['delivered', 'retry', 'refused', 'disabled']),
      after: z.int().positive().optional(),
      ref: z.string().min(1).optional(),
    }),
  }),
);

/** The answers of a set of examples; none without the file. Throws a SyntaxError that says what is wrong with it. */
export async function readAnswers(folder: string, examples: string): Promise<Answer[]> {
  const answersFile = `${examples}/answers.json`;
  const text = await readText(folder, answersFile);
  if (text === undefined) return [];
  const parsed = answers.safeParse(parseJson(text, answersFile));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${z.core.toDotPath(path)}: ${message}`);
  throw new SyntaxError(faults.join('; '));
}

/** What the vendor's page says about its answers, held against what the target makes of them. */
export async function checkAnswers(target: ReadyTarget, examples: string, report: Report): Promise<void> {
  const { integration, settings } = target;
  const outcome = (response: HttpResponse) =>
    integration.definition.outcome?.(response, settings) ?? outcomeOf(response);
  await report.check(
    `${examples}/answers.json`,
    'answers',
    "Mend `outcome`, or the answer if the vendor's page says otherwise.",
    async () => {
      const given = await readAnswers(integration.folder, examples);
      return given.flatMap((answer) => [
        ...originFaults(answer.origin).map((fault) => `${answer.name}: ${fault}`),
        ...outcomeFaults(answer, outcome(answer.response)),
      ]);
    },
  );
}

function outcomeFaults({ name, expected }: Answer, actual: AttemptOutcome): string[] {
  if (actual.outcome !== expected.outcome) return [`${name} is ${actual.outcome} and should be ${expected.outcome}`];
  const after = actual.outcome === 'retry' ? actual.after : undefined;
  const ref = actual.outcome === 'delivered' ? actual.ref : undefined;
  const when = (time: number | undefined) => (time === undefined ? 'at no given time' : `after ${time} ms`);
  const handle = (given: string | undefined) => (given === undefined ? 'no handle' : `the handle ${given}`);
  return [
    ...(after === expected.after
      ? []
      : [`${name} is tried again ${when(after)} and should be ${when(expected.after)}`]),
    ...(ref === expected.ref ? [] : [`${name} gives ${handle(ref)} and should give ${handle(expected.ref)}`]),
  ];
}
