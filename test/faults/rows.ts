import type { AnyRow } from './row.ts';
import { answers } from './rows/answers.ts';
import { connections } from './rows/connections.ts';
import { egress } from './rows/egress.ts';
import { kills } from './rows/kills.ts';
import { requests } from './rows/requests.ts';
import { retries } from './rows/retries.ts';
import { shutdown } from './rows/shutdown.ts';

export const rows: readonly AnyRow[] = [
  ...kills,
  ...shutdown,
  ...retries,
  ...connections,
  ...answers,
  ...egress,
  ...requests,
];
