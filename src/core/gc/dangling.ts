import { columnOf } from '../../schema/table.js';
import { type ItemKind, inWrite, itemKinds, type RowDeleter } from './delete-rows.js';
import { addRows, keysAtOnce, type RowCounts } from './delete-rows-walk.js';
import { type Edge, type Node, nodeOf } from './graph.js';

/** Rows that name something that is not there. */
export interface Dangling {
  readonly edge: Edge;
  readonly rows: number;
}

/** `inputs.destination_id → runs` */
export const edgeName = ({ table, columns, to, when, json }: Edge): string => {
  const only = Object.values(when ?? {}).map((value) => ` (${value})`);
  return `${table}.${columns.join(', ')}${only.join('')}${json ? ` ${json}` : ''} → ${to}`;
};

/** The rows of an edge's child whose parent is missing: what follows FROM, and its parameters. */
function missing({ walk }: RowDeleter, edge: Edge): { sql: string; params: unknown[] } {
  const { quote, asText } = walk.session.sql;
  const child = quote(edge.table);
  const kind = (table: string, column: string) => {
    const type = columnOf(walk.schema.get(table) as never, column)?.type.kind;
    return type === 'integer' || type === 'bigint' ? 'number' : 'text';
  };
  const pairs = edge.columns.map((column, i) => {
    const to = edge.toColumns[i] as string;
    const same = kind(edge.table, column) === kind(edge.to, to);
    const parent = `p.${quote(to)}`;
    return `${same ? parent : asText(parent)} = ${child}.${quote(column)}`;
  });
  const conditions = Object.entries(edge.when ?? {}).map(([column, value]) =>
    walk.words.oneOf(`${child}.${quote(column)}`, 'text', [value]),
  );
  const named = edge.columns.map((column) => `${child}.${quote(column)} IS NOT NULL`);
  const all = [...conditions.map(({ sql }) => sql), ...named];
  return {
    sql: `${child} WHERE ${all.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${quote(edge.to)} p WHERE ${pairs.join(' AND ')})`,
    params: conditions.flatMap(({ params }) => params),
  };
}

/** Counts, for every foreign key and followed link of the schema, the rows that point nowhere; only edges that have some. */
export async function findDangling(deleter: RowDeleter): Promise<Dangling[]> {
  const found: Dangling[] = [];
  for (const edge of deleter.edges) {
    const rows = edge.json ? await countJson(deleter, edge) : await countPlain(deleter, edge);
    if (rows > 0) found.push({ edge, rows });
  }
  return found;
}

async function countPlain(deleter: RowDeleter, edge: Edge): Promise<number> {
  const { sql, params } = missing(deleter, edge);
  const [row] = await deleter.walk.session.query<{ n: number | string }>(
    `SELECT COUNT(*) AS n FROM ${sql}`,
    params,
  );
  return Number(row?.n ?? 0);
}

async function countJson(deleter: RowDeleter, edge: Edge): Promise<number> {
  let count = 0;
  for await (const page of jsonPages(deleter, edge)) count += page.length;
  return count;
}

/** Rows whose JSON names something that is not there, in pages: their own keys. */
async function* jsonPages({ walk, edges }: RowDeleter, edge: Edge): AsyncGenerator<string[]> {
  const node = childOf(edges, edge);
  const own = walk.schema.get(edge.table)?.primaryKey?.columns[0] as string;
  const [to] = edge.toColumns as [string];
  const { quote } = walk.session.sql;
  for await (const page of walk.jsonRows(node, own)) {
    if (page.length === 0) continue;
    const { sql, params } = walk.keyed(edge.to, to, [...new Set(page.map(({ named }) => named))]);
    const rows = await walk.session.query<{ k: string }>(
      `SELECT ${quote(to)} AS k FROM ${quote(edge.to)} WHERE ${sql}`,
      params,
    );
    const there = new Set(rows.map(({ k }) => String(k)));
    yield page.filter(({ named }) => !there.has(named)).map(({ key }) => key);
  }
}

const childOf = (edges: readonly Edge[], edge: Edge, column = edge.columns[0] as string): Node => {
  const { table, action, when, unless, json } = edge;
  return nodeOf(edges, {
    ...{ table, column, action },
    ...(when ? { when } : {}),
    ...(unless ? { unless } : {}),
    ...(json ? { json } : {}),
  });
};

/** Tables whose rows are items: one without its experiment is reported, and never deleted as a left-over. */
const items: ReadonlySet<string> = new Set(Object.values(itemKinds).map(([table]) => table));

/** The links that a collection should have followed: their parent is an item, or goes with one. */
function orphanEdges(deleter: RowDeleter): Edge[] {
  const collected = new Set<string>();
  const visit = (node: Node): void => {
    if (node.action !== 'delete') return;
    collected.add(node.table);
    for (const { node: child } of node.children) visit(child);
  };
  for (const kind of Object.keys(itemKinds) as ItemKind[])
    if (deleter.walk.schema.has(itemKinds[kind][0])) visit(deleter.node(kind));
  return deleter.edges.filter(
    ({ action, to, table, columns }) =>
      collected.has(to) &&
      ((action === 'delete' && !items.has(table)) || (action === 'clear' && columns.length === 1)),
  );
}

/**
 * Deletes what earlier collections left: rows of links that go with their parent, where there is none, and what hangs
 * on them. A column that a collection would have cleared becomes NULL. A transaction takes one page of missing keys,
 * and looks in itself whether they still are; of a key of several columns (tags of inputs, metrics of spans) it takes
 * all.
 *
 * @param checkpoint called between two transactions; it throws to stop
 * @returns rows deleted by table
 */
export async function deleteDangling(deleter: RowDeleter, checkpoint: () => void): Promise<RowCounts> {
  const counts: RowCounts = new Map();
  for (const edge of orphanEdges(deleter)) {
    if (edge.json) {
      await deleteJson(deleter, edge, counts, checkpoint);
      continue;
    }
    for (let more = true; more; ) {
      checkpoint();
      more = await deleter.patiently(() => deletePage(deleter, edge, counts));
    }
  }
  return counts;
}

/** Deletes or clears the rows of one page of missing keys. False when there can be no more. */
async function deletePage(deleter: RowDeleter, edge: Edge, counts: RowCounts): Promise<boolean> {
  const { session } = deleter.walk;
  const { quote, limit } = session.sql;
  const [column] = edge.columns as [string];
  const { sql, params } = missing(deleter, edge);
  const gone: RowCounts = new Map();
  let full = false;
  await inWrite(session, async () => {
    if (edge.columns.length > 1) {
      // Only rows without children of their own hang on a key of several columns.
      addRows(counts, edge.table, await session.execute(`DELETE FROM ${sql}`, params));
      return;
    }
    const rows = await session.query<{ k: string | number }>(
      `SELECT DISTINCT ${quote(column)} AS k FROM ${sql} ORDER BY 1 ${limit(keysAtOnce)}`,
      params,
    );
    full = rows.length === keysAtOnce;
    if (rows.length > 0)
      await deleter.walk.remove(
        childOf(deleter.edges, edge),
        rows.map(({ k }) => k),
        gone,
      );
  });
  for (const [table, n] of gone) addRows(counts, table, n);
  return edge.action === 'clear' ? full : gone.size > 0;
}

async function deleteJson(
  deleter: RowDeleter,
  edge: Edge,
  counts: RowCounts,
  checkpoint: () => void,
): Promise<void> {
  const { walk, edges } = deleter;
  const own = walk.schema.get(edge.table)?.primaryKey?.columns[0] as string;
  const { table, action } = edge;
  const node = nodeOf(edges, { table, action, column: own });
  for await (const page of jsonPages(deleter, edge)) {
    checkpoint();
    if (page.length === 0) continue;
    await inWrite(walk.session, () => walk.remove(node, page, counts));
  }
}
