import { TocsinError } from '@tocsin/core';
import { Command, Option } from 'commander';
import { pino } from 'pino';
import { startHost } from '../host.ts';
import { configOption, readConfig } from './files.ts';

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

/** A shutdown that hangs is cut off: a supervisor's patience is ten seconds. */
const longestShutdown = 9_000;

export function startCommand(): Command {
  return new Command('start')
    .description('run the host until it is told to stop (SIGTERM, Ctrl-C)')
    .addOption(configOption())
    .addOption(
      new Option('--log-level <level>', 'how much is logged').choices(logLevels).env('LOG_LEVEL').default('info'),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 stopped as asked, 1 could not start or had to end, 2 the configuration has faults.',
    )
    .action(start);
}

async function start({ config: file, logLevel }: { config: string; logLevel: string }): Promise<void> {
  const log = pino({ level: logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  const print = (line: string) => process.stdout.write(`${line}\n`);
  try {
    const config = readConfig(file);
    const host = await startHost({
      config,
      env: process.env,
      log,
      print,
      onFatal: (error) => {
        log.fatal(error.message);
        process.exit(1);
      },
    });
    print(`Tocsin listens on ${host.address}`);
    let isEnding = false;
    const end = (signal: string) => {
      // A terminal's Ctrl-C and whoever started us may both say it.
      if (isEnding) return;
      isEnding = true;
      log.info({ signal }, 'stopping');
      setTimeout(() => {
        log.error('the shutdown took too long and is cut off; what is unsent is sent after the next start');
        process.exit(1);
      }, longestShutdown).unref();
      host.stop().then(
        () => {
          log.info('stopped');
          process.exit(0);
        },
        (error: unknown) => {
          log.error({ err: error }, 'stopped with an error');
          process.exit(1);
        },
      );
    };
    process.on('SIGTERM', () => end('SIGTERM'));
    process.on('SIGINT', () => end('SIGINT'));
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    process.stderr.write(`${error.toText()}\n`);
    process.exit(error.code === 'config' ? 2 : 1);
  }
}
