import type { AnyRow } from './row.ts';
import { answers } from './rows/answers.ts';
import { clocks } from './rows/clocks.ts';
import { connections } from './rows/connections.ts';
import { crashes } from './rows/crashes.ts';
import { echoes } from './rows/echoes.ts';
import { egress } from './rows/egress.ts';
import { halfWritten } from './rows/half-written.ts';
import { kills } from './rows/kills.ts';
import { load } from './rows/load.ts';
import { messagesGone } from './rows/messages-gone.ts';
import { planned } from './rows/planned.ts';
import { races } from './rows/races.ts';
import { requests } from './rows/requests.ts';
import { retries } from './rows/retries.ts';
import { secrets } from './rows/secrets.ts';
import { shutdown } from './rows/shutdown.ts';
import { signatures } from './rows/signatures.ts';
import { stores } from './rows/stores.ts';
import { texts } from './rows/texts.ts';
import { twoWay } from './rows/two-way.ts';

const families: readonly (readonly AnyRow[])[] = [
  kills,
  shutdown,
  signatures,
  retries,
  clocks,
  connections,
  answers,
  egress,
  requests,
  crashes,
  secrets,
  load,
  planned,
  stores,
  texts,
  twoWay,
  messagesGone,
  halfWritten,
  races,
  echoes,
];

/** By their numbers; those without one last. */
export const rows: readonly AnyRow[] = families.flat().sort((left, right) => place(left) - place(right));

function place({ id }: AnyRow): number {
  return Number(/^D(\d+)$/.exec(id)?.[1] ?? Number.POSITIVE_INFINITY) || 0;
}
