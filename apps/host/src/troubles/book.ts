import type { Trouble, TroubleKind } from './trouble.ts';

/** What the source is handed about one trouble. */
export interface TroubleReport extends Trouble {
  status: 'firing' | 'resolved';
  at: number;
  /** Why it is over without having been seen to go well again. */
  closed?: string | undefined;
}

/** Milliseconds between two reports that the same trouble fires. */
export const spacing = 60_000;

/** Milliseconds without another time after which a trouble is over, and for which it is remembered after that. */
export const quietFor = 60 * 60_000;

interface Entry extends Trouble {
  last: number;
  /** What the source was told last; when it was told last that it fires, and of how many times. */
  told: { status: 'nothing' | 'firing' | 'resolved'; at: number; count: number };
  end?: { at: number; closed?: string | undefined };
  /** It came back soon after its end, as where good requests come beside bad ones: only quiet ends it. */
  isReturning: boolean;
}

/**
 * The troubles that there are, each once however often it happens: a few for each configured source and target at most.
 * Times are passed in, in milliseconds since 1970.
 */
export class TroubleBook {
  readonly #entries = new Map<string, Entry>();

  /** It happened, for the first time or once more. */
  raise({ kind, subject, detail, group }: Omit<Trouble, 'since' | 'count'>, now: number): void {
    const key = keyOf(kind, subject);
    const before = this.#entries.get(key);
    const told = before?.told ?? { status: 'nothing', at: never, count: 0 };
    const isBack = told.status === 'resolved' && before?.end !== undefined;
    const goesOn = before !== undefined && !isBack;
    this.#entries.set(key, {
      kind,
      subject,
      detail,
      group,
      since: goesOn ? before.since : now,
      count: goesOn ? before.count + 1 : 1,
      last: now,
      told: goesOn ? told : { ...told, count: 0 },
      isReturning: isBack || before?.isReturning === true,
    });
  }

  /** It went well. Says whether that ends a trouble. */
  end(kind: TroubleKind, subject: string, now: number): boolean {
    const entry = this.#entries.get(keyOf(kind, subject));
    if (!entry || entry.end || entry.isReturning) return false;
    entry.end = { at: now };
    return true;
  }

  /** One that an earlier process told of: it has as long again. `closed` says why it can't happen any more. */
  adopt(trouble: Trouble, now: number, closed?: string): void {
    this.#entries.set(keyOf(trouble.kind, trouble.subject), {
      ...trouble,
      last: now,
      told: { status: 'firing', at: never, count: trouble.count },
      isReturning: false,
      ...(closed === undefined ? {} : { end: { at: now, closed } }),
    });
  }

  /** What is to be told now; from here on it counts as told. `isLast`: whatever has not been told, too. */
  take(now: number, isLast = false): TroubleReport[] {
    return [...this.#entries].flatMap(([key, entry]) => {
      if (dueOf(entry) > now && !(isLast && hasNews(entry))) return [];
      if (!hasNews(entry) && entry.end && entry.told.status === 'resolved') {
        this.#entries.delete(key);
        return [];
      }
      return reportsOf(entry, now);
    });
  }

  /** When there is something to take; undefined while there is no trouble. */
  get due(): number | undefined {
    const times = [...this.#entries.values()].map(dueOf);
    return times.length > 0 ? Math.min(...times) : undefined;
  }
}

const never = Number.NEGATIVE_INFINITY;

function hasNews({ told, count }: Entry): boolean {
  return told.count < count;
}

function dueOf(entry: Entry): number {
  const { told, end, last } = entry;
  if (end && told.status === 'firing') return end.at;
  if (hasNews(entry)) return told.at + spacing;
  return (end?.at ?? last) + quietFor;
}

/** It fires, it is over, or both, where it was over before it could be told. */
function reportsOf(entry: Entry, now: number): TroubleReport[] {
  const reports: TroubleReport[] = [];
  const isOver = entry.end !== undefined;
  if (hasNews(entry) && !(isOver && entry.told.status === 'firing')) {
    reports.push(reportOf(entry, 'firing', now));
    entry.told = { status: 'firing', at: now, count: entry.count };
  } else if (!isOver) {
    entry.end = { at: now, closed: 'not again for 1 h' };
  }
  if (!entry.end) return reports;
  entry.told = { ...entry.told, status: 'resolved', count: entry.count };
  return [...reports, reportOf(entry, 'resolved', now)];
}

function reportOf(entry: Entry, status: TroubleReport['status'], at: number): TroubleReport {
  const { kind, subject, since, count, detail, group, end } = entry;
  const closed = status === 'resolved' ? end?.closed : undefined;
  return { kind, subject, since, count, detail, group, status, at, closed };
}

function keyOf(kind: TroubleKind, subject: string): string {
  return `${kind} ${subject}`;
}
