import { bestOf, type Field, textsOf } from './fields.ts';
import { type Guess, guessAbout } from './guess.ts';
import type { IdentityDecision } from './identity.ts';
import { isObject, readPath, type Samples } from './samples.ts';
import type { SeverityDecision } from './severity.ts';

export interface LabelsDecision {
  /** Objects whose scalars are labels as they are. */
  spread: { of: 'alert' | 'payload'; path: readonly string[] }[];
  fields: { name: string; field: Field }[];
}

const labelObjects = ['labels', 'tags'];
const labelNames = [
  'environment',
  'env',
  'region',
  'zone',
  'cluster',
  'namespace',
  'datacenter',
  'team',
  'service',
  'project',
  'stage',
  'application',
  'app',
  'severity',
  'priority',
  'category',
  'connection',
  'schema',
  'table',
  'chart',
  'address',
];

/** What routes may match. */
export function decideLabels(
  fields: readonly Field[],
  { list }: Samples,
  { objects, problems }: IdentityDecision,
  severity: SeverityDecision | undefined,
): { labels: LabelsDecision; guesses: Guess[] } {
  const spread = labelObjects
    .filter((key) =>
      list.every(({ alert }) => {
        const value = readPath(alert, [key]);
        return isObject(value) && Object.values(value).every((inner) => typeof inner !== 'object');
      }),
    )
    .map((key) => ({ of: 'alert' as const, path: [key] }));
  // What the alerts have in common stands in their own labels too.
  const isInside = (field: Field) =>
    spread.length > 0 && field.path.slice(0, -1).some((key) => /labels|tags|annotations/i.test(key));
  const short = (field: Field) => field.values.every((value) => String(value ?? '').length <= 120);
  const chosen = [
    ...objects,
    ...problems.slice(0, 1),
    ...(severity ? [severity.field] : []),
    ...bestOf(fields, labelNames, (field) => short(field) && textsOf(field).length > 0),
  ];
  const named = new Map<string, Field>();
  for (const field of new Set(chosen)) {
    const name = field === severity?.field ? 'severity' : labelName(field);
    if (!isInside(field) && !named.has(name) && named.size < 8) named.set(name, field);
  }
  const labels = { spread, fields: [...named].map(([name, field]) => ({ name, field })) };
  const isEmpty = spread.length + named.size === 0;
  const says = isEmpty
    ? 'Nothing looked like a label. What would people route by?'
    : 'These are what routes can match and what stands under a message. Which others would people route by?';
  return { labels, guesses: [guessAbout('labels', says)] };
}

/** `HOST.NAME` and `monitor.name` are `host_name` and `monitor_name`, `check` is `check`. */
function labelName({ path }: Field): string {
  const key = path.at(-1) as string;
  const isGeneral = /^(name|id|title|type|displayName|key)$/i.test(key) && path.length > 1;
  return (isGeneral ? `${path.at(-2)}_${key}` : key)
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, '_')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_|_$/g, '')
    .toLowerCase();
}
