import type { Operation } from '../../schema/operation.js';
import type { Schema } from '../../schema/table.js';
import { columnOf } from '../../schema/table.js';
import type { PostgresSession } from './session.js';
import { sameType } from './types.js';

type Query = Pick<PostgresSession, 'query'>;

/** Missing rights and dependent views, in words that say what to do; PostgreSQL would refuse half-way through. */
export async function findObstacles(
  session: Query,
  operations: readonly Operation[],
  schema: Schema,
): Promise<string[]> {
  return [
    ...(await missingRights(session, operations, schema)),
    ...(await dependentViews(session, changedColumns(operations, schema))),
  ];
}

async function missingRights(
  session: Query,
  operations: readonly Operation[],
  schema: Schema,
): Promise<string[]> {
  const found: string[] = [];
  const [role] = await session.query<{ role: string; schema: string | null; create: boolean | null }>(
    `SELECT current_user AS role, current_schema() AS schema,
            has_schema_privilege(current_schema(), 'CREATE') AS create`,
  );
  if (!role?.schema)
    return [
      'no schema of the search_path exists, so tables have no place: create it (CREATE SCHEMA …) or correct ?options=-csearch_path%3D… in the URI',
    ];
  if (!role.create)
    found.push(
      `role "${role.role}" may not create tables in schema "${role.schema}": GRANT CREATE ON SCHEMA "${role.schema}" TO "${role.role}"`,
    );
  const tables = [...new Set(operations.flatMap((operation) => changedTable(operation, schema)))];
  if (tables.length === 0) return found;
  const foreign = await session.query<{ relname: string; owner: string }>(
    `SELECT relname, pg_get_userbyid(relowner) AS owner FROM pg_catalog.pg_class
     WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(?) AND relkind IN ('r', 'p')
       AND NOT pg_has_role(current_user, relowner, 'USAGE')`,
    [tables],
  );
  const owners = new Map<string, string[]>();
  for (const { relname, owner } of foreign) owners.set(owner, [...(owners.get(owner) ?? []), relname]);
  for (const [owner, names] of owners)
    found.push(
      `role "${role.role}" must own the tables it changes; ${names.join(', ')} belong${names.length > 1 ? '' : 's'} to "${owner}": GRANT "${owner}" TO "${role.role}", or connect as "${owner}"`,
    );
  return found;
}

function changedTable(operation: Operation, schema: Schema): string[] {
  if (operation.kind === 'rows') return operation.writes.filter((name) => schema.has(name));
  if (operation.kind === 'only' || operation.kind === 'createTable') return [];
  return schema.has(operation.table) ? [operation.table] : [];
}

/** Columns whose type changes or that go, of tables that are there now. */
function changedColumns(
  operations: readonly Operation[],
  schema: Schema,
): { table: string; column: string }[] {
  return operations.flatMap((operation) => {
    if (operation.kind !== 'dropColumn' && operation.kind !== 'alterColumn') return [];
    const column = columnOf(schema.get(operation.table) ?? nothing, operation.column);
    if (!column) return [];
    const type = operation.kind === 'alterColumn' ? operation.change.type : undefined;
    const moves = operation.kind === 'dropColumn' || (type && !sameType(type, column.type));
    return moves ? [{ table: operation.table, column: operation.column }] : [];
  });
}

const nothing = {
  ...{
    name: '',
    columns: [],
    primaryKey: null,
    uniques: [],
    foreignKeys: [],
    checks: [],
    indexes: [],
    triggers: [],
  },
};

/** "cannot alter type of a column used by a view or rule": PostgreSQL notes the dependency in pg_depend. */
async function dependentViews(
  session: Query,
  columns: readonly { table: string; column: string }[],
): Promise<string[]> {
  if (columns.length === 0) return [];
  const rows = await session.query<{ view: string; kind: string; target: string }>(
    `SELECT DISTINCT v.oid::regclass::text AS view, v.relkind AS kind, c.relname || '.' || a.attname AS target
     FROM pg_catalog.pg_depend d
     JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
     JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
     JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass
     JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
     JOIN unnest(?::text[], ?::text[]) AS w(tbl, col) ON w.tbl = c.relname AND w.col = a.attname
     WHERE c.relnamespace = current_schema()::regnamespace`,
    [columns.map(({ table }) => table), columns.map(({ column }) => column)],
  );
  return rows.map(({ view, kind, target }) => {
    const what = kind === 'm' ? 'materialized view' : 'view';
    return `${what} ${view} uses ${target}, whose type changes: save its definition (SELECT pg_get_viewdef('${view}')), drop it, upgrade, create it again`;
  });
}
