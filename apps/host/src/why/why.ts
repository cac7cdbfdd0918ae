import {
  compileMatchers,
  type GroupEvent,
  type GroupSummary,
  type Member,
  type Silence,
  type StoredRequest,
  silenceState,
} from '@tocsin/engine';
import type { Clock } from './clock-words.ts';
import type { WhyFacts } from './facts.ts';
import { silencesIn } from './held.ts';
import { type Telling, tellingOf } from './telling.ts';
import { placeOf, type Way, waysOf } from './ways.ts';

/** The way of one alert, or of one group, in the order in which things happen. Times are milliseconds since 1970. */
export interface Why {
  /** The first line: who was told, and what the others wait for. */
  answer: string;
  /** What to do, as imperative sentences. */
  advice: string[];
  group: GroupSummary;
  /** The alert that was asked about, rather than the group. */
  alert: Member | null;
  request: {
    /** When the first and the last event were decided. */
    first: number;
    last: number;
    /** A kept request of the source that came in just as the group began. */
    kept: StoredRequest | null;
    /** Requests of the source that couldn't be read since, the newest first. */
    rejected: StoredRequest[];
  };
  /** The group's log: the first and the last events. */
  decisions: readonly GroupEvent[];
  ways: Way[];
  /** The silences that match, with those that are yet to begin, and those that hold a delivery. */
  silences: Silence[];
  tellings: Telling[];
}

/** Clauses of the answer. */
const mostClauses = 4;
const mostRejected = 5;

/** Pure: everything is in the facts. The sentences tell times in the clock's zone. */
export function explain(facts: WhyFacts, clock: Clock): Why {
  const { group, alert, members, events, rules } = facts;
  const ways = waysOf(group, alert ? [alert] : members, rules);
  const all = alert ? waysOf(group, [alert, ...members], rules) : ways;
  const tellings = facts.deliveries.map((delivery) => tellingOf(delivery, facts, all, clock));
  const first = events[0]?.at ?? group.startedAt;
  const last = events.at(-1)?.at ?? group.updatedAt;
  const rejected = facts.requests.filter(({ reason, receivedAt }) => reason !== null && receivedAt >= first);
  const { answer, advice } = tellings.length === 0 ? unrouted(ways, facts) : answerOf(tellings);
  return {
    answer,
    advice: [...advice, ...unread(rejected, group)],
    group,
    alert,
    request: {
      first,
      last,
      // A request and what it brought are one commit, and have one time.
      kept: facts.requests.find(({ receivedAt }) => receivedAt === first) ?? null,
      rejected: rejected.slice(0, mostRejected),
    },
    decisions: events,
    ways,
    silences: matching(facts, ways, clock),
    tellings,
  };
}

const order: Record<Telling['verdict'], number> = { told: 0, trouble: 1, waits: 2, never: 3 };

function answerOf(tellings: readonly Telling[]): Pick<Why, 'answer' | 'advice'> {
  const sorted = tellings.toSorted((left, right) => order[left.verdict] - order[right.verdict]);
  const clauses = sorted.slice(0, mostClauses).map(clauseOf);
  const more = sorted.length - clauses.length;
  if (more > 0) clauses.push(`and ${more} more below`);
  const wasTold = tellings.some(({ told }) => told !== null);
  const text = `${wasTold ? '' : 'nobody was told so far: '}${clauses.join('; ')}`;
  return {
    answer: `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replace(/\.\.$/, '.'),
    advice: sorted.flatMap(({ advice }) => advice ?? []),
  };
}

/** One that was told before says so first. */
function clauseOf({ told, verdict, clause, target }: Telling): string {
  return told && verdict !== 'told' ? `told to ${target} (${told.status}) before, and now ${clause}` : clause;
}

/** No subscription: nobody is told, and nobody will be unless the routes are changed. */
function unrouted(ways: readonly Way[], { group, rules }: WhyFacts): Pick<Why, 'answer' | 'advice'> {
  const selected = ways.flatMap((way) => way.routes.filter((route) => route.selected));
  const [naming] = selected.filter(({ subscriptions }) => subscriptions.length > 0);
  if (naming) {
    return {
      answer: `Nobody was told: when this came in, no route took it anywhere. ${placeOf(naming)} does now, from the group's next change on.`,
      advice: group.status === 'resolved' ? [] : ['Tell whoever should know by hand: the next change may come late.'],
    };
  }
  const [empty] = selected;
  const reason = empty
    ? `${placeOf(empty)} takes it and names no target`
    : rules.routes.length + rules.channels.length === 0
      ? 'the configuration has no routes'
      : `none of the routes${rules.channels.length > 0 ? ' and channels' : ''} matches${nearest(ways)}`;
  return {
    answer: `Nobody was told: ${reason}.`,
    advice: [
      'Tell whoever should know by hand.',
      'Add a route whose matchers fit the labels below, or a last route that matches everything (`- to: [<target>]`), and start the host again: it holds from the group’s next change on.',
    ],
  };
}

/** What the first route lacks that failed deepest in the tree: it came nearest. */
function nearest(ways: readonly Way[]): string {
  const failed = ways.flatMap(({ routes }) =>
    routes.flatMap(({ path, line, failed: by }) => (by ? [{ path, line, ...by }] : [])),
  );
  const depth = ({ path }: { path: string }) => path.split('.').length;
  const [first] = failed.toSorted((left, right) => depth(right) - depth(left));
  if (!first) return '';
  const { matcher, label, value } = first;
  const has = value === '' ? `the alert has no ${label}` : `${label} is ${JSON.stringify(value)}`;
  return `; ${placeOf(first)} wants ${matcher}, and ${has}`;
}

function unread(rejected: readonly StoredRequest[], { status, source }: GroupSummary): string[] {
  if (rejected.length === 0 || status === 'resolved') return [];
  const count = rejected.length === 1 ? 'One request' : `${rejected.length} requests`;
  return [
    `${count} of ${source} could not be read since this began, and may have said more of it: \`tocsin requests --source ${source} --rejected\`.`,
  ];
}

function matching({ silences, deliveries }: WhyFacts, ways: readonly Way[], { now }: Clock): Silence[] {
  const named = new Set(deliveries.flatMap(({ held }) => (held === null ? [] : silencesIn(held))));
  return silences.filter((silence) => {
    if (named.has(silence.id)) return true;
    const accepts = compileMatchers(silence.matchers);
    return silenceState(silence, now) !== 'expired' && ways.some(({ labels }) => accepts(labels));
  });
}
