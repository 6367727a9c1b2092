import type { Session } from '../dialects/dialect.js';
import type { Operation } from '../schema/operation.js';
import type { Schema } from '../schema/table.js';

/** The operations without rows to insert that are there already; a table that is still to come has none. */
export async function missingInserts(
  session: Pick<Session, 'sql'>,
  operations: readonly Operation[],
  live: Schema,
): Promise<Operation[]> {
  const missing: Operation[] = [];
  for (const operation of operations) {
    if (operation.kind === 'insertRow' && (await isThere(session, operation, live))) continue;
    missing.push(operation);
  }
  return missing;
}

/** By the table's key. */
async function isThere(
  { sql }: Pick<Session, 'sql'>,
  { table, row }: Extract<Operation, { kind: 'insertRow' }>,
  live: Schema,
): Promise<boolean> {
  const key = live.get(table)?.primaryKey?.columns ?? [];
  if (key.length === 0) return false;
  const condition = key.map((column) => `${sql.quote(column)} = ${sql.bind('text')}`).join(' AND ');
  const found = await sql.query(
    `SELECT 1 AS found FROM ${sql.quote(table)} WHERE ${condition}`,
    key.map((column) => row[column]),
  );
  return found.length > 0;
}
