import type { BoundColumn } from '../../schema/row-work.js';
import { quote } from './quote.js';
import type { MysqlSession } from './session.js';

/**
 * Updates rows by their keys with one statement: the table is joined with a list of constants. Constants have the
 * collation of the connection; to be compared by an index they are given that of the key.
 */
export async function updateRows(
  session: Pick<MysqlSession, 'query' | 'execute'>,
  table: string,
  keys: readonly BoundColumn[],
  values: readonly BoundColumn[],
  rows: readonly (readonly unknown[])[],
): Promise<number> {
  const texts = await collations(session, table);
  const columns = [...keys, ...values];
  const first = columns.map((column) => `? AS ${quote(`new_${column.name}`)}`).join(', ');
  const other = columns.map(() => '?').join(', ');
  const list = rows.map((_, i) => `SELECT ${i === 0 ? first : other}`).join(' UNION ALL ');
  const changed = (column: BoundColumn) => `changed.${quote(`new_${column.name}`)}`;
  const match = keys.map((key) => {
    const text = texts.get(key.name);
    const value = text
      ? `CONVERT(${changed(key)} USING ${text.charset}) COLLATE ${text.collation}`
      : changed(key);
    return `t.${quote(key.name)} = ${value}`;
  });
  const set = values.map((column) => `t.${quote(column.name)} = ${changed(column)}`);
  return session.execute(
    `UPDATE (${list}) AS changed STRAIGHT_JOIN ${quote(table)} AS t ON ${match.join(' AND ')} SET ${set.join(', ')}`,
    rows.flatMap((row) => row.map((value, i) => (columns[i]?.type === 'double' ? double(value) : value))),
  );
}

/** A number as a floating point literal: without an exponent it would be a decimal, which has no -0. */
function double(value: unknown): unknown {
  if (typeof value !== 'number') return value;
  const text = Object.is(value, -0) ? '-0' : String(value);
  return { toSqlString: () => (text.includes('e') ? text : `${text}e0`) };
}

/** Character set and collation of a table's text columns. */
async function collations(
  session: Pick<MysqlSession, 'query'>,
  table: string,
): Promise<Map<string, { charset: string; collation: string }>> {
  const rows = await session.query<{ name: string; charset: string; collation: string }>(
    `SELECT COLUMN_NAME AS name, CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation
     FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND COLLATION_NAME IS NOT NULL`,
    [table],
  );
  return new Map(rows.map(({ name, ...text }) => [name, text]));
}
