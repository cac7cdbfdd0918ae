import {
  type AlertStatus,
  type Integration,
  isSigned,
  type NotOffered,
  type SourceIntegration,
  type TargetIntegration,
} from '@tocsin/core';
import { type Answer, readAnswers } from './check-answers.ts';
import { listFiles, parseJson, readText } from './files.ts';
import type { Origin } from './origin.ts';
import type { ExpectedSource } from './source-case.ts';
import { exampleSets } from './target-case.ts';

/** What the quality of a source is worked out from. */
export interface SourceFacts {
  kind: 'source';
  examples: ExampleFacts[];
  /** Whether the host checks a signature over its requests. */
  isSigned: boolean;
  /** Its templates for one medium alone: `title.sms.hbs`. */
  overrides: string[];
  whyNoOverride?: string;
  writesBack: boolean;
  notOffered: NotOffered<'source'>;
}

export interface ExampleFacts {
  name: string;
  origin?: Origin;
  statuses: AlertStatus[];
}

/** What the quality of a target is worked out from. */
export interface TargetFacts {
  kind: 'target';
  answers: Answer[];
  /** Which texts have a longest length, which the suite then tries at its edges. */
  limits: string[];
  /** Whether an answer gives a handle, by which what was told is edited, or closed. */
  edits: boolean;
  hasActions: boolean;
  notOffered: NotOffered<'target'>;
}

export type Facts = SourceFacts | TargetFacts;

/** Reads them from a package's definition and files. Throws an error that names the file that can't be read. */
export function readFacts(integration: Integration): Promise<Facts> {
  return integration.kind === 'source' ? readSourceFacts(integration) : readTargetFacts(integration);
}

async function readSourceFacts({ folder, definition, templates }: SourceIntegration): Promise<SourceFacts> {
  const files = await listFiles(`${folder}/examples`);
  const expected = files.filter((file) => file.endsWith('.expected.json'));
  return {
    kind: 'source',
    examples: await Promise.all(expected.map((file) => readExample(folder, file))),
    isSigned: isSigned(definition.verify),
    writesBack: definition.writeBack !== undefined,
    overrides: Object.entries(templates.overrides).flatMap(([medium, fields]) =>
      Object.keys(fields).map((field) => `${field}.${medium}.hbs`),
    ),
    ...(definition.whyNoOverride === undefined ? {} : { whyNoOverride: definition.whyNoOverride }),
    notOffered: definition.notOffered ?? {},
  };
}

async function readExample(folder: string, file: string): Promise<ExampleFacts> {
  const text = (await readText(folder, 'examples', file)) ?? '{}';
  // What is missing in there is found by the suite; here it only doesn't count.
  const { origin, alerts = [] } = parseJson(text, `examples/${file}`) as Partial<ExpectedSource>;
  const name = file.replace(/\.expected\.json$/, '');
  return { name, ...(origin ? { origin } : {}), statuses: alerts.map(({ status }) => status) };
}

async function readTargetFacts({ folder, definition }: TargetIntegration): Promise<TargetFacts> {
  const sets = await exampleSets(folder);
  const answers = (await Promise.all(sets.map((examples) => readAnswers(folder, examples)))).flat();
  return {
    kind: 'target',
    answers,
    edits: answers.some(({ origin, expected }) => origin.kind !== 'constructed' && expected.ref !== undefined),
    hasActions: definition.actions !== undefined,
    limits: (['title', 'message'] as const).filter((part) => definition.limits[part] !== undefined),
    notOffered: definition.notOffered ?? {},
  };
}
