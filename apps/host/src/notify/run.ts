import { readFileSync } from 'node:fs';
import { deliverInTurn, deliverKept } from './delivery.ts';
import { readEnvironment } from './environment.ts';
import { help } from './help.ts';
import { readNotification } from './notification.ts';
import { hasOptions, Misuse, type Options, readOptions } from './options.ts';
import { type Answer, post } from './post.ts';
import { printConfig } from './print-config.ts';
import { type Kept, Spool } from './spool.ts';

/** What the command has around it. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  /** This very program as a monitor would start it: Node, and the file. */
  program: readonly [node: string, file: string];
  print(text: string): void;
  complain(text: string): void;
  /** Milliseconds until it has to be over: a monitor waits for it. */
  patience: number;
}

export const exitCodes = { done: 0, unreachable: 1, misuse: 2, refused: 3 } as const;

/** What `--flush` may take, in milliseconds: no monitor waits for it. */
const flushPatience = 55_000;

/** What a monitor waits for at most, from the start of the process; in milliseconds. */
const patience = 4_500;

/** In this process. `file` is the program that a monitor starts. */
export function runHere(words: readonly string[], file: string): Promise<number> {
  return runNotify(words, {
    env: process.env,
    program: [process.execPath, file],
    print: (text) => void process.stdout.write(`${text}\n`),
    complain: (text) => void process.stderr.write(`${text}\n`),
    patience: patience - performance.now(),
  });
}

/** Whether `tocsin notify` is called as a monitor does it, and not to try a target. */
export function isOfMonitor(words: readonly string[], env: NodeJS.ProcessEnv): boolean {
  return words.length > 0 ? hasOptions(words) : readEnvironment(env).NOTIFICATIONTYPE !== undefined;
}

/** The notification command: tells a hub what a monitor says. Resolves with the exit code. */
export async function runNotify(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { print, complain, env } = surroundings;
  try {
    const options = readOptions(words);
    if (options['--help'] !== undefined) {
      print(help());
      return exitCodes.done;
    }
    if (options['--print-config'] !== undefined) {
      print(printConfig(options['--print-config'], options, surroundings));
      return exitCodes.done;
    }
    if (options['--flush'] !== undefined) return await flush(options, readHub(options, env), surroundings);
    const body = JSON.stringify(readNotification(options, env, Date.now()));
    const hub = readHub(options, env);
    if (options['--dry-run'] === undefined) return await notify(body, options, hub, surroundings);
    print(`POST ${hub.shown}\n${JSON.stringify(JSON.parse(body), null, 2)}`);
    return exitCodes.done;
  } catch (error) {
    complain(`tocsin notify: ${error instanceof Error ? error.message : error}`);
    return exitCodes.misuse;
  }
}

interface Hub {
  url: URL;
  /** Without what may be a key. */
  shown: string;
  key: string | undefined;
}

async function notify(body: string, options: Options, hub: Hub, around: Surroundings): Promise<number> {
  const until = Date.now() + around.patience;
  const left = () => until - Date.now();
  const folder = options['--spool'];
  const kept = folder === undefined ? undefined : keep(body, folderOf(folder, hub), around);
  if (kept === undefined) return report(await post({ ...hub, body, patience: left() }), around);
  const answer = await deliverInTurn(kept.own, { ...delivery(kept.spool, hub, around), left });
  if (answer.kind === 'accepted') return report(answer, around);
  if (answer.kind === 'refused') return exitCodes.refused;
  around.complain(`tocsin notify: ${answer.reason}; kept in ${folder}, to be sent with the next one or by --flush`);
  return exitCodes.done;
}

/** What can't be kept is sent all the same. */
function keep(body: string, folder: string, { complain }: Surroundings): { spool: Spool; own: Kept } | undefined {
  try {
    const spool = new Spool(folder);
    return { spool, own: spool.keep(body) };
  } catch (error) {
    complain(`tocsin notify: it can't be kept in --spool: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

function delivery(spool: Spool, hub: Hub, { complain }: Surroundings) {
  return {
    spool,
    send: (body: string, patience: number) => post({ ...hub, body, patience }),
    onRefused: (reason: string, file: string) => complain(`tocsin notify: ${reason}; it is kept as ${file}`),
  };
}

async function flush(options: Options, hub: Hub, around: Surroundings): Promise<number> {
  const folder = options['--spool'];
  if (folder === undefined) throw new Misuse('--flush needs --spool <folder>');
  const until = Date.now() + flushPatience;
  const spool = new Spool(folderOf(folder, hub));
  const before = spool.kept().length;
  let refused = 0;
  const { onRefused, ...rest } = delivery(spool, hub, around);
  const stopped = await deliverKept({
    ...rest,
    left: () => until - Date.now(),
    onRefused(reason, file) {
      refused++;
      onRefused(reason, file);
    },
  });
  const waiting = spool.kept().length;
  around.print(`${Math.max(0, before - waiting - refused)} sent, ${refused} refused, ${waiting} waiting`);
  if (stopped === undefined) return refused > 0 ? exitCodes.refused : exitCodes.done;
  return report(stopped, around);
}

function report(answer: Answer, { print, complain }: Surroundings): number {
  if (answer.kind === 'accepted') {
    print(`accepted: ${groupsOf(answer.body)}`);
    return exitCodes.done;
  }
  complain(`tocsin notify: ${answer.reason}`);
  return answer.kind === 'refused' ? exitCodes.refused : exitCodes.unreachable;
}

function groupsOf(body: string): string {
  try {
    const { groups } = JSON.parse(body) as { groups: { id: string; status: string }[] }; // the hub's own answer
    const said = groups.map(({ id, status }) => `group ${id} is ${status}`).join(', ');
    return said === '' ? 'it changes nothing' : said;
  } catch {
    return 'the answer is not the hub’s; is --url right?';
  }
}

function readHub(options: Options, env: NodeJS.ProcessEnv): Hub {
  const given = options['--url'] ?? env.TOCSIN_URL;
  if (!given) throw new Misuse('--url is missing: the address of the source, such as http://127.0.0.1:8080/in/nagios');
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const [, source, keyInPath] = /\/in\/([^/]+)(\/.+)?$/.exec(url?.pathname ?? '') ?? [];
  if (!url || !/^https?:$/.test(url.protocol) || source === undefined) {
    throw new Misuse('--url is not the address of a source: http or https, ending in /in/<source>');
  }
  const shown = `${url.origin}${url.pathname.slice(0, url.pathname.length - (keyInPath ?? '').length)}`;
  const key = readKey(options, env);
  if (key === undefined && keyInPath === undefined) {
    throw new Misuse('--key-file is missing: the file with the key of the source; TOCSIN_KEY does as well');
  }
  return { url, shown, key };
}

function readKey(options: Options, env: NodeJS.ProcessEnv): string | undefined {
  const file = options['--key-file'];
  if (file === undefined) return options['--key'] ?? (env.TOCSIN_KEY || undefined);
  const key = readFileSync(file, 'utf8').trim();
  if (!/^[\x21-\x7e]+$/.test(key)) throw new Misuse(`${file} holds no key: it must be one line without blanks`);
  return key;
}

/** One for each source: a key is for one, and never on the disk here. */
function folderOf(spool: string, { shown }: Hub): string {
  return `${spool}/${shown.replace(/^https?:\/\//, '').replace(/[^\w.-]+/g, '_')}`;
}
