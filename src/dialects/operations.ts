import type { Operation } from '../schema/operation.js';
import type { ForeignKey } from '../schema/table.js';
import type { Statement } from './dialect.js';

/** What the statements here need of a dialect. */
interface Words {
  quote(name: string): string;
  literalText(value: string): string;
}

/** INSERT of a row that a revision brings along: standard SQL but for its quotes. */
export function insertRow(
  { table, row }: Extract<Operation, { kind: 'insertRow' }>,
  { quote, literalText }: Words,
): Statement {
  const names = Object.keys(row).map(quote).join(', ');
  const values = Object.values(row).map((value) =>
    typeof value === 'number' ? String(value) : literalText(value),
  );
  const sql = `INSERT INTO ${quote(table)} (${names}) VALUES (${values.join(', ')})`;
  return { sql, table, title: `insert into ${table}` };
}

/** From a column's name after the operations on a table to its name before them. */
export function originOf(operations: readonly Operation[], table: string): (name: string) => string {
  const renames = operations.flatMap((operation) =>
    operation.kind === 'renameColumn' && operation.table === table ? [operation] : [],
  );
  return (name) =>
    renames.reduceRight((current, rename) => (rename.to === current ? rename.column : current), name);
}

/**
 * The rows whose foreign key points nowhere, called `c`: what follows FROM. A key with a NULL in it refers to nothing
 * (MATCH SIMPLE).
 *
 * @param equal how columns at a place of the key are compared, where `p.x = c.y` would not do
 */
export function orphansOf(
  quote: (name: string) => string,
  table: string,
  { columns, refTable, refColumns }: ForeignKey,
  equal: (place: number) => string | null = () => null,
): string {
  const filled = columns.map((column) => `c.${quote(column)} IS NOT NULL`);
  const on = columns.map(
    (column, i) => equal(i) ?? `p.${quote(refColumns[i] as string)} = c.${quote(column)}`,
  );
  return `${quote(table)} c WHERE ${filled.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${quote(refTable)} p WHERE ${on.join(' AND ')})`;
}
