import type { Operation } from '../../schema/operation.js';
import type { Schema } from '../../schema/table.js';
import { findDependents } from './dependents.js';
import type { PostgresSession } from './session.js';
import { findTakenNames } from './taken.js';

type Query = Pick<PostgresSession, 'query'>;

/** Missing rights, taken names and dependent objects, in words that say what to do; PostgreSQL would refuse half-way through. */
export async function findObstacles(
  session: Query,
  operations: readonly Operation[],
  before: Schema,
  after: Schema,
): Promise<string[]> {
  return [
    ...(await missingRights(session, operations, before)),
    ...(await findTakenNames(session, before, after, operations)),
    ...(await findDependents(session, operations, before, after)),
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
      `no schema of the search_path exists and is open to role "${role?.role}", so tables have no place: create it (CREATE SCHEMA …), GRANT USAGE, CREATE ON it, or correct ?options=-csearch_path%3D… in the URI`,
    ];
  if (!role.create)
    found.push(
      `role "${role.role}" may not create tables in schema "${role.schema}": GRANT CREATE ON SCHEMA "${role.schema}" TO "${role.role}"`,
    );
  const tables = [...new Set(operations.flatMap((operation) => changedTable(operation, schema)))];
  if (tables.length === 0) return found;
  const foreign = await session.query<{ relname: string; owner: string }>(
    `SELECT relname, pg_get_userbyid(relowner) AS owner FROM pg_catalog.pg_class
     WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relname = ANY(?) AND relkind IN ('r', 'p')
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
