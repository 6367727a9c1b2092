import type { ConnectOptions } from '../dialect.js';
import { waitForLock } from '../wait-for-lock.js';
import type { PostgresSession } from './session.js';

/** "mltrack" in ASCII, cut to 32 bits. */
export const lockSpace = 0x6d_6c_74_72;
/** The second key is the schema, so that two schemas do not wait for each other. */
const schemaKey = "hashtext(COALESCE(current_schema(), ''))";
/** Both keys of the advisory lock, as its functions take them. */
export const lockKey = `${lockSpace}::int, ${schemaKey}`;

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
  await waitForLock(
    { take: () => take(session), holder: async () => (await lockHolder(session)) ?? 'it has just ended' },
    session,
    options,
  );
}

async function take(session: Pick<PostgresSession, 'query'>): Promise<boolean> {
  await session.query('BEGIN');
  const [row] = await session.query<{ got: boolean }>(`SELECT pg_try_advisory_xact_lock(${lockKey}) AS got`);
  if (row?.got) return true;
  await session.query('ROLLBACK');
  return false;
}

/** Who holds it on this database and schema; null: nobody. The second key of two comes as `objid`, without a sign. */
export async function lockHolder(session: Pick<PostgresSession, 'query'>): Promise<string | null> {
  const [row] = await session.query<{ pid: number; client: string | null; since: string }>(
    `SELECT a.pid, COALESCE(a.client_addr::text, 'local socket') AS client, a.backend_start::text AS since
     FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.classid = ?::int AND l.objsubid = 2 AND l.granted
       AND l.objid::int8 = ${schemaKey}::int8 & 4294967295
       AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`,
    [lockSpace],
  );
  return row ? `server process ${row.pid} from ${row.client}, connected since ${row.since}` : null;
}
