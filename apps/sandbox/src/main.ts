import { HELP, type ProgramOptions, readOptions } from './program-options.ts';
import { buildSandbox } from './sandbox.ts';

/** Ending waits this long for open connections, in milliseconds. */
const PATIENCE = 2_000;
/** How often the parent is looked for, in milliseconds. */
const GLANCE = 250;

const read = readOptions(process.argv.slice(2));
if ('fault' in read) fail(read.fault, 2);
else if (read.options.help) console.log(HELP);
else await run(read.options).catch(failToStart);

async function run({ port, host, capacity, log, withParent, slackCallbacks }: ProgramOptions): Promise<void> {
  const app = buildSandbox({ logger: log, capacity, ...(slackCallbacks && { slackCallbacks }) });
  let ending = false;
  const end = (): void => {
    // A second signal doesn't wait.
    if (ending) process.exit(1);
    ending = true;
    setTimeout(() => process.exit(1), PATIENCE).unref();
    void app.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  // Before the address is out: whoever reads it may end at once.
  if (withParent) endWithParent(end);
  console.log(`Sandbox: ${await app.listen({ port, host })}/`);
}

/** A shell between may not pass a signal on; then the process gets another parent. */
function endWithParent(end: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    end();
  }, GLANCE);
  watch.unref();
}

function failToStart(error: NodeJS.ErrnoException): void {
  fail(error.code === 'EADDRINUSE' ? `${error.message}; give another --port, or 0 for a free one` : error.message, 1);
}

function fail(message: string, code: number): void {
  console.error(`sandbox: ${message}`);
  process.exitCode = code;
}
