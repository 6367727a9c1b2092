import type { Row, RowContext } from '../../src/schema/index.js';

/** Rows of one page: enough to spend little on statements, few enough to hold. */
const PAGE_ROWS = 1000;

export interface Pages {
  /** The selected expressions; the key's columns are among them, under their own names. */
  readonly columns: string;
  /** `table alias`, with its joins. */
  readonly from: string;
  readonly alias: string;
  /** The text columns of the table's primary key, in its order. */
  readonly key: readonly string[];
  readonly where?: string;
}

/**
 * Reads a table in pages along its primary key, each with one query that starts behind the last row of the page
 * before, so that the work never holds more than a page and never reads a row twice.
 */
export async function* pages<T extends Row>(context: RowContext, read: Pages): AsyncGenerator<T[]> {
  const key = read.key.map((column) => `${read.alias}.${column}`);
  let last: unknown[] | undefined;
  for (;;) {
    context.checkpoint();
    const next = last && context.after(key, last);
    const conditions = [read.where, next?.sql].filter((condition) => condition !== undefined);
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')} ` : '';
    const rows = await context.query<T>(
      `SELECT ${read.columns} FROM ${read.from} ${where}ORDER BY ${key.join(', ')} ${context.limit(PAGE_ROWS)}`,
      next?.params,
    );
    const end = rows.at(-1);
    if (!end) return;
    const reached = read.key.map((column) => end[column]);
    // A key that is not valid UTF-8 does not come back as it is stored, and would be read for ever.
    if (last?.every((value, i) => value === reached[i]))
      throw new Error(`unreadable key in ${read.from}: ${reached}`);
    yield rows;
    if (rows.length < PAGE_ROWS) return;
    last = reached;
  }
}
