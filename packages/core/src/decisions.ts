import type { Alert } from './alert.ts';
import type { TocsinError } from './errors.ts';
import { boundedIdentity } from './normalise.ts';
import { problemOf } from './template/fault.ts';
import type { Template } from './template/template.ts';
import { wellFormed } from './text.ts';

/** What an operator may decide in place of a source. */
export const decisionNames = ['group', 'resolve', 'acknowledge'] as const;
export type DecisionName = (typeof decisionNames)[number];

/**
 * An operator's templates over an alert: `group` gives the group's key; `resolve` and `acknowledge` say whether the alert
 * is over or somebody's, whatever the source makes of it.
 */
export type Decisions = Partial<Record<DecisionName, Template>>;

export interface DecisionOptions {
  /** Milliseconds since 1970, for `since`. */
  now: number;
  /** Called for each template that failed; what the source says holds then, so that no alert is lost by a template. */
  onProblem: (error: TocsinError) => void;
}

/** The alert as the templates decide. They read `payload` and `alert`, as those of messages do. */
export function decided(alert: Alert, decisions: Decisions, { now, onProblem }: DecisionOptions): Alert {
  const { data: payload, status, severity, labels, fingerprint, startedAt } = alert;
  const context = { payload, alert: { status, severity, labels, fingerprint, startedAt } };
  const render = (name: DecisionName): string | undefined => {
    const template = decisions[name];
    if (!template) return undefined;
    try {
      return wellFormed(template.render(context, { now }).trim());
    } catch (error) {
      onProblem(problemOf(error, template.file));
      return undefined;
    }
  };
  const key = render('group');
  return {
    ...alert,
    ...(key ? { group: boundedIdentity(key) } : {}),
    status: statusOf(alert.status, render('resolve'), render('acknowledge')),
  };
}

/** A template takes the decision over: where it says no, an alert that the source calls so fires. */
function statusOf(
  given: Alert['status'],
  resolve: string | undefined,
  acknowledge: string | undefined,
): Alert['status'] {
  if (resolve !== undefined && isYes(resolve)) return 'resolved';
  const status = resolve !== undefined && given === 'resolved' ? 'firing' : given;
  if (acknowledge === undefined || status === 'resolved') return status;
  if (isYes(acknowledge)) return 'acknowledged';
  return status === 'acknowledged' ? 'firing' : status;
}

const words = new Set(['', '0', 'false', 'no', 'off', 'none', 'null', 'undefined']);

function isYes(text: string): boolean {
  return !words.has(text.toLowerCase());
}
