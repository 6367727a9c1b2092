import { type Condition, type RowContext, source } from '../../src/schema/index.js';

/** Rows of one range: enough to spend little on statements, few enough to hold and to lock. */
const RANGE_ROWS = 2000;

/** Keys that come after `after` and no later than `upTo`, each the values of a key's columns; without one, from or to the end. */
export interface KeyRange {
  readonly after?: readonly unknown[];
  readonly upTo?: readonly unknown[];
}

/** The rows of a range, as a condition. */
export function inRange(context: RowContext, key: readonly string[], range: KeyRange): Condition | undefined {
  const parts = [
    ...(range.after ? [context.after(key, range.after)] : []),
    ...(range.upTo ? [context.upTo(key, range.upTo)] : []),
  ];
  if (parts.length === 0) return undefined;
  return { sql: parts.map(({ sql }) => sql).join(' AND '), params: parts.flatMap(({ params }) => params) };
}

/** A range and how many rows it has. */
export interface Portion {
  readonly range: Required<Pick<KeyRange, 'upTo'>> & KeyRange;
  readonly rows: number;
}

/** The first `count` rows of a range; null where it has none. */
export async function firstOf(
  context: RowContext,
  table: string,
  key: readonly string[],
  range: KeyRange,
  count: number,
): Promise<Portion | null> {
  const bounds = inRange(context, key, range);
  const order = (direction: string) => key.map((column) => `${column}${direction}`).join(', ');
  const page =
    `SELECT ${key.join(', ')} FROM ${source(context, table)} t ${bounds ? `WHERE ${bounds.sql} ` : ''}` +
    `ORDER BY ${order('')} ${context.limit(count)}`;
  const [last] = await context.query(
    `SELECT ${key.join(', ')}, COUNT(*) OVER () AS row_count FROM (${page}) p ORDER BY ${order(' DESC')} ${context.limit(1)}`,
    bounds?.params,
  );
  if (!last) return null;
  const upTo = key.map((column) => last[column]);
  return {
    range: { ...(range.after && { after: range.after }), upTo },
    rows: Number(last.row_count),
  };
}

/**
 * A range in portions along the primary key, so that no statement touches more than `RANGE_ROWS` rows.
 *
 * @throws on a key that is not valid UTF-8: it does not come back as it is stored, and would be read for ever
 */
export async function* portions(
  context: RowContext,
  table: string,
  key: readonly string[],
  range: KeyRange,
): AsyncGenerator<Portion> {
  let { after } = range;
  for (;;) {
    context.checkpoint();
    const portion = await firstOf(context, table, key, { ...range, ...(after && { after }) }, RANGE_ROWS);
    if (!portion) return;
    const { upTo } = portion.range;
    if (after?.every((value, i) => value === upTo[i])) throw new Error(`unreadable key in ${table}: ${upTo}`);
    yield portion;
    if (portion.rows < RANGE_ROWS) return;
    after = upTo;
  }
}
