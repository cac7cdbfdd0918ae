import { createRequire } from 'node:module';
import { openSqliteStore } from '@tocsin/store-sqlite';

/** The store's own driver. */
interface Driver {
  new (file: string): { pragma(text: string): unknown; exec(sql: string): unknown; close(): void };
}

/**
 * Puts closed groups into a store that is not open, each with one alert, two events and two deliveries, in the shape that
 * the host leaves them in. Through the host it would take an hour.
 */
export async function fillStore(file: string, count: number): Promise<void> {
  const store = await openSqliteStore({ file });
  await store.close();
  const require = createRequire(import.meta.resolve('@tocsin/store-sqlite'));
  const database = new (require('better-sqlite3') as Driver)(file);
  database.pragma('synchronous = OFF');
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
  const ended = Date.now() - 24 * 60 * 60_000;
  const labels = `json_object('alertname', 'Old', 'instance', 'host-' || i)`;
  const changed = `json_array(json_object('fingerprint', 'old-' || i, 'status', 'firing', 'severity', 'warning', 'labels', json(${labels}), 'startedAt', ${ended}, 'resolvedAt', NULL, 'data', ''))`;
  database.exec(`
    BEGIN;
    INSERT INTO groups ${numbers} SELECT i, 'bench', 'old group ' || i, 'resolved', 'warning', '0 0 0 0 0', 0, 1, 2, 1, 1,
      ${ended}, ${ended}, ${ended}, NULL, NULL, NULL, NULL, NULL, 2 FROM n;
    INSERT INTO members ${numbers} SELECT i, 'bench', 'old-' || i, 'resolved', 2, ${labels}, '{}', NULL, ${ended}, ${ended},
      NULL, 'resolved', NULL, 1, abs(random()) FROM n;
    INSERT INTO events ${numbers} SELECT i, 1, 'firing', ${ended}, NULL, NULL, NULL, 1, 0, 0, 'firing', 'warning', 1, 1, ${changed} FROM n;
    INSERT INTO events ${numbers} SELECT i, 2, 'resolved', ${ended}, NULL, NULL, NULL, 1, 0, 0, 'resolved', 'warning', 0, 1, ${changed} FROM n;
    COMMIT`);
  for (const target of ['one', 'two']) {
    database.exec(`INSERT INTO deliveries (group_seq, subscription, target, mode, events, wait, interval, cursor, told_status,
      told_at, attempt, claims, fence) ${numbers} SELECT i, '${target}', '${target}', 'every', 'firing resolved', 0, 60000, 2,
      'resolved', ${ended}, 0, 0, 2 FROM n`);
  }
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}
