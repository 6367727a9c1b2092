import type { Session } from '../dialect.js';
import { withoutConstants } from '../same.js';
import type { Fact } from '../status.js';
import { lockHolder as holderOf } from './lock.js';

/** Character set and collation of the database, the schema and role in use. */
export async function about(session: Session): Promise<Fact[]> {
  const [row] = await session.query<Record<string, string | boolean | null>>(
    `SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS collation, datctype AS ctype,
            current_schema()::text AS schema, current_user::text AS role, pg_is_in_recovery() AS replica
     FROM pg_catalog.pg_database WHERE datname = current_database()`,
  );
  if (!row) return [];
  return [
    { name: 'encoding', value: String(row.encoding) },
    // NULL where ICU alone decides.
    { name: 'collation', value: String(row.collation ?? 'ICU') },
    ...(row.ctype === row.collation ? [] : [{ name: 'character type', value: String(row.ctype ?? 'ICU') }]),
    { name: 'schema', value: String(row.schema ?? 'none of the search path is there') },
    { name: 'role', value: String(row.role) },
    ...(row.replica ? [{ name: 'replica', value: 'yes, it only reads' }] : []),
  ];
}

/** The advisory lock. */
export const lockHolder = (session: Session): Promise<string | null> => holderOf(session);

interface Holding extends Record<string, unknown> {
  readonly pid: number;
  readonly who: string;
  readonly state: string;
  readonly seconds: number | null;
  readonly query: string | null;
  readonly held: string;
}

/** pg_locks shows every lock to everybody; whose it is, only in part (manual, 54.12 "pg_locks", 27.2.3 "pg_stat_activity"). */
export async function transactions(session: Session, tables: readonly string[]): Promise<string[]> {
  if (tables.length === 0) return [];
  const rows = await session.query<Holding>(
    `SELECT a.pid, COALESCE(a.usename, 'unknown') || ' from ' || COALESCE(host(a.client_addr), 'the local socket') AS who,
            COALESCE(a.state, 'state unknown') AS state, extract(epoch FROM now() - a.xact_start)::float8 AS seconds, a.query,
            string_agg(DISTINCT c.relname, ', ' ORDER BY c.relname) AS held
     ${relationLocks(tables)} AND l.granted
     GROUP BY a.pid, a.usename, a.client_addr, a.state, a.xact_start, a.query
     ORDER BY a.xact_start NULLS LAST, a.pid`,
    tables,
  );
  return rows.map(({ pid, who, state, seconds, query, held }) => {
    const since = seconds === null ? '' : ` for ${Math.round(seconds)} s`;
    return `process ${pid} of ${who} (${state}, transaction open${since}) holds locks on ${held}: ${withoutConstants(query ?? '')}`;
  });
}

/** ACCESS EXCLUSIVE keeps readers out, and who waits for it keeps them waiting behind it (manual, 13.3.1). */
export async function unreadable(session: Session, tables: readonly string[]): Promise<string[]> {
  if (tables.length === 0) return [];
  const rows = await session.query<{ name: string }>(
    `SELECT DISTINCT c.relname AS name ${relationLocks(tables)} AND l.mode = 'AccessExclusiveLock'`,
    tables,
  );
  return rows.map(({ name }) => name);
}

const relationLocks = (tables: readonly string[]): string =>
  `FROM pg_catalog.pg_locks l
   JOIN pg_catalog.pg_class c ON c.oid = l.relation
   JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
   WHERE l.locktype = 'relation' AND l.pid <> pg_backend_pid()
     AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
     AND c.relnamespace = quote_ident(current_schema())::regnamespace
     AND c.relname IN (${tables.map(() => '?').join(', ')})`;

/** What others run shows to members of pg_read_all_stats (manual, 21.5 "Predefined Roles"). */
export async function hidden(session: Session): Promise<string | null> {
  const [row] = await session.query<{ sees: boolean; role: string }>(
    `SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees, quote_ident(current_user) AS role`,
  );
  return row?.sees === false
    ? `where other roles come from and what they run: GRANT pg_read_all_stats TO ${row.role}`
    : null;
}
