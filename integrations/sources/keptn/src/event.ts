import { type AlertStatus, z } from '@tocsin/core';
import type { CloudEvent } from './cloud-event.ts';
import { type EventType, readType } from './type.ts';

const text = z.string().min(1).optional().catch(undefined);

/** https://github.com/keptn/spec/blob/0.2.4/cloudevents.md; what is of another type is as good as absent. */
const keptnData = z
  .looseObject({
    project: text,
    stage: text,
    service: text,
    status: text,
    result: text,
    labels: z.record(z.string(), z.unknown()).nullish().catch(undefined),
    evaluation: z.looseObject({ result: text }).optional().catch(undefined),
    State: text,
    ProblemID: text,
    PID: text,
    ProblemDetails: z
      .looseObject({ startTime: z.number().optional().catch(undefined) })
      .optional()
      .catch(undefined),
  })
  .catch({});

type KeptnData = z.infer<typeof keptnData>;

type Result = 'fail' | 'warning' | 'pass';

/** What an event says. `state`: the tasks and sequences whose ends are a state; undefined for all. */
export function readEvent(event: CloudEvent, state: readonly string[] | undefined) {
  const data = keptnData.parse(event.data);
  const type = readType(event.type, data.stage);
  const { task, sequence, suffix } = type;
  const { project, stage = type.stage, service } = data;
  const result = suffix === 'finished' ? resultOf(data, type) : data.result;
  const problem = problemOf(event.type, data);
  const run = task ?? (sequence && `${stage}.${sequence}`);
  const isState = suffix === 'finished' && project !== undefined && run !== undefined && (state?.includes(run) ?? true);
  const status = problem?.status ?? (isState ? statusOf(result, data, type) : 'notice');
  const deliveryId = `${event.source} ${event.id}`;
  // Several services may take one task, and the pass of one ends no failure of another.
  const key = problem ? ['problem', project, problem.id] : [project, stage, service, run, event.source];
  return {
    event,
    status,
    deliveryId,
    // Every notice is of its own, so that none is older than another.
    fingerprint: status === 'notice' ? deliveryId : key,
    group: status === 'notice' ? [project, stage, service, event.type] : key,
    severity: severityOf(status, result, event.type),
    startedAt: status === 'firing' ? (data.ProblemDetails?.startTime ?? event.time) : undefined,
    labels: {
      ...data.labels,
      project,
      stage,
      service,
      task,
      sequence,
      suffix,
      type: event.type,
      result,
      status: data.status,
      keptn_context: event.shkeptncontext,
    },
  };
}

/** The worse of what it says twice: recorded events have `result: fail` beside `evaluation.result: pass`. */
function resultOf({ status, result, evaluation }: KeptnData, { task }: EventType): Result | undefined {
  if (status === 'errored') return 'fail';
  // Events of other tasks repeat the last evaluation.
  const said = [result, task === 'evaluation' ? evaluation?.result : undefined];
  return (['fail', 'warning', 'pass'] as const).find((word) => said.includes(word));
}

/** A sequence fails when one of its tasks does, which is the problem already. It errs where no service took a task. */
function statusOf(result: string | undefined, { status }: KeptnData, { sequence }: EventType): AlertStatus {
  // What is cancelled or aborted passes, with a status of its own; nothing has become well by that.
  // https://github.com/keptn/keptn/blob/0.19.0/shipyard-controller/handler/shipyardcontroller.go
  if (status === 'aborted' || (status === 'unknown' && result === 'pass')) return 'notice';
  if (result === 'pass') return 'resolved';
  if (sequence !== undefined) return status === 'errored' ? 'firing' : 'notice';
  return result === undefined ? 'notice' : 'firing';
}

/** A problem of the monitoring. `problem.open` and `problem.close` are those of Keptn before 0.8. */
function problemOf(type: string, { State, ProblemID, PID }: KeptnData) {
  const id = ProblemID ?? PID;
  if (!/^sh\.keptn\.events?\.problem(\.open|\.close)?$/.test(type) || id === undefined) return undefined;
  if (State === 'OPEN') return { id, status: 'firing' } as const;
  return State === 'RESOLVED' || State === 'CLOSED' ? ({ id, status: 'resolved' } as const) : undefined;
}

function severityOf(status: string, result: string | undefined, type: string): string {
  if (result === 'warning') return 'warning';
  return result === 'fail' || status === 'firing' || type === 'sh.keptn.log.error' ? 'error' : 'info';
}
