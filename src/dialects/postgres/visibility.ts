import { blockedError } from '../../errors.js';
import { quote } from './quote.js';
import type { PostgresSession } from './session.js';

interface Found extends Record<string, unknown> {
  readonly current: string | null;
  readonly role: string;
  readonly path: string;
  /** Schemas of the search path that are there and that the role may not use, as far as they come before `current`. */
  readonly hidden: string[] | null;
  readonly stamped: boolean;
  /** Of the current schema; null without any. */
  readonly tables: string[] | null;
}

/**
 * Without the right to use a schema, PostgreSQL leaves it out of the search path in silence: `current_schema()` is the
 * next one, or NULL, and everything looks as if the database were empty (manual, 5.10.3 "The Schema Search Path").
 *
 * @returns the tables of the current schema, sorted: one trip tells both
 * @throws exit 10 where a schema that may hold MLflow's tables is left out so, or where there is none to look into
 */
export async function visibleTables(session: Pick<PostgresSession, 'query' | 'place'>): Promise<string[]> {
  const [found] = await session.query<Found>(
    `WITH path AS (
       SELECT n.oid, n.nspname::text AS name, u.place
       FROM regexp_split_to_table(current_setting('search_path'), '\\s*,\\s*') WITH ORDINALITY u(word, place)
       JOIN pg_catalog.pg_namespace n ON n.nspname =
         CASE WHEN btrim(u.word, '"') = '$user' THEN current_user::text
              WHEN u.word LIKE '"%' THEN replace(btrim(u.word, '"'), '""', '"') ELSE lower(u.word) END
     )
     SELECT current_schema()::text AS current, current_user::text AS role, current_setting('search_path') AS path,
            (SELECT array_agg(name ORDER BY place) FROM path WHERE NOT pg_catalog.has_schema_privilege(oid, 'USAGE')
              AND place < COALESCE((SELECT min(place) FROM path WHERE name = current_schema()), 1e9)) AS hidden,
            EXISTS (SELECT FROM pg_catalog.pg_class c
                    WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relname = 'alembic_version') AS stamped,
            (SELECT array_agg(c.relname::text ORDER BY c.relname) FROM pg_catalog.pg_class c
             WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p', 'f')) AS tables`,
  );
  if (!found) return [];
  const { current, role, path, hidden, stamped, tables } = found;
  if (hidden && hidden.length > 0 && !stamped)
    throw blockedError(
      `${session.place}: the schema ${hidden.join(', ')} is not open to role "${role}", and its tables cannot be seen without GRANT USAGE`,
      `GRANT USAGE ON SCHEMA ${hidden.map(quote).join(', ')} TO ${quote(role)}`,
    );
  if (current === null)
    throw blockedError(
      `${session.place}: no schema of the search_path exists (${path}); CREATE SCHEMA makes one`,
      'create it, or correct ?options=-csearch_path%3D… in the URI',
    );
  return tables ?? [];
}
