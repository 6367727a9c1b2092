import type { Session } from '../dialect.js';
import type { ServerProgress } from '../progress.js';
import type { PostgresSession } from './session.js';

/** The number of the server process, also behind a pooler: the upgrade's transaction stays on one. */
export const identify = async (watched: Session): Promise<number> =>
  (watched as PostgresSession).process as number;

interface Found extends Record<string, unknown> {
  readonly waits: boolean;
  readonly phase: string | null;
  readonly blocks_total: number;
  readonly blocks_done: number;
  readonly tuples_total: number;
  readonly tuples_done: number;
}

/**
 * Index builds, also those of ADD UNIQUE and ADD PRIMARY KEY, tell how far they are (manual, 27.4.4). Of a table that
 * ALTER TABLE writes anew, of constraints that are checked and of INSERT … SELECT there is no such view, and a new
 * relation's size is hidden until the commit; whether the statement waits for a lock is always told.
 */
export async function read(watching: Session, id: number): Promise<ServerProgress | null> {
  await watching.beginReadOnly();
  try {
    await watching.query("SET LOCAL statement_timeout = '1s'");
    const [row] = await watching.query<Found>(
      `SELECT COALESCE(a.wait_event_type = 'Lock', false) AS waits, p.phase,
              p.blocks_total::float8 AS blocks_total, p.blocks_done::float8 AS blocks_done,
              p.tuples_total::float8 AS tuples_total, p.tuples_done::float8 AS tuples_done
       FROM pg_catalog.pg_stat_activity a
       LEFT JOIN pg_catalog.pg_stat_progress_create_index p ON p.pid = a.pid
       WHERE a.pid = ?`,
      [id],
    );
    return row ? told(row) : null;
  } finally {
    await watching.rollback();
  }
}

/** Both halves of a build, as PostgreSQL counts them: the table is read by blocks, the index is made of its tuples. */
function told(row: Found): ServerProgress | null {
  const waiting = row.waits ? 'waits for a lock' : null;
  if (row.phase === null) return waiting && { phase: waiting, share: null };
  const phase = waiting ? `${row.phase}, ${waiting}` : row.phase;
  const part = (done: number, total: number): number => (total > 0 ? Math.min(done / total, 1) : 0);
  if (row.phase === 'building index: scanning table')
    return { phase, share: part(row.blocks_done, row.blocks_total) / 2 };
  if (row.phase === 'building index: sorting live tuples') return { phase, share: 0.5 };
  if (row.phase === 'building index: loading tuples in tree')
    return { phase, share: 0.5 + part(row.tuples_done, row.tuples_total) / 2 };
  return { phase, share: null };
}
