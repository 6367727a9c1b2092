import type { Operation } from '../../schema/operation.js';
import type { Schema } from '../../schema/table.js';
import { findDependents } from './dependents.js';
import type { MssqlSession } from './session.js';
import { findTakenNames } from './taken.js';

export type Query = Pick<MssqlSession, 'query'>;

/** Missing rights, taken names and dependent objects, in words that say what to do; SQL Server would refuse half-way through. */
export async function findObstacles(
  session: Query,
  operations: readonly Operation[],
  before: Schema,
  after: Schema,
): Promise<string[]> {
  return [
    ...(await missingRights(session)),
    ...(await findTakenNames(session, before, after, operations)),
    ...(await findDependents(session, operations, before, after)),
  ];
}

/** The rights on a whole schema: what is granted on single tables does not reach those that the upgrade creates. */
const needed = ['ALTER', 'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES'];

async function missingRights(session: Query): Promise<string[]> {
  const [has] = await session.query<{ user: string; schema: string | null } & Record<string, unknown>>(
    `SELECT USER_NAME() AS [user], SCHEMA_NAME() AS [schema],
            HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE TABLE') AS [create]${needed
              .map(
                (right) =>
                  `, HAS_PERMS_BY_NAME(QUOTENAME(SCHEMA_NAME()), 'SCHEMA', '${right}') AS [${right}]`,
              )
              .join('')}`,
  );
  if (!has?.schema)
    return [
      `user "${has?.user}" has no default schema, so tables have no place: ALTER USER [${has?.user}] WITH DEFAULT_SCHEMA = dbo`,
    ];
  const found: string[] = [];
  if (has.create !== 1)
    found.push(`user "${has.user}" may not create tables: GRANT CREATE TABLE TO [${has.user}]`);
  const missing = needed.filter((right) => has[right] !== 1).join(', ');
  if (missing)
    found.push(
      `user "${has.user}" lacks ${missing} on schema "${has.schema}": GRANT ${missing} ON SCHEMA::[${has.schema}] TO [${has.user}]`,
    );
  return found;
}
