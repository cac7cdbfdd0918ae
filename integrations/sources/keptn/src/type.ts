/** What the type of an event says; nothing, where it isn't Keptn's. */
export interface EventType {
  task?: string;
  /** A sequence of tasks, and the stage that it runs in. */
  sequence?: string;
  stage?: string;
  suffix?: string;
}

/**
 * `sh.keptn.event.<task>.<suffix>`, or `sh.keptn.event.<stage>.<sequence>.<suffix>`; names hold no dot.
 * `stage` is what the event's data says. https://github.com/keptn/spec/blob/0.2.4/cloudevents.md
 */
export function readType(type: string, stage: string | undefined): EventType {
  const name = /^sh\.keptn\.events?\.(.+)$/.exec(type)?.[1];
  if (name === undefined) return {};
  const [, what = name, suffix] = /^(.+)\.(triggered|started|status\.changed|finished|invalidated)$/.exec(name) ?? [];
  const [first = '', second, ...rest] = what.split('.');
  const isSequence = suffix !== undefined && second !== undefined && rest.length === 0 && !managed.has(first);
  if (isSequence && (stage ?? first) === first) return { sequence: second, stage: first, suffix };
  return { task: what, ...(suffix && { suffix }) };
}

/** `project.create.finished` is no sequence `create` in a stage `project`. */
const managed: ReadonlySet<string> = new Set(['project', 'service', 'monitoring']);
