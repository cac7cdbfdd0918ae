import { isIdentifying, plainWord, usualNames } from '@tocsin/core';
import { bestOf, type Field, isEverywhere, rankOf, textsOf } from './fields.ts';
import { type Guess, guessAbout, placeOf } from './guess.ts';
import { isObject, readPath, type Sample, type Samples } from './samples.ts';
import type { StatusDecision } from './status.ts';

export interface IdentityDecision {
  /** What together is the alert's identity. */
  fingerprint: Field[];
  /** An object beside the alerts that is the group's key; undefined where each alert is its own group. */
  group: readonly string[] | undefined;
  /** What names the object and what names the problem, the best first. */
  objects: Field[];
  problems: Field[];
  guesses: Guess[];
}

const hosts = ['host', 'hostname', 'instance', 'node', 'nodename', 'server', 'servername', 'device', 'devicename'];
const objectNames = [
  ...hosts,
  'monitorname',
  'hostalias',
  'hostdisplayname',
  'target',
  'entity',
  'resourcedisplayname',
  'resourcename',
  'resource',
  'monitor',
  'pod',
  'container',
  'servicename',
  'service',
  'component',
  'applicationname',
  'application',
  'app',
  'site',
  'endpoint',
  'database',
  'table',
  'queue',
  'projectname',
  'project',
  'cluster',
  'namespace',
  'sensorname',
  'object',
  'address',
];
const problemNames = [
  'alertname',
  'alarmname',
  'rulename',
  'checkname',
  'triggername',
  'problemtitle',
  'conditionname',
  'metricname',
  'policyname',
  'testname',
  'eventname',
  'rule',
  'check',
  'trigger',
  'alarm',
  'metric',
  'problem',
  'condition',
  'test',
  'probe',
  'servicedesc',
  'title',
  'summary',
  'subject',
  'name',
  'event',
];
/** The same on every host, or given anew by each: what tells two things apart only together with the host. */
const perHost = ['checkid', 'monitorid', 'alarmid', 'triggerid', 'ruleid', 'sensorid'];
const ownIds = [...usualNames.fingerprint, 'alertuid', 'incidentuid', 'incident', 'issueid', ...perHost];

/** What is the same in every signal of one thing and tells it from others. */
export function decideIdentity(
  fields: readonly Field[],
  { list, alertsAt }: Samples,
  status: StatusDecision,
): IdentityDecision {
  const stays = (field: Field) => field !== status.field && isEverywhere(field) && isSteady(field, list, status);
  const isName = (field: Field) =>
    stays(field) &&
    textsOf(field).length > 0 &&
    textsOf(field).every((text) => text.length <= 120 && /\p{L}/u.test(text) && !/\n/.test(text));
  const objects = distinct(bestOf(fields, objectNames, isName)).slice(0, 3);
  const problems = distinct(bestOf(fields, problemNames, isName)).filter((field) => !objects.includes(field));
  const [id] = bestOf(fields, ownIds, stays);
  const host = objects.find((field) => rankOf(field, hosts) !== undefined);
  const group = alertsAt === undefined ? undefined : groupObject(list);
  const named = id
    ? [...(host && rankOf(id, perHost) !== undefined ? [host] : []), id]
    : [...objects.slice(0, 2), ...problems.slice(0, 1)];
  const others = fields.filter((field) => stays(field) && identifies(field));
  const fallback = named.length > 0 ? named : others.slice(0, 3);
  const steady = fields.filter((field) => stays(field) && textsOf(field).length > 0);
  const fingerprint = toldApart(fallback.length > 0 ? fallback : steady.slice(0, 1), [...problems, ...others], list);
  return { fingerprint, group, objects, problems, guesses: guessesOf(fingerprint, id, group) };
}

function guessesOf(
  fingerprint: readonly Field[],
  id: Field | undefined,
  group: readonly string[] | undefined,
): Guess[] {
  const places = fingerprint.map(placeOf).join(', ');
  const why = id ? 'the id that the thing itself has, by its name' : 'this names the object and the problem';
  return [
    guessAbout(
      'fingerprint',
      fingerprint.length === 0
        ? 'Nothing in the payloads names what it is about, so that everything is one thing. What does?'
        : `${places}: ${why}, and is no time and no counter. Is it the same when it fires and when it is over, and another for another object?`,
    ),
    guessAbout(
      'group',
      group
        ? `${group.join(' → ')} is what the system itself groups by. Is one of these one problem to people?`
        : 'Each alert is a group of its own. Which of them are one problem to people?',
    ),
  ];
}

/** Whether a request that ends something has it in common with those before; where they are about other things nothing is. */
function isSteady(field: Field, samples: readonly Sample[], { statuses }: StatusDecision): boolean {
  const fires = new Set(samples.flatMap(({ request }, index) => (statuses[index] === 'firing' ? [request] : [])));
  const of = (wanted: boolean) =>
    new Set(samples.flatMap(({ request }, index) => (fires.has(request) === wanted ? [field.values[index]] : [])));
  const [firing, resolved] = [of(true), of(false)];
  return firing.size === 0 || resolved.size === 0 || [...resolved].some((value) => firing.has(value));
}

function identifies(field: Field): boolean {
  const key = field.path.at(-1) as string;
  return field.values.every((value) => isIdentifying({ name: key, word: plainWord(key), value }));
}

/** Of fields that always say the same one is enough. */
function distinct(fields: readonly Field[]): Field[] {
  const seen = new Set<string>();
  return fields.filter(({ values }) => {
    const key = JSON.stringify(values);
    return !seen.has(key) && seen.add(key);
  });
}

/** With as many of the others as it takes until no two alerts of one request are the same. */
function toldApart(fingerprint: Field[], others: readonly Field[], samples: readonly Sample[]): Field[] {
  const identities = (chosen: readonly Field[]) =>
    new Set(
      samples.map(({ request }, index) => JSON.stringify([request, ...chosen.map(({ values }) => values[index])])),
    ).size;
  const chosen = [...fingerprint];
  for (const other of others) {
    if (identities(chosen) === samples.length || chosen.length >= 4) break;
    if (!chosen.includes(other) && identities([...chosen, other]) > identities(chosen)) chosen.push(other);
  }
  return chosen;
}

const groupNames = ['groupLabels', 'group_labels', 'groupKey', 'group_key'];

function groupObject(samples: readonly Sample[]): string[] | undefined {
  const name = groupNames.find((key) =>
    samples.every(({ payload }) => {
      const value = readPath(payload, [key]);
      return isObject(value) && Object.keys(value).length > 0;
    }),
  );
  return name === undefined ? undefined : [name];
}
