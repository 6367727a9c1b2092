import type { Operation } from '../../schema/operation.js';
import { columnOf, type Schema } from '../../schema/table.js';
import type { PostgresSession } from './session.js';
import { sameType } from './types.js';

type Query = Pick<PostgresSession, 'query'>;

/**
 * What of the user's hangs on columns and constraints that change: PostgreSQL notes it in pg_depend, and refuses the
 * change half-way, or takes an index or statistics along with a dropped column without a word.
 */
export async function findDependents(
  session: Query,
  operations: readonly Operation[],
  before: Schema,
  after: Schema,
): Promise<string[]> {
  return [
    ...(await ofColumns(session, changedColumns(operations, before), droppedFirst(operations))),
    ...(await ofKeys(session, droppedKeys(before, after))),
  ];
}

interface Changed {
  readonly table: string;
  readonly column: string;
  /** Dropped; else its type changes. */
  readonly gone: boolean;
}

/** Columns whose type changes or that go, of tables that are there now. */
function changedColumns(operations: readonly Operation[], schema: Schema): Changed[] {
  return operations.flatMap((operation) => {
    if (operation.kind !== 'dropColumn' && operation.kind !== 'alterColumn') return [];
    const table = schema.get(operation.table);
    const column = table && columnOf(table, operation.column);
    if (!column) return [];
    const gone = operation.kind === 'dropColumn';
    const type = gone ? undefined : operation.change.type;
    return gone || (type && !sameType(type, column))
      ? [{ table: operation.table, column: operation.column, gone }]
      : [];
  });
}

/** What goes by itself, in the words of pg_describe_object. */
const droppedFirst = (operations: readonly Operation[]): ReadonlySet<string> =>
  new Set(
    operations.flatMap((operation) => {
      if (operation.kind === 'dropIndex') return [`index ${operation.name}`];
      return operation.kind === 'dropColumn'
        ? [`default value for column ${operation.column} of table ${operation.table}`]
        : [];
    }),
  );

/**
 * A change of type rebuilds indexes, constraints and statistics; the classes listed here it refuses
 * (src/backend/commands/tablecmds.c, ATExecAlterColumnType).
 */
async function ofColumns(
  session: Query,
  changed: readonly Changed[],
  dropped: ReadonlySet<string>,
): Promise<string[]> {
  if (changed.length === 0) return [];
  const rows = await session.query<{ target: string; gone: boolean; what: string; view: string | null }>(
    `SELECT DISTINCT w.tbl || '.' || w.col AS target, w.gone, v.oid::regclass::text AS view,
            CASE WHEN v.oid IS NULL THEN pg_describe_object(d.classid, d.objid, d.objsubid)
                 ELSE pg_describe_object('pg_class'::regclass, v.oid, 0) END AS what
     FROM unnest(?::text[], ?::text[], ?::boolean[]) AS w(tbl, col, gone)
     JOIN pg_catalog.pg_class c ON c.relname = w.tbl AND c.relnamespace = quote_ident(current_schema())::regnamespace
     JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = w.col
     JOIN pg_catalog.pg_depend d
       ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum
     LEFT JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
     LEFT JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
     LEFT JOIN pg_catalog.pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
     WHERE (f.oid IS NULL OR f.adrelid <> c.oid OR f.adnum <> a.attnum)
       AND (w.gone OR d.objsubid > 0 OR d.classid IN (
         'pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass, 'pg_attrdef'::regclass,
         'pg_proc'::regclass, 'pg_publication_rel'::regclass))`,
    [changed.map(({ table }) => table), changed.map(({ column }) => column), changed.map(({ gone }) => gone)],
  );
  return rows.flatMap(({ target, gone, what, view }) => {
    if (dropped.has(what)) return [];
    const save = view === null ? '' : `save its definition (SELECT pg_get_viewdef('${view}')), `;
    return `${what} uses ${target}, ${gone ? 'which goes' : 'whose type changes'}: ${save}drop it, upgrade, create it again`;
  });
}

/** Primary keys, unique constraints and unique indexes that are not there afterwards as they are now. */
function droppedKeys(before: Schema, after: Schema): string[] {
  return [...before.values()].flatMap((old) => {
    const table = after.get(old.name);
    if (!table || table === old) return [];
    return [
      ...(old.primaryKey && table.primaryKey !== old.primaryKey ? [old.primaryKey.name] : []),
      ...old.uniques.filter((unique) => !table.uniques.includes(unique)).map((unique) => unique.name),
      ...old.indexes
        .filter((index) => index.unique && !table.indexes.includes(index))
        .map((index) => index.name),
    ].filter((name) => name !== null);
  });
}

/** Foreign keys of tables in other schemas, which introspection does not see, and views that group by the key. */
async function ofKeys(session: Query, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const rows = await session.query<{ key: string; what: string }>(
    `WITH gone AS (
       SELECT x.oid, x.relname, i.indrelid::regclass::text AS tbl, k.oid AS con
       FROM pg_catalog.pg_class x JOIN pg_catalog.pg_index i ON i.indexrelid = x.oid
       LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = x.oid AND k.contype IN ('p', 'u')
       WHERE x.relnamespace = quote_ident(current_schema())::regnamespace AND x.relname = ANY(?))
     SELECT gone.tbl AS key, pg_describe_object('pg_constraint'::regclass, f.oid, 0) AS what
     FROM gone JOIN pg_catalog.pg_constraint f ON f.conindid = gone.oid AND f.contype = 'f'
     JOIN pg_catalog.pg_class t ON t.oid = f.conrelid
     WHERE t.relnamespace <> quote_ident(current_schema())::regnamespace
     UNION
     SELECT gone.tbl, pg_describe_object('pg_class'::regclass, r.ev_class, 0)
     FROM gone JOIN pg_catalog.pg_depend d
       ON d.refclassid = 'pg_constraint'::regclass AND d.refobjid = gone.con AND d.classid = 'pg_rewrite'::regclass
     JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid`,
    [names],
  );
  return rows.map(
    ({ key, what }) =>
      `${what} depends on a key of ${key} that the upgrade replaces: drop it, upgrade, create it again`,
  );
}
