import { type ItemKind, itemKinds, type RowDeleter } from './delete-rows.js';
import { keysAtOnce, type RowCounts } from './delete-rows-walk.js';

/** A transaction takes no more rows than this, unless a single item has more. */
export const rowsAtOnce = 50_000;

/** A transaction takes no more items than this. */
export const itemsAtOnce = 500;

/** About how many rows go with each of some items: those of the tables that an index finds by the item's key. */
export async function weigh(
  deleter: RowDeleter,
  kind: ItemKind,
  keys: readonly string[],
): Promise<RowCounts> {
  const { walk } = deleter;
  const weights: RowCounts = new Map(keys.map((key) => [key, 1]));
  const { quote } = walk.session.sql;
  const [, key] = itemKinds[kind];
  for (const { via, node: child } of deleter.node(kind).children) {
    const table = walk.schema.get(child.table);
    const indexed = [
      table?.primaryKey?.columns[0],
      ...(table?.indexes ?? []).map(({ columns }) => columns[0]?.name),
    ].includes(child.column);
    if (via !== key || child.action !== 'delete' || child.when || child.json || !indexed) continue;
    const column = quote(child.column);
    const { sql, params } = walk.keyed(child.table, child.column, keys);
    const rows = await walk.session.query<{ k: string | number; n: number | string }>(
      `SELECT ${column} AS k, COUNT(*) AS n FROM ${quote(child.table)} WHERE ${sql} GROUP BY ${column}`,
      params,
    );
    for (const { k, n } of rows) weights.set(String(k), (weights.get(String(k)) ?? 0) + Number(n));
  }
  return weights;
}

/** Whole items by the batch: many small ones together, a huge one alone. At most one page of keys is held. */
export async function* batchesOf(
  deleter: RowDeleter,
  kind: ItemKind,
  keys: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<string[]> {
  for await (const page of pagesOf(keys)) {
    const weights = await weigh(deleter, kind, page);
    let batch: string[] = [];
    let rows = 0;
    for (const key of page) {
      const weight = weights.get(key) ?? 1;
      if (batch.length > 0 && (rows + weight > rowsAtOnce || batch.length === itemsAtOnce)) {
        yield batch;
        batch = [];
        rows = 0;
      }
      batch.push(key);
      rows += weight;
    }
    if (batch.length > 0) yield batch;
  }
}

async function* pagesOf(keys: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string[]> {
  let page: string[] = [];
  for await (const key of keys) {
    page.push(key);
    if (page.length < keysAtOnce) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
