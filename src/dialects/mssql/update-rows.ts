import type { BoundColumn } from '../../schema/row-work.js';
import { bind, keyBinder } from './bind.js';
import { quote } from './quote.js';
import type { MssqlSession } from './session.js';

/**
 * Updates rows by their keys with one statement: the table is joined with a list of constants. Constants have the
 * collation of the database; to be compared by an index they are given that of the key.
 */
export async function updateRows(
  session: Pick<MssqlSession, 'query' | 'execute'>,
  table: string,
  keys: readonly BoundColumn[],
  values: readonly BoundColumn[],
  rows: readonly (readonly unknown[])[],
): Promise<number> {
  const collations = await collationsOf(session, table);
  return session.execute(updateStatement(table, keys, values, rows, collations), rows.flat());
}

/** The statement of `updateRows`. */
export function updateStatement(
  table: string,
  keys: readonly BoundColumn[],
  values: readonly BoundColumn[],
  rows: readonly (readonly unknown[])[],
  collations: ReadonlyMap<string, string>,
): string {
  const bindKey = keyBinder(rows.flatMap((row) => row.slice(0, keys.length)));
  const row = [...keys.map(({ type }) => bindKey(type)), ...values.map(({ type }) => bind(type))].join(', ');
  const list = rows.map(() => `(${row})`).join(', ');
  const changed = ({ name }: BoundColumn): string => `changed.${quote(`new_${name}`)}`;
  const set = values.map((column) => `${quote(column.name)} = ${changed(column)}`).join(', ');
  const match = keys.map((key) => {
    const collation = collations.get(key.name);
    return `t.${quote(key.name)} = ${changed(key)}${collation ? ` COLLATE ${collation}` : ''}`;
  });
  const names = [...keys, ...values].map(({ name }) => quote(`new_${name}`)).join(', ');
  return (
    `UPDATE t SET ${set} FROM ${quote(table)} AS t` +
    ` JOIN (VALUES ${list}) AS changed (${names}) ON ${match.join(' AND ')}`
  );
}

async function collationsOf(
  session: Pick<MssqlSession, 'query'>,
  table: string,
): Promise<Map<string, string>> {
  const rows = await session.query<{ name: string; collation: string }>(
    `SELECT name, collation_name AS collation FROM sys.columns
     WHERE object_id = OBJECT_ID(?, N'U') AND collation_name IS NOT NULL`,
    [quote(table)],
  );
  return new Map(rows.map(({ name, collation }) => [name, collation]));
}
