import type { Session } from '../dialect.js';
import { eachTable, type GivenBack, type GivingBack, kibOf, tablesOf } from '../give-back.js';
import { readBytes } from './disk.js';

/**
 * VACUUM beside readers and writers. VACUUM FULL gives more back and keeps readers out ("Recovering Disk Space",
 * PostgreSQL manual).
 */
export async function giveBack(
  session: Session,
  tables: readonly string[],
  { checkpoint, lockTimeoutMs }: GivingBack,
): Promise<GivenBack> {
  if (tables.length === 0) return { said: 'no table lost rows', failed: [] };
  const allowed = await mayVacuum(session, tables);
  const refused = tables.filter((table) => !allowed.has(table));
  const before = await readBytes(session, tables);
  await session.query(`SET lock_timeout = ${Math.max(Math.round(lockTimeoutMs), 1)}`);
  const { done, failed } = await eachTable(
    tables.filter((table) => allowed.has(table)),
    checkpoint,
    async (table) => {
      await session.query(`VACUUM (ANALYZE) ${session.sql.quote(table)}`);
    },
  ).finally(() => session.query('RESET lock_timeout').catch(() => undefined));
  const after = await readBytes(session, tables);
  // What an older transaction may still see VACUUM leaves, and says nothing.
  const open = done.length > 0 ? await session.blockers() : [];
  const later = open.length > 0 ? `; rows that an open transaction may see stay until then (${open[0]})` : '';
  return {
    said:
      done.length === 0
        ? null
        : `${tablesOf(done.length)} of ${kibOf(after, done)}, before ${kibOf(before, done)}, with room for new rows${later}; VACUUM FULL would give it to the system, and lock the server out`,
    failed: [
      ...failed,
      ...(refused.length > 0
        ? [`${refused.join(', ')}: only their owner may VACUUM, or a role with MAINTAIN`]
        : []),
    ],
  };
}

/**
 * The server skips other tables with a warning that no driver raises: it asks for the owner's rights over the table or
 * the database (src/backend/commands/vacuum.c, vacuum_is_permitted_for_relation), or for MAINTAIN, since 17.
 */
async function mayVacuum(session: Session, tables: readonly string[]): Promise<Set<string>> {
  const [version] = await session.query<{ n: number }>(
    "SELECT current_setting('server_version_num')::int AS n",
  );
  const maintain = (version?.n ?? 0) >= 170_000 ? "OR has_table_privilege(c.oid, 'MAINTAIN')" : '';
  const rows = await session.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_catalog.pg_class c, pg_catalog.pg_database d
     WHERE d.datname = current_database() AND c.relnamespace = quote_ident(current_schema())::regnamespace
       AND c.relname IN (${tables.map(() => '?').join(', ')})
       AND (pg_has_role(c.relowner, 'USAGE') OR pg_has_role(d.datdba, 'USAGE') ${maintain})`,
    tables,
  );
  return new Set(rows.map(({ name }) => name));
}
