import { Command } from 'commander';
import { absolute, relative } from '../pages/moment.ts';
import { placeOf, type TriedRoute } from '../why/ways.ts';
import { oneLine } from './printable.ts';
import { type HostOptions, openHost, print, withHost } from './with-host.ts';

/** As the API gives it, as far as it is printed. */
interface Why {
  answer: string;
  advice: string[];
  group: { id: string; source: string; key: string; status: string; severity: string; url: string };
  alert: { fingerprint: string; status: string; said: string; firingSince: string; resolvedAt: string | null } | null;
  request: { first: string; last: string; kept: Request | null; rejected: Request[] };
  decisions: {
    number: number;
    kind: string;
    at: string;
    actor: string | null;
    comment: string | null;
    quiet: boolean;
    after: { status: string; firing: number; members: number };
  }[];
  ways: {
    labels: Record<string, string>;
    alerts: number;
    fingerprints: string[];
    routes: TriedRoute[];
  }[];
  silences: { id: string; state: string; matchers: string[]; endsAt: string; comment: string; author: string }[];
  tellings: {
    target: string;
    address: string | null;
    verdict: string;
    says: string[];
    routes: string[];
    owes: { number: number; kind: string }[];
    attempts: Attempt[];
  }[];
}

interface Request {
  id: number;
  receivedAt: string;
  reason: string | null;
}

interface Attempt {
  startedAt: string;
  duration: number;
  event: number;
  outcome: string;
  reason: string | null;
  error: string | null;
  status: number | null;
}

export function whyCommand(): Command {
  return withHost(new Command('why').description('say why somebody was told of an alert, or wasn’t'))
    .argument('<what>', 'the id of a group, `<source>/<fingerprint>`, or the fingerprint of an alert')
    .addHelpText('after', '\nThe first line is the answer; what follows is the way of the alert, in its order.')
    .action(async (what: string, options: HostOptions) => {
      const why = await openHost(options).api.get<Why>(`why?${new URLSearchParams(asked(what))}`);
      print(options, why, () => linesOf(why).map(oneLine));
    });
}

/** A group's id is letters and digits; a source's has no slash. */
function asked(what: string): Record<string, string> {
  const [, source, fingerprint] = /^([^/]+)\/(.+)$/s.exec(what) ?? [];
  if (source !== undefined && fingerprint !== undefined) return { source, fingerprint };
  return /^[0-9a-z]{4,10}$/.test(what) ? { group: what } : { fingerprint: what };
}

function linesOf(why: Why): string[] {
  const { answer, advice, group, alert, silences } = why;
  const { id, source, key, status, severity, url } = group;
  return [
    answer,
    ...advice.map((line) => `→ ${line}`),
    '',
    `Group ${id} of ${source} (${key}): ${status}, ${severity}`,
    `  ${url}/why`,
    ...(alert
      ? [`  alert ${alert.fingerprint}: ${alert.status} since ${time(alert.resolvedAt ?? alert.firingSince)}`]
      : []),
    ...section('How it came in', requestLines(why)),
    ...section('What was decided', why.decisions.map(decisionLine)),
    ...section('Which routes were tried', why.ways.flatMap(wayLines)),
    ...section(
      'Silences that match',
      silences.map(
        (one) =>
          `${one.id}  ${one.state}  {${one.matchers.join(', ')}}  until ${time(one.endsAt)}  ${one.author}: ${one.comment}`,
      ),
    ),
    ...section('Who is told', why.tellings.flatMap(tellingLines)),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function requestLines({ request: { first, last, kept, rejected } }: Why): string[] {
  return [
    `first ${time(first)}, last ${time(last)}`,
    ...(kept ? [`request ${kept.id} came in just then, and is kept`] : []),
    ...rejected.map(
      (one) => `request ${one.id} could not be read, ${time(one.receivedAt)}: ${(one.reason ?? '').split('\n')[0]}`,
    ),
  ];
}

function decisionLine({ number, kind, at, actor, comment, quiet, after }: Why['decisions'][number]): string {
  const by = actor === null ? '' : ` by ${actor}`;
  const note = quiet ? ' (nobody is told of this)' : '';
  const words = comment === null ? '' : `: ${comment}`;
  return `${String(number).padStart(3)}  ${time(at)}  ${kind}${by}${note}${words}  [${after.status}, ${after.firing} of ${after.members} firing]`;
}

function wayLines({ labels, alerts, fingerprints, routes }: Why['ways'][number]): string[] {
  const who =
    alerts > fingerprints.length
      ? `${fingerprints.join(', ')} and ${alerts - fingerprints.length} more`
      : fingerprints.join(', ');
  return [`${who}: ${labelText(labels)}`, ...routes.map((route) => `  ${routeLine(route)}`)];
}

export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ');
}

/** `✗ routes[0] (line 12)  team="db" is not so: team is "web"` */
export function routeLine({ path, line, matchers, failed, selected, subscriptions }: TriedRoute): string {
  const indent = '  '.repeat(path.split('.').length - 1);
  const place = `${indent}${failed ? '✗' : '✓'} ${placeOf({ path, line })}`;
  if (failed) {
    const has =
      failed.value === '' ? `there is no ${failed.label}` : `${failed.label} is ${JSON.stringify(failed.value)}`;
    return `${place}  ${failed.matcher} is not so: ${has}`;
  }
  const what = matchers.length === 0 ? 'matches everything' : matchers.join(', ');
  if (!selected) return `${place}  ${what}; a route below it takes it`;
  return `${place}  ${what} → ${subscriptions.length === 0 ? 'nobody' : subscriptions.join(', ')}`;
}

const marks: Record<string, string> = { told: '✓', waits: '…', trouble: '!', never: '–' };

function tellingLines({ target, address, verdict, says, routes, owes, attempts }: Why['tellings'][number]): string[] {
  const from = routes.length === 0 ? '' : `  (from ${routes.join(', ')})`;
  const name = address === null ? target : `${target} ${address}`;
  return [
    `${marks[verdict] ?? ' '} ${name}${from}`,
    ...says.map((line) => `    ${line}`),
    ...(owes.length > 0 ? [`    owed: ${owes.map(({ number, kind }) => `${kind} (event ${number})`).join(', ')}`] : []),
    ...attempts.map((attempt) => `    ${attemptLine(attempt)}`),
  ];
}

function attemptLine({ startedAt, duration, event, outcome, reason, error, status }: Attempt): string {
  const why = reason ?? error ?? (status === null ? null : `HTTP ${status}`);
  return `attempt ${time(startedAt)}, up to event ${event}: ${outcome} after ${duration} ms${why ? `: ${why.slice(0, 300).toWellFormed()}` : ''}`;
}

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function time(text: string): string {
  const clock = { now: Date.now(), zone };
  return `${absolute(Date.parse(text), clock)} (${relative(Date.parse(text), clock)})`;
}
