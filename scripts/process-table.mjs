import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * @typedef {object} ProcessEntry
 * @property {number} parent
 * @property {string} name the program, without its folder
 * @property {string} identity tells it from a later process with the same number
 */

const linux = process.platform === 'linux';
const shell = /^-?(sh|dash|ash|bash|zsh|ksh)$/;

/**
 * Every process that can be seen; on Windows none.
 *
 * @returns {Map<number, ProcessEntry>}
 */
export function processTable() {
  if (process.platform === 'win32') return new Map();
  return linux ? tableFromProc() : tableFromPs();
}

/**
 * How to notice that the npm (pnpm, yarn) that runs this script has ended. Between the two may stand a shell that lives on,
 * so each link of the chain is watched: a process whose parent ends gets another one. Started in any other way, there is
 * nobody to watch: signals arrive directly, and a service manager or `nohup` may well outlive the one who asked.
 *
 * @returns {() => boolean} true once it is gone
 */
export function starterWatch() {
  if (!process.env.npm_lifecycle_event) return () => false;
  const table = processTable();
  const links = [{ pid: process.pid, parent: process.ppid }];
  for (let pid = process.ppid; shell.test(table.get(pid)?.name ?? ''); pid = table.get(pid)?.parent ?? 0) {
    links.push({ pid, parent: table.get(pid)?.parent ?? 0 });
  }
  const starter = links.at(-1)?.parent ?? process.ppid;
  const shells = links.slice(1);
  return () => {
    if (process.ppid !== links[0]?.parent) return true;
    return linux ? shells.some(({ pid, parent }) => procEntry(pid)?.parent !== parent) : !isAlive(starter);
  };
}

function tableFromProc() {
  /** @type {Map<number, ProcessEntry>} */
  const table = new Map();
  for (const folder of readdirSync('/proc')) {
    const pid = Number(folder);
    const entry = Number.isInteger(pid) && procEntry(pid);
    if (entry) table.set(pid, entry);
  }
  return table;
}

/**
 * @param {number} pid
 * @returns {ProcessEntry | undefined}
 */
function procEntry(pid) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // it ended
  }
  // `pid (name) state parent …`; the name may hold spaces and parentheses. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
  const nameEnds = stat.lastIndexOf(')');
  const fields = stat.slice(nameEnds + 2).split(' ');
  return { parent: Number(fields[1]), name: stat.slice(stat.indexOf('(') + 1, nameEnds), identity: fields[19] ?? '' };
}

function tableFromPs() {
  /** @type {Map<number, ProcessEntry>} */
  const table = new Map();
  for (const line of execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' }).split('\n')) {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (command) table.set(Number(pid), { parent: Number(parent), name: basename(command), identity: command });
  }
  return table;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
