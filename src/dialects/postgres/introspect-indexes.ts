import type { Index } from '../../schema/table.js';
import type { PostgresSession } from './session.js';

/** Reads the indexes that no constraint owns; an expression's text stands as its column's name. */
export async function readIndexes(
  session: Pick<PostgresSession, 'query'>,
  found: (table: string, index: Index) => void,
): Promise<void> {
  const rows = await session.query<{
    relname: string;
    name: string;
    isunique: boolean;
    predicate: string | null;
    keys: number;
    columns: string[];
    options: number[];
  }>(
    `SELECT c.relname, x.relname AS name, i.indisunique AS isunique, i.indnkeyatts AS keys,
            pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate,
            (SELECT array_agg(COALESCE(a.attname::text, pg_catalog.pg_get_indexdef(i.indexrelid, n::int, true))
                              ORDER BY n)
             FROM unnest(i.indkey) WITH ORDINALITY u(num, n)
             LEFT JOIN pg_catalog.pg_attribute a
               ON a.attrelid = i.indrelid AND a.attnum = u.num AND u.num > 0) AS columns,
            (SELECT array_agg(o::int ORDER BY n) FROM unnest(i.indoption) WITH ORDINALITY u(o, n)) AS options
     FROM pg_catalog.pg_index i
     JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
     JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
     WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND NOT i.indisprimary
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k
                       WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
     ORDER BY x.relname`,
  );
  for (const row of rows)
    found(row.relname, {
      name: row.name,
      unique: row.isunique,
      // Bit 0 of indoption: descending (src/include/catalog/pg_index.h).
      columns: row.columns
        .slice(0, row.keys)
        .map((name, i) => ({ name, desc: ((row.options[i] ?? 0) & 1) === 1, length: null })),
      include: row.columns.slice(row.keys),
      where: row.predicate,
    });
}
