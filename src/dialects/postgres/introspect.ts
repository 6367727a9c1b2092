import { native } from '../../schema/column-type.js';
import type { ReferentialAction, Schema, Table } from '../../schema/table.js';
import { readIndexes } from './introspect-indexes.js';
import type { PostgresSession } from './session.js';

type Query = Pick<PostgresSession, 'query'>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };

/** pg_constraint.confdeltype / confupdtype. */
const actions: Readonly<Record<string, ReferentialAction | null>> = {
  a: null,
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
};

/**
 * Reads the tables of the current schema from the catalogs. information_schema is not asked: it hides what the role
 * does not own.
 */
export async function introspect(session: Query): Promise<Schema> {
  const schema = new Map<string, Mutable<Table>>();
  const tables = await session.query<{ relname: string }>(
    `SELECT relname FROM pg_catalog.pg_class
     WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind IN ('r', 'p') ORDER BY oid`,
  );
  for (const { relname } of tables)
    schema.set(relname, {
      ...{ name: relname, columns: [], primaryKey: null, uniques: [], foreignKeys: [], checks: [] },
      ...{ indexes: [], triggers: [] },
    });
  await readColumns(session, schema);
  await readConstraints(session, schema);
  await readIndexes(session, (table, index) => schema.get(table)?.indexes.push(index));
  const triggers = await session.query<{ relname: string; tgname: string; sql: string; body: string }>(
    `SELECT c.relname, t.tgname, pg_catalog.pg_get_triggerdef(t.oid) AS sql, p.prosrc AS body
     FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
     JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
     WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND NOT t.tgisinternal ORDER BY t.tgname`,
  );
  for (const { relname, tgname, sql, body } of triggers)
    schema.get(relname)?.triggers.push({ kind: 'native', name: tgname, sql, body });
  return schema as Schema;
}

async function readColumns(session: Query, schema: Map<string, Mutable<Table>>): Promise<void> {
  const rows = await session.query<{
    relname: string;
    attname: string;
    type: string;
    notnull: boolean;
    expression: string | null;
    identity: string;
    generated: string;
    collation: string | null;
  }>(
    `SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS notnull,
            pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS expression, a.attidentity AS identity,
            a.attgenerated AS generated,
            CASE WHEN a.attcollation <> t.typcollation THEN l.collname END AS collation
     FROM pg_catalog.pg_attribute a
     JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
     JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
     LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
     WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p')
       AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY c.oid, a.attnum`,
  );
  for (const row of rows)
    schema.get(row.relname)?.columns.push({
      name: row.attname,
      type: native(row.type),
      nullable: !row.notnull,
      default:
        row.expression !== null && row.generated === '' ? { kind: 'native', sql: row.expression } : null,
      generated:
        row.generated === '' ? null : { expression: row.expression ?? '', stored: row.generated === 's' },
      identity: row.identity === 'a' ? 'ALWAYS' : row.identity === 'd' ? 'BY DEFAULT' : null,
      collation: row.collation,
    });
}

async function readConstraints(session: Query, schema: Map<string, Mutable<Table>>): Promise<void> {
  const rows = await session.query<{
    relname: string;
    conname: string;
    contype: string;
    columns: string[] | null;
    reftable: string | null;
    refcolumns: string[] | null;
    ondelete: string;
    onupdate: string;
    expression: string | null;
  }>(
    `SELECT c.relname, k.conname, k.contype, k.confdeltype AS ondelete,
            CASE WHEN f.relnamespace = c.relnamespace THEN f.relname ELSE f.oid::regclass::text END AS reftable,
            k.confupdtype AS onupdate, pg_catalog.pg_get_expr(k.conbin, k.conrelid) AS expression,
            (SELECT array_agg(a.attname::text ORDER BY n) FROM unnest(k.conkey) WITH ORDINALITY u(num, n)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num) AS columns,
            (SELECT array_agg(a.attname::text ORDER BY n) FROM unnest(k.confkey) WITH ORDINALITY u(num, n)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num) AS refcolumns
     FROM pg_catalog.pg_constraint k
     JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
     LEFT JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
     WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND k.contype IN ('p', 'u', 'f', 'c')
     ORDER BY k.conname`,
  );
  for (const row of rows) {
    const table = schema.get(row.relname);
    const [name, columns] = [row.conname, row.columns ?? []];
    if (!table) continue;
    if (row.contype === 'p') table.primaryKey = { name, columns };
    else if (row.contype === 'u') table.uniques.push({ name, columns });
    else if (row.contype === 'c') table.checks.push({ name, expression: row.expression ?? '' });
    else
      table.foreignKeys.push({
        ...{ name, columns, refTable: row.reftable ?? '', refColumns: row.refcolumns ?? [] },
        onDelete: actions[row.ondelete] ?? null,
        onUpdate: actions[row.onupdate] ?? null,
      });
  }
}
