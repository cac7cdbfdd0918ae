import { setTimeout as delay } from 'node:timers/promises';
import { type MonitoredObject, TocsinError } from '@tocsin/core';
import { cleanField, commandLine, writeCommand } from './command-file.ts';
import type { Acknowledgement, MonitorStatus, ObjectStatus } from './status-blocks.ts';
import { statusReader } from './status-file.ts';

/*
 * Acknowledging a problem in Nagios, Naemon and what is built on them. The command file takes commands and confirms
 * nothing; whether one was done is seen in the status file, which the monitor writes anew every few seconds.
 * https://assets.nagios.com/downloads/nagioscore/docs/externalcmds/cmdinfo.php?command_id=39
 */

/** Both as Nagios’ main configuration names them. */
export interface NagiosFiles {
  commandFile: string;
  statusFile: string;
}

export interface NagiosAcknowledgement extends MonitoredObject {
  author: string;
  comment: string;
}

export interface NagiosOptions {
  /** How long to wait until the status file shows it, in milliseconds. Default: 50 s. */
  patience?: number;
  /** How often the status file is looked at, in milliseconds. Default: 500. */
  interval?: number;
  /** Acknowledges what somebody has acknowledged already, too. */
  again?: boolean;
  /** Gives up at once; what was written stays written. */
  signal?: AbortSignal;
  surroundings?: Surroundings;
}

/** Clock, waiting and files, for tests that have their own. */
export interface Surroundings {
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<unknown>;
  write(file: string, line: string): Promise<void>;
  reader(file: string, of: MonitoredObject): () => Promise<MonitorStatus | undefined>;
}

/** The object needs nobody: it is up, or fine. */
export interface NoProblem {
  result: 'no-problem';
  state: string;
}

export type NagiosAcknowledged =
  | { result: 'acknowledged' }
  /** Before, and in another way; nothing was changed. `by` is unknown where its comment was deleted. */
  | { result: 'already-acknowledged'; by: Acknowledgement | undefined }
  | NoProblem;

export type NagiosUnacknowledged = { result: 'unacknowledged' } | { result: 'not-acknowledged' } | NoProblem;

/**
 * Acknowledges a problem until its recovery (sticky 2), without a notification (notify 0: it would come back to us as an
 * acknowledgement), with a comment that survives Nagios’ restart (persistent 1). Resolves when the status file shows
 * it; throws where the command can't be written, the object isn't known, or nothing is shown within `patience`.
 */
export async function acknowledgeNagios(
  files: NagiosFiles,
  { author, comment, ...of }: NagiosAcknowledgement,
  options: NagiosOptions = {},
): Promise<NagiosAcknowledged> {
  const name = of.service === undefined ? 'ACKNOWLEDGE_HOST_PROBLEM' : 'ACKNOWLEDGE_SVC_PROBLEM';
  const shownAuthor = cleanField(author);
  return carryOut<NagiosAcknowledged>(files, of, options, {
    line: (seconds) => commandLine(name, [...fieldsOf(of), 2, 0, 1, author, comment], seconds),
    isNeeded: ({ isAcknowledged }) => options.again === true || !isAcknowledged,
    // The comment tells it from the acknowledgement of somebody else who was faster.
    shown: ({ isAcknowledged, acknowledgements }, since) =>
      isAcknowledged && acknowledgements.some(({ author, at }) => author === shownAuthor && at >= since)
        ? { result: 'acknowledged' }
        : undefined,
    certain: ({ isProblem, isAcknowledged, state, acknowledgements: [by] }, isLast) => {
      if (!isProblem) return { result: 'no-problem', state };
      return isAcknowledged && isLast ? { result: 'already-acknowledged', by } : undefined;
    },
  });
}

/** Takes an acknowledgement back, whoever gave it; its comments stay where they were persistent. Throws as above. */
export async function unacknowledgeNagios(
  files: NagiosFiles,
  of: MonitoredObject,
  options: NagiosOptions = {},
): Promise<NagiosUnacknowledged> {
  const name = of.service === undefined ? 'REMOVE_HOST_ACKNOWLEDGEMENT' : 'REMOVE_SVC_ACKNOWLEDGEMENT';
  let wasNeeded = false;
  return carryOut<NagiosUnacknowledged>(files, of, options, {
    line: (seconds) => commandLine(name, fieldsOf(of), seconds),
    isNeeded: ({ isAcknowledged }) => {
      wasNeeded ||= isAcknowledged;
      return isAcknowledged;
    },
    shown: () => undefined,
    certain: ({ isProblem, isAcknowledged, state }) => {
      if (!isProblem) return { result: 'no-problem', state };
      if (isAcknowledged) return undefined;
      return { result: wasNeeded ? 'unacknowledged' : 'not-acknowledged' };
    },
  });
}

interface Plan<Outcome> {
  line(seconds: number): string;
  /** Whether the command has to be written. */
  isNeeded(object: ObjectStatus): boolean;
  /** What shows that the command, written at `since`, was done: in any file. */
  shown(object: ObjectStatus, since: number): Outcome | undefined;
  /**
   * What else ends it, from a file that is newer than the command, or than the beginning where none is written: an older
   * one may not know of the problem yet. `isLast`: no command is written, or there is no time left.
   */
  certain(object: ObjectStatus, isLast: boolean): Outcome | undefined;
}

async function carryOut<Outcome>(
  { commandFile, statusFile }: NagiosFiles,
  of: MonitoredObject,
  { patience = 50_000, interval = 500, signal, surroundings = real }: NagiosOptions,
  plan: Plan<Outcome>,
): Promise<Outcome> {
  const { now, sleep, write, reader } = surroundings;
  const read = reader(statusFile, of);
  const deadline = now() + patience;
  let since = wholeSeconds(now());
  let isWritten = false;
  let failure: unknown;
  for (;;) {
    failure = undefined;
    const status = await read().catch((error: unknown) => {
      // Nagios removes the file while it restarts.
      if (!isWritten) throw error;
      failure = error;
      return undefined;
    });
    const isNewer = status !== undefined && status.writtenAt > since;
    if (isNewer && !status.object) throw unknownObject(statusFile, of);
    const object = status?.object;
    if (object && !isWritten && plan.isNeeded(object)) {
      since = wholeSeconds(now());
      await write(commandFile, plan.line(since / 1_000));
      isWritten = true;
    } else if (object) {
      const isLate = now() >= deadline;
      const outcome =
        (isWritten ? plan.shown(object, since) : undefined) ??
        (isNewer ? plan.certain(object, !isWritten || isLate) : undefined);
      if (outcome) return outcome;
    }
    if (now() >= deadline)
      throw failure ?? noEffect({ commandFile, statusFile }, of, status, { isWritten, isNewer, patience });
    await sleep(Math.max(0, Math.min(interval, deadline - now())), signal);
  }
}

const real: Surroundings = {
  now: Date.now,
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
  write: writeCommand,
  reader: statusReader,
};

/** Names are taken as they are, or not at all: a name without one of its signs would be another's. */
function fieldsOf({ host, service }: MonitoredObject): string[] {
  const names = service === undefined ? [host] : [host, service];
  if (names.every((name) => name === cleanField(name))) return names;
  throw new TocsinError('payload', `${shown({ host, service })} can’t be the name of anything in Nagios`, {
    remedy: 'See that the notification command sends $HOSTNAME$ and $SERVICEDESC$ as they are.',
  });
}

function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000) * 1_000;
}

function unknownObject(statusFile: string, of: MonitoredObject): TocsinError {
  return new TocsinError('not-found', `Nagios’ status file ${statusFile} knows no ${shown(of)}`, {
    remedy:
      'See that it is the status file of the Nagios that raised the alert, and that the alert has the name of Nagios’ ' +
      'configuration ($HOSTNAME$, $SERVICEDESC$), not the one that people are shown.',
  });
}

function noEffect(
  { commandFile, statusFile }: NagiosFiles,
  of: MonitoredObject,
  status: MonitorStatus | undefined,
  { isWritten, isNewer, patience }: { isWritten: boolean; isNewer: boolean; patience: number },
): TocsinError {
  const waited = `within ${Math.round(patience / 1_000)} s`;
  if (!status) {
    return new TocsinError('egress', `Nagios’ status file ${statusFile} was never whole ${waited}`, {
      remedy: 'See that it is the `status_file` of Nagios, and that its `temp_file` is on the same file system.',
    });
  }
  if (!isNewer) {
    const at = new Date(status.writtenAt).toISOString();
    const command = isWritten ? 'the command was written, but ' : '';
    return new TocsinError(
      'egress',
      `${command}Nagios’ status file ${statusFile} is of ${at} and was not renewed ${waited}`,
      {
        remedy:
          'See that Nagios runs, that this is its `status_file`, and that its `status_update_interval` is at most 20 seconds.',
      },
    );
  }
  return new TocsinError('egress', `Nagios took the command for ${shown(of)} and did nothing ${waited}`, {
    remedy:
      `See that Nagios has check_external_commands=1, and that ${commandFile} and ${statusFile} are of the same Nagios; ` +
      'its log says which commands it got.',
  });
}

function shown({ host, service }: MonitoredObject): string {
  const names = service === undefined ? [`host ${host}`] : [`service ${service}`, `of host ${host}`];
  return cleanField(names.join(' ')).slice(0, 300);
}
