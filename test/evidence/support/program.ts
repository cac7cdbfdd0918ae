import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export interface Program {
  pid: number;
  /** What it wrote to both of its outputs so far. */
  output(): string;
  /** Resolves with what the pattern finds in its output; rejects when it ends before, or in `patience` milliseconds. */
  says(pattern: RegExp, patience?: number): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when it is gone, with its exit code or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  /** Asks it to end and waits, at most `patience` milliseconds; then it is killed. */
  end(patience?: number): Promise<number | NodeJS.Signals>;
}

const running = new Set<{ kill(signal: NodeJS.Signals): unknown }>();

// Whatever ends this process ends what it started.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

/** Starts a program whose output is kept. */
export function startProgram(command: string, parameters: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  const child = spawn(command, parameters, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-1_000_000);
    });
  }
  let isGone = false;
  const ended = once(child, 'close').then(([code, signal]) => {
    isGone = true;
    running.delete(child);
    return (code ?? signal) as number | NodeJS.Signals; // node:child_process gives one of the two
  });
  return {
    pid: child.pid ?? 0,
    output: () => output,
    async says(pattern, patience = 15_000) {
      const deadline = Date.now() + patience;
      for (;;) {
        const found = pattern.exec(output);
        if (found) return found;
        if (isGone || Date.now() > deadline) {
          throw new Error(
            `${command} ${isGone ? 'ended without saying' : `took ${patience} ms to say`} ${pattern}\n${output}`,
          );
        }
        await delay(5);
      }
    },
    signal: (signal) => void child.kill(signal),
    ended,
    async end(patience = 10_000) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), patience);
      const code = await ended;
      clearTimeout(timer);
      return code;
    },
  };
}
