import { type BoundColumn, type RowContext, tuples } from '../../src/schema/index.js';

/**
 * Updates many rows with few statements: each row of `rows` is the values of `keys`, then those of `values`.
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
  const width = keys.length + values.length;
  for (const part of parts(context, width, rows)) {
    const touched = await context.updateRows(table, keys, values, part);
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
