import type { RowContext } from '../../src/schema/index.js';

export interface BoundColumn {
  readonly name: string;
  readonly type: Parameters<RowContext['bind']>[0];
}

/**
 * Updates many rows with few statements: each row of `rows` is the values of `keys`, then those of `values`. One
 * UPDATE joins the table with a list of constants, which SQLite (3.33 and later) and PostgreSQL read alike.
 *
 * @throws when a statement touched another number of rows than it was given
 */
export async function updateRows(
  context: RowContext,
  table: string,
  keys: readonly BoundColumn[],
  values: readonly BoundColumn[],
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  const name = context.quote(table);
  const columns = [...keys, ...values];
  const changed = (column: BoundColumn): string => `changed.new_${column.name}`;
  const head = `WITH changed (${columns.map((column) => `new_${column.name}`).join(', ')}) AS (VALUES `;
  const set = values.map((column) => `${context.quote(column.name)} = ${changed(column)}`).join(', ');
  const match = keys.map((key) => `${name}.${context.quote(key.name)} = ${changed(key)}`).join(' AND ');
  for (const part of parts(context, columns.length, rows)) {
    const sql = `${head}${tuples(context, columns, part.length)}) UPDATE ${name} SET ${set} FROM changed WHERE ${match}`;
    const touched = await context.execute(sql, part.flat());
    if (touched !== part.length) throw new Error(`updated ${touched} of ${part.length} rows of ${table}`);
  }
}

/** Inserts many rows with few statements. */
export async function insertRows(
  context: RowContext,
  table: string,
  columns: readonly BoundColumn[],
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  const names = columns.map((column) => context.quote(column.name)).join(', ');
  for (const part of parts(context, columns.length, rows)) {
    await context.execute(
      `INSERT INTO ${context.quote(table)} (${names}) VALUES ${tuples(context, columns, part.length)}`,
      part.flat(),
    );
  }
}

/** Rows in portions that one statement can bind. */
function* parts<T>(context: RowContext, width: number, rows: readonly T[]): Generator<readonly T[]> {
  const size = Math.floor(context.maxBindings / width);
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size);
}

const tuples = (context: RowContext, columns: readonly BoundColumn[], count: number): string => {
  const tuple = `(${columns.map((column) => context.bind(column.type)).join(', ')})`;
  return Array<string>(count).fill(tuple).join(', ');
};
