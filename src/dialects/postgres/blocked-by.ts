import { withoutConstants } from '../same.js';

/** Runs one question on a connection of its own. */
export type Beside = (sql: string, params: readonly unknown[]) => Promise<Record<string, unknown>[]>;

/** Whom a server process waits for, a phrase each; empty where it waits for nobody. */
export async function readBlockers(beside: Beside, process: number | null): Promise<string[]> {
  const rows = await beside(
    `SELECT pid, COALESCE(usename, 'unknown') || ' from ' || COALESCE(client_addr::text, 'the local socket') AS who,
            COALESCE(state, 'state unknown') AS state, COALESCE(query, '') AS query
     FROM pg_catalog.pg_stat_activity WHERE pid = ANY(pg_blocking_pids(?::int)) ORDER BY xact_start NULLS LAST, pid`,
    [process],
  );
  return rows.map(({ pid, who, state, query }) =>
    `process ${pid} of ${who} (${state}) ${withoutConstants(String(query))}`.trimEnd(),
  );
}
