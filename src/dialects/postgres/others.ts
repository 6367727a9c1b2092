import { withoutConstants } from '../same.js';
import type { PostgresSession } from './session.js';

/** Other clients of this database, the longest transaction first; what they run is told without its constants. */
export async function otherSessions(
  session: Pick<PostgresSession, 'query'>,
  condition: string,
): Promise<string[]> {
  const rows = await session.query<{ pid: number; who: string; state: string; query: string | null }>(
    `SELECT pid, COALESCE(usename, '?') || ' from ' || COALESCE(client_addr::text, 'the local socket') AS who,
            COALESCE(state, '?') AS state, query
     FROM pg_catalog.pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
       AND ${condition} ORDER BY xact_start NULLS LAST, pid`,
  );
  return rows.map(({ pid, who, state, query }) =>
    `process ${pid} of ${who} (${state}) ${withoutConstants(query ?? '')}`.trimEnd(),
  );
}
