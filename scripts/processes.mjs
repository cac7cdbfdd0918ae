import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { processTable, starterWatch } from './process-table.mjs';
import { Trouble } from './progress.mjs';

/** How long children may take to end by themselves once they were asked to, in milliseconds. */
let grace = 9_000;

/** npm sends a Ctrl-C on to its script, which has it from the terminal already: signals this close together are one. */
const SAME_PRESS = 500;

/** How often the program that started this one is looked for, in milliseconds. */
const WATCH = 250;

/**
 * @typedef {object} Child
 * @property {import('node:child_process').ChildProcess} process
 * @property {Promise<number>} exit its exit code, 128 + n after a signal, as a shell counts; rejects if it can't be started
 */

/** Those that run now, in the order in which they were started. @type {Set<Child>} */
const children = new Set();

/** @type {Promise<void> | undefined} */
let ending;

/** The exit code for being ended from outside, as long as nobody has asked for that: undefined. @type {number | undefined} */
let endedWith;

/** Is 130, 143 … once a person, a signal or the end of npm asked this process to end. */
export function exitCodeOfEnding() {
  return endedWith;
}

/**
 * Starts a program that never outlives this one. It stays in the terminal's process group: a Ctrl-C reaches it directly.
 *
 * @param {string} command
 * @param {string[]} parameters
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Child}
 */
export function startChild(command, parameters, options) {
  if (ending) throw new Trouble('This run is ending; nothing new is started.');
  const child = spawn(command, parameters, { stdio: 'inherit', ...options });
  const exit = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
  });
  const entry = { process: child, exit };
  children.add(entry);
  exit.catch(() => {}).finally(() => children.delete(entry));
  return entry;
}

/**
 * Runs a tool to its end and keeps what it says to itself; a failure shows it.
 *
 * @param {string} command
 * @param {string[]} parameters
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<string>} its standard output
 */
export async function runQuietly(command, parameters, options) {
  const child = startChild(command, parameters, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let output = '';
  child.process.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
    output += text;
  });
  child.process.stderr?.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const closed = new Promise((resolve) => child.process.once('close', resolve));
  const code = await child.exit.catch((cause) => {
    throw new Trouble(`${command} can't be started: ${cause.message}`, { cause });
  });
  await closed;
  if (code !== 0) throw new Trouble(`${command} ended with exit code ${code}.`, { output });
  return stdout;
}

/**
 * Asks every child to end, the last started first and each only when the one before it is gone: the host still needs the
 * sandbox for what it is sending. Whoever of the whole family is left after the grace is killed.
 *
 * @returns {Promise<void>}
 */
export function endChildren() {
  ending ??= (async () => {
    const family = descendants();
    const deadline = Date.now() + grace;
    for (const child of [...children].reverse()) {
      child.process.kill('SIGTERM');
      const left = Math.max(0, deadline - Date.now());
      await Promise.race([child.exit.catch(() => {}), new Promise((over) => setTimeout(over, left))]);
    }
    killAll(family);
  })();
  return ending;
}

/**
 * From here on Ctrl-C, SIGTERM, a closed terminal and the end of the npm that started us end the children too. A second
 * Ctrl-C doesn't wait for them.
 *
 * @param {{ grace?: number }} [options]
 */
export function endWithStarter(options = {}) {
  grace = options.grace ?? grace;
  let asked = 0;
  /** @param {number} code */
  const end = (code) => {
    asked ||= Date.now();
    endedWith ??= code;
    endChildren();
  };
  process.on('SIGTERM', () => end(128 + constants.signals.SIGTERM));
  process.on('SIGHUP', () => end(128 + constants.signals.SIGHUP));
  process.on('SIGINT', () => {
    const code = 128 + constants.signals.SIGINT;
    if (asked && Date.now() - asked > SAME_PRESS) {
      killAll(descendants());
      process.exit(code);
    }
    end(code);
  });

  // npm runs scripts through a shell that dies of a SIGTERM without telling its child.
  const starterIsGone = starterWatch();
  const timer = setInterval(() => {
    if (!starterIsGone()) return;
    clearInterval(timer);
    end(128 + constants.signals.SIGTERM);
  }, WATCH);
  timer.unref();
}

/** Everything below this process, with its start time, so that a process number used anew is not mistaken for it. */
function descendants() {
  const table = processTable();
  /** @type {Map<number, string>} */
  const found = new Map();
  const parents = [process.pid];
  for (const parent of parents) {
    for (const [pid, entry] of table) {
      if (entry.parent !== parent || found.has(pid)) continue;
      found.set(pid, entry.identity);
      parents.push(pid);
    }
  }
  return found;
}

/** @param {Map<number, string>} family */
function killAll(family) {
  for (const child of children) child.process.kill('SIGKILL');
  const table = processTable();
  for (const [pid, identity] of family) {
    if (table.get(pid)?.identity === identity) kill(pid);
  }
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
