import type { AnyRow } from './row.ts';
import { kills } from './rows/kills.ts';

export const rows: readonly AnyRow[] = [...kills];
