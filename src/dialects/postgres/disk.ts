import type { Deed, Disk, TableSize } from '../cost.js';
import type { Session } from '../dialect.js';
import { diskOf } from '../disk.js';

/** pg_total_relation_size: the table, its TOAST table and all indexes. */
export async function readBytes(session: Session, tables: readonly string[]): Promise<Map<string, number>> {
  return numbers(session, tables, 'pg_catalog.pg_total_relation_size(oid)::float8');
}

/**
 * The planner's way (src/backend/access/heap/heapam_handler.c, heapam_estimate_rel_size): the density that ANALYZE
 * saw, times the pages there are now. Where it never ran, rows of a hundred bytes are assumed.
 */
export async function readEstimates(
  session: Session,
  tables: readonly string[],
): Promise<Map<string, number>> {
  return numbers(
    session,
    tables,
    `(CASE WHEN reltuples > 0 AND relpages > 0 THEN reltuples / relpages ELSE 65 END
      * pg_catalog.pg_relation_size(oid) / current_setting('block_size')::int)::float8`,
  );
}

async function numbers(
  session: Session,
  tables: readonly string[],
  expression: string,
): Promise<Map<string, number>> {
  if (tables.length === 0) return new Map();
  const rows = await session.query<{ name: string; n: number }>(
    `SELECT relname AS name, ${expression} AS n FROM pg_catalog.pg_class
     WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind = 'r'
       AND relname IN (${tables.map(() => '?').join(', ')})`,
    tables,
  );
  return new Map(rows.map(({ name, n }) => [name, n]));
}

/**
 * Everything is one transaction: files that were written anew go at its end, and rows that were updated leave their
 * old version. No function tells how much is free on the server's disk.
 */
export async function diskNeeded(deeds: readonly Deed[], sizes: readonly TableSize[]): Promise<Disk> {
  const { needed, basis } = diskOf(deeds, sizes);
  return {
    needed,
    basis: `${basis}; about as much again is written to the WAL`,
    free: null,
    where: 'PostgreSQL does not tell what is free on its disk: look there with df',
  };
}
