import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface ProgramOptions {
  port: number;
  host: string;
  capacity: number;
  log: boolean;
  withParent: boolean;
  /** Where the Slack app takes its callbacks. */
  slackCallbacks?: string;
  help: boolean;
}

export const HELP = `Stand-ins for the services that Tocsin tells, with a page that shows what arrived.

  --port <number>          port to listen on, 0 for a free one (8081)
  --host <address>         address to listen on (127.0.0.1)
  --capacity <number>      how many messages are kept (500)
  --slack-callbacks <url>  where the Slack app takes presses and events
  --log                    log requests
  --with-parent            end when the process that started this one ends
  --help                   this text`;

/** Reads the arguments after the program's name, or says what is wrong with them. */
export function readOptions(args: string[]): { options: ProgramOptions } | { fault: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: 'string', default: '8081' },
        host: { type: 'string', default: '127.0.0.1' },
        capacity: { type: 'string', default: '500' },
        'slack-callbacks': { type: 'string' },
        log: { type: 'boolean', default: false },
        'with-parent': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const port = wholeNumber(values.port, 0, 65_535);
    if (port === undefined) return badNumber('--port', values.port, '0 to 65535');
    const capacity = wholeNumber(values.capacity, 1, 100_000);
    if (capacity === undefined) return badNumber('--capacity', values.capacity, '1 to 100000');
    const { host, log, help, 'with-parent': withParent, 'slack-callbacks': slackCallbacks } = values;
    if (slackCallbacks !== undefined && !/^https?:$/.test(URL.parse(slackCallbacks)?.protocol ?? '')) {
      return { fault: `--slack-callbacks is ${JSON.stringify(slackCallbacks)}; give an address with http or https` };
    }
    return { options: { port, host, capacity, log, withParent, help, ...(slackCallbacks && { slackCallbacks }) } };
  } catch (error) {
    // Node's own words name the option.
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

function wholeNumber(text: string, least: number, most: number): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= most ? value : undefined;
}

function badNumber(name: string, text: string, range: string): { fault: string } {
  return { fault: `${name} is ${JSON.stringify(text)}; give a whole number from ${range}` };
}
