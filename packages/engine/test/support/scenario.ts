import { type AlertStatus, alertStatuses, type Severity } from '@tocsin/core';
import { expect } from 'vitest';
import { type CompiledRules, decide } from '../../src/decide.ts';
import { compileRules } from '../../src/rules.ts';
import { MemoryState } from '../../src/testing/memory-state.ts';
import { act, alert } from '../../src/testing/signals.ts';
import type { ActionSignal, Outcome, Rules, Signal } from '../../src/types.ts';

/** The moment that every story begins at. */
export const start = Date.UTC(2026, 0, 1);

export function rulesOf(rules: Partial<Rules> = {}): CompiledRules {
  return compileRules({ version: '1', routes: [], targets: {}, sources: {}, ...rules });
}

/** A state, a clock, and signals that change them. Groups are `g1`, `g2`… */
export class Scenario {
  readonly state = new MemoryState();
  now = start;
  rules: CompiledRules;
  #groups = 0;

  constructor(rules: Partial<Rules> = {}) {
    this.rules = rulesOf(rules);
  }

  /** One batch. */
  send(...signals: Signal[]): Outcome[] {
    const newId = () => `g${++this.#groups}`;
    const { outcomes, changes } = decide(this.state, signals, this.rules, { now: this.now, newId });
    this.state.apply(changes, this.now);
    return outcomes;
  }

  /** Sends what is due of the timers. */
  ring(): Outcome[] {
    const due = [...this.state.timers.values()].filter((timer) => timer.due <= this.now);
    return this.send(...due.map(({ source, fingerprint }): Signal => ({ kind: 'timer', source, fingerprint })));
  }

  /** The newest group. */
  get newest(): string {
    return `g${this.#groups}`;
  }

  /** Does what a line of a story says, and says what came of it. */
  do(line: string): string {
    return run(this, line);
  }
}

/**
 * Tells a story and holds what each line says behind its arrow. A line is one of
 * - `firing a key=cpu at=3m start=0s id=7 severity=critical exclusive=yes told=always`: an alert's signal; times count from the story's start
 * - `ann resolve`, `ann silence until=10m incarnation=1 group=g1`: what a person does
 * - `ring`: the timers that are due; says what came of each
 * - `later 5m`, `timers`, `groups`, `log g1`, `status g1`, `counts g1`, `facts g1`, `previous g2`; without a group, the newest's
 */
export function tell(story: string, rules: Partial<Rules> = {}): Scenario {
  const scenario = new Scenario(rules);
  for (const line of story.split('\n').filter((text) => text.trim() !== '')) {
    const [command = '', expected] = line.split('→').map((part) => part.trim());
    const actual = scenario.do(command);
    if (expected !== undefined) expect(actual, line.trim()).toBe(expected);
  }
  return scenario;
}

function run(scenario: Scenario, command: string): string {
  const words = command.split(/\s+/);
  const [verb = '', object = ''] = words;
  const options = Object.fromEntries(words.filter((word) => word.includes('=')).map((word) => word.split('=')));
  if (alertStatuses.includes(verb as AlertStatus)) return say(scenario, verb as AlertStatus, object, options);
  if (verb === 'later') {
    scenario.now += milliseconds(object);
    return object;
  }
  if (verb === 'ring') return scenario.ring().map(told).join(', ');
  if (verb in views) return views[verb as keyof typeof views](scenario, object || scenario.newest);
  const { group = scenario.newest, until, incarnation } = options;
  const action = act(group, object as ActionSignal['action'], {
    actor: verb,
    ...(until && { until: moment(until) }),
    ...(incarnation && { incarnation: Number(incarnation) }),
  });
  return told(scenario.send(action)[0]);
}

function say(scenario: Scenario, status: AlertStatus, fingerprint: string, options: Record<string, string>): string {
  const { key, at, start: startedAt, until, id, severity, next, exclusive, told: alwaysTold } = options;
  const signal = alert(fingerprint, {
    status,
    ...(key && { group: key }),
    ...(severity && { severity: severity as Severity }),
    ...(at && { at: moment(at) }),
    ...(startedAt && { startedAt: moment(startedAt) }),
    ...(until && { expires: moment(until) }),
    ...(id && { deliveryId: id }),
    ...(next && { next: milliseconds(next) }),
    ...(exclusive && { exclusive: true }),
    ...(alwaysTold && { alwaysTold: true }),
  });
  return told(scenario.send(signal)[0]);
}

const views = {
  log: ({ state }: Scenario, id: string) =>
    state
      .eventsAfter(id, 0)
      .map(({ kind, worse, quiet }) => [kind, worse && 'worse', quiet && 'quiet'].filter(Boolean).join(' '))
      .join(', '),
  status: ({ state }: Scenario, id: string) => `${state.group(id)?.status}`,
  counts: ({ state }: Scenario, id: string) => {
    const group = state.group(id);
    return `${group?.firing} of ${group?.members} ${group?.severity}, incarnation ${group?.incarnation}`;
  },
  facts: ({ state }: Scenario, id: string) => {
    const group = state.group(id);
    return `acknowledged by ${group?.acknowledgedBy}, silenced by ${group?.silencedBy}`;
  },
  previous: ({ state }: Scenario, id: string) => `${state.group(id)?.previous}`,
  timers: ({ state }: Scenario) =>
    [...state.timers.values()].map(({ fingerprint, due }) => `${fingerprint} in ${(due - start) / 60_000}m`).join(', '),
  groups: ({ state }: Scenario) => [...state.groups.keys()].join(', '),
};

function told(outcome: Outcome | undefined): string {
  switch (outcome?.result) {
    case 'grouped':
      return `${outcome.group} ${outcome.status}`;
    case 'ignored':
      return `ignored(${outcome.reason})`;
    case 'refused':
      return `refused(${outcome.reason})`;
    default:
      return `${outcome?.result}`;
  }
}

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `5m`, `24h`, also as a sum: `1h+1ms`. */
export function milliseconds(text: string): number {
  return text.split('+').reduce((sum, part) => {
    const [, number, unit] = /^(\d+)(ms|s|m|h)$/.exec(part) ?? [];
    if (unit === undefined) throw new Error(`${part} is no duration`);
    return sum + Number(number) * units[unit as keyof typeof units];
  }, 0);
}

function moment(text: string): number {
  return start + milliseconds(text);
}
