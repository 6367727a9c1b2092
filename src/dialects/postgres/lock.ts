import { setTimeout as sleep } from 'node:timers/promises';
import { lockedError } from '../../errors.js';
import type { ConnectOptions } from '../dialect.js';
import type { PostgresSession } from './session.js';

/** "mltrack" in ASCII, cut to 32 bits; the second key is the schema, so that two schemas do not wait for each other. */
const lockSpace = 0x6d_6c_74_72;

/**
 * Opens the transaction with the advisory lock of this database and schema; other runners see it from every host.
 * The lock is the transaction's, so that it also holds behind a pooler that hands out connections by transaction.
 * Polled with jitter, because who waits inside pg_advisory_lock holds a snapshot, on which CREATE INDEX CONCURRENTLY
 * waits.
 */
export async function beginLocked(
  session: Pick<PostgresSession, 'query' | 'interrupted'>,
  options: ConnectOptions,
): Promise<void> {
  const until = Date.now() + options.lockWaitMs;
  for (let told = false; ; told = true) {
    await session.query('BEGIN');
    const [row] = await session.query<{ got: boolean }>(
      `SELECT pg_try_advisory_xact_lock(?::int, hashtext(COALESCE(current_schema(), ''))) AS got`,
      [lockSpace],
    );
    if (row?.got) return;
    await session.query('ROLLBACK');
    const expired = Date.now() >= until || session.interrupted;
    if (expired || !told) {
      const reason = `another mltrack is upgrading this database: ${await holder(session)}`;
      if (expired) throw lockedError(reason, 'wait longer with --lock-wait, or look at that process');
      options.onWait?.(reason);
    }
    await sleep(100 + Math.random() * 200);
  }
}

async function holder(session: Pick<PostgresSession, 'query'>): Promise<string> {
  const [row] = await session.query<{ pid: number; client: string | null; since: string }>(
    `SELECT a.pid, COALESCE(a.client_addr::text, 'local socket') AS client, a.backend_start::text AS since
     FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.classid = ?::int AND l.granted
       AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`,
    [lockSpace],
  );
  return row
    ? `server process ${row.pid} from ${row.client}, connected since ${row.since}`
    : 'it has just ended';
}
