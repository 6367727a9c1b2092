import type { Operation } from '../../schema/operation.js';
import type { Schema } from '../../schema/table.js';
import { type Created, createdNames } from '../created.js';
import { bareSql } from '../same.js';
import { renderTrigger } from './render.js';
import type { PostgresSession } from './session.js';

/**
 * Names the upgrade creates that something else has: tables, indexes, views and sequences share one namespace of a
 * schema; a table also makes a type, a trigger comes with a function.
 */
export async function findTakenNames(
  session: Pick<PostgresSession, 'query'>,
  before: Schema,
  after: Schema,
  operations: readonly Operation[],
): Promise<string[]> {
  const created = createdNames(before, after, operations);
  const names = created.filter(({ kind }) => kind !== 'column').map(({ name }) => name);
  if (names.length === 0) return [];
  const rows = await session.query<{ name: string; space: string; what: string; body: string | null }>(
    `SELECT relname AS name, 'relation' AS space, pg_describe_object('pg_class'::regclass, oid, 0) AS what, NULL AS body
     FROM pg_catalog.pg_class WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relname = ANY(?)
     UNION ALL
     SELECT typname, 'type', pg_describe_object('pg_type'::regclass, oid, 0), NULL FROM pg_catalog.pg_type
     WHERE typnamespace = quote_ident(current_schema())::regnamespace AND typname = ANY(?) AND typrelid = 0 AND typcategory <> 'A'
     UNION ALL
     SELECT proname, 'function', pg_describe_object('pg_proc'::regclass, oid, 0), prosrc FROM pg_catalog.pg_proc
     WHERE pronamespace = quote_ident(current_schema())::regnamespace AND proname = ANY(?) AND pronargs = 0`,
    [names, names, names],
  );
  return rows.flatMap(({ name, space, what, body }) => {
    const wanted = created.find((one) => one.name === name && spaces[one.kind].includes(space));
    return wanted && !isLeftOver(wanted, body, after)
      ? [`${what} has the name of a ${wanted.kind} that the upgrade creates: rename or drop it`]
      : [];
  });
}

/** DROP TRIGGER leaves the function; where it is MLflow's to the letter, the trigger takes it again. */
function isLeftOver({ kind, name, table }: Created, body: string | null, after: Schema): boolean {
  const trigger = after.get(table)?.triggers.find((one) => one.name === name);
  if (kind !== 'trigger' || body === null || !trigger) return false;
  const made = renderTrigger(table, trigger)[0]?.split('$$')[1];
  return made !== undefined && bareSql(made) === bareSql(body);
}

const spaces: Readonly<Record<ReturnType<typeof createdNames>[number]['kind'], readonly string[]>> = {
  table: ['relation', 'type'],
  index: ['relation'],
  constraint: ['relation'],
  trigger: ['function'],
  column: [],
};
