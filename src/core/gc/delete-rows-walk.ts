import type { GcModule, Session } from '../../dialects/dialect.js';
import type { BoundColumn, Condition, Row } from '../../schema/row-work.js';
import { columnOf, type Schema, type Table } from '../../schema/table.js';
import type { Node } from './graph.js';

/** How many keys go into one statement: below SQL Server's 2,100 parameters, and enough to make them few. */
export const keysAtOnce = 1000;

/** A row that still needs what was to go. */
export class HeldError extends Error {
  constructor(readonly table: string) {
    super(`rows of ${table} still need it`);
  }
}

/** Rows by table. */
export type RowCounts = Map<string, number>;

/** Counts rows of a table; none leaves no trace. */
export const addRows = (counts: RowCounts, table: string, n: number): void => {
  if (n > 0) counts.set(table, (counts.get(table) ?? 0) + n);
};

const typeOf = (table: Table, column: string): BoundColumn['type'] => {
  const { kind } = columnOf(table, column)?.type ?? { kind: 'text' };
  return kind === 'integer' || kind === 'bigint' ? kind : 'text';
};

/**
 * Follows a node down to the leaves and deletes, or counts, what hangs on some keys. It holds at most one page of
 * keys for each level, whatever the number of rows.
 */
export class Walk {
  /** Conditions on JSON texts that no row of this database meets: such rows are old, no more of them come in. */
  private readonly noSuchJson = new Set<string>();

  constructor(
    readonly session: Session,
    readonly words: GcModule,
    readonly schema: Schema,
  ) {}

  private table(name: string): Table {
    const table = this.schema.get(name);
    if (!table) throw new Error(`no table ${name} in the schema of this revision`);
    return table;
  }

  /** `column` is one of `keys`, each bound as the column's own type. */
  keyed(table: string, column: string, keys: readonly unknown[], alias = ''): Condition {
    const type = typeOf(this.table(table), column);
    const values = keys.map((key) => (type === 'text' ? String(key) : Number(key)));
    return this.words.oneOf(`${alias}${this.session.sql.quote(column)}`, type, values);
  }

  private condition(node: Node, keys: readonly unknown[]): Condition {
    if (node.through) return this.through(node.through, keys);
    return this.narrowed(node, this.keyed(node.table, node.column, keys));
  }

  /** Rows that hang by several columns together on those of the parent whose `via` is one of the keys. */
  private through({ edge, via }: NonNullable<Node['through']>, keys: readonly unknown[]): Condition {
    const { quote } = this.session.sql;
    const pairs = edge.columns.map(
      (column, i) => `p.${quote(edge.toColumns[i] as string)} = ${quote(edge.table)}.${quote(column)}`,
    );
    const { sql, params } = this.keyed(edge.to, via, keys, 'p.');
    return {
      sql: `EXISTS (SELECT 1 FROM ${quote(edge.to)} p WHERE ${pairs.join(' AND ')} AND ${sql})`,
      params,
    };
  }

  private narrowed({ when = {}, unless }: Node, base: Condition): Condition {
    const { quote } = this.session.sql;
    const more = Object.entries(when).map(([column, value]) =>
      this.words.oneOf(quote(column), 'text', [value]),
    );
    const all = [base, ...more, ...(unless ? [{ sql: `${quote(unless)} IS NULL`, params: [] }] : [])];
    return { sql: all.map(({ sql }) => sql).join(' AND '), params: all.flatMap(({ params }) => params) };
  }

  /** Deletes the rows of a node, its children first. @throws HeldError */
  remove = async (node: Node, keys: readonly unknown[], counts: RowCounts): Promise<void> => {
    if (node.json) return this.throughJson(node, keys, counts, this.remove);
    if (node.action === 'hold') {
      const held = await this.holds(node, keys);
      if (held) throw new HeldError(held);
      return;
    }
    const { quote } = this.session.sql;
    const { sql, params } = this.condition(node, keys);
    await this.descend(node, keys, counts, this.remove);
    const target = quote(node.column);
    if (node.action === 'clear')
      await this.change(`UPDATE ${quote(node.table)} SET ${target} = NULL WHERE ${sql}`, params);
    else
      addRows(counts, node.table, await this.change(`DELETE FROM ${quote(node.table)} WHERE ${sql}`, params));
  };

  /** A foreign key that mltrack could not see, in another schema, holds as well. */
  private async change(sql: string, params: readonly unknown[]): Promise<number> {
    try {
      return await this.session.execute(sql, params);
    } catch (error) {
      const table = this.words.heldBy(error);
      throw table === null ? error : new HeldError(table);
    }
  }

  /** Counts what `remove` would delete. A row that hangs on two things at hand is counted once for each. */
  count = async (node: Node, keys: readonly unknown[], counts: RowCounts): Promise<void> => {
    if (node.action !== 'delete') return;
    if (node.json) return this.throughJson(node, keys, counts, this.count);
    const { sql, params } = this.condition(node, keys);
    const [row] = await this.session.query<{ n: number | string }>(
      `SELECT COUNT(*) AS n FROM ${this.session.sql.quote(node.table)} WHERE ${sql}`,
      params,
    );
    const n = Number(row?.n ?? 0);
    if (n === 0) return;
    addRows(counts, node.table, n);
    await this.descend(node, keys, counts, this.count);
  };

  /** The first table whose rows hold these keys, before anything is deleted; `except` tables do not count. */
  held = async (
    node: Node,
    keys: readonly unknown[],
    except: readonly string[] = [],
  ): Promise<string | undefined> => {
    const holding = node.children.filter(({ node: child }) => mayHold(child));
    for (const { via, node: child } of holding.filter(({ node: one }) => !except.includes(one.table))) {
      const where = this.condition(node, keys);
      const direct = via === node.column;
      for await (const page of direct ? [keys] : this.pages(node.table, via, where)) {
        const found =
          child.action === 'hold' ? await this.holds(child, page) : await this.held(child, page, except);
        if (found) return found;
      }
    }
    return undefined;
  };

  private async holds(node: Node, keys: readonly unknown[]): Promise<string | undefined> {
    const { quote, limit } = this.session.sql;
    const { sql, params } = this.condition(node, keys);
    const rows = await this.session.query(
      `SELECT 1 AS held FROM ${quote(node.table)} WHERE ${sql} ORDER BY 1 ${limit(1)}`,
      params,
    );
    return rows.length > 0 ? node.table : undefined;
  }

  private rows<T extends Row>(sql: string, params: readonly unknown[]): Promise<T[]> {
    return this.session.query<T>(`${sql} ORDER BY 1 ${this.session.sql.limit(keysAtOnce)}`, params);
  }

  private async descend(
    node: Node,
    keys: readonly unknown[],
    counts: RowCounts,
    visit: (node: Node, keys: readonly unknown[], counts: RowCounts) => Promise<void>,
  ): Promise<void> {
    for (const { node: child } of node.children.filter(({ via }) => via === node.column))
      await visit(child, keys, counts);
    const others = new Set(node.children.map(({ via }) => via).filter((via) => via !== node.column));
    for (const via of others)
      for await (const page of this.pages(node.table, via, this.condition(node, keys)))
        for (const { node: child } of node.children.filter((one) => one.via === via))
          await visit(child, page, counts);
  }

  /** The different values of a column, in pages. */
  private async *pages(table: string, column: string, where: Condition): AsyncGenerator<string[]> {
    const { quote, after } = this.session.sql;
    for (let last: string | undefined; ; ) {
      const beyond =
        last === undefined ? { sql: `${quote(column)} IS NOT NULL`, params: [] } : after([column], [last]);
      const rows = await this.rows<{ k: string }>(
        `SELECT DISTINCT ${quote(column)} AS k FROM ${quote(table)} WHERE ${where.sql} AND ${beyond.sql}`,
        [...where.params, ...beyond.params],
      );
      if (rows.length > 0) yield rows.map(({ k }) => k);
      if (rows.length < keysAtOnce) return;
      last = rows.at(-1)?.k;
    }
  }

  /** The rows whose JSON names a key, found by their own key: the server's ways into JSON differ too much. */
  private async throughJson(
    node: Node,
    keys: readonly unknown[],
    counts: RowCounts,
    visit: (node: Node, keys: readonly unknown[], counts: RowCounts) => Promise<void>,
  ): Promise<void> {
    const memo = `${node.table}.${node.column}.${node.json}`;
    if (this.noSuchJson.has(memo)) return;
    const own = this.table(node.table).primaryKey?.columns[0] as string;
    const wanted = new Set(keys.map(String));
    let seen = false;
    for await (const page of this.jsonRows(node, own)) {
      seen = true;
      const found = page.filter(({ named }) => wanted.has(named)).map(({ key }) => key);
      const { table, action, children } = node;
      if (found.length > 0) await visit({ table, action, children, column: own }, found, counts);
    }
    if (!seen) this.noSuchJson.add(memo);
  }

  /** Rows with a JSON link: their key, and the id that stands in the JSON. */
  async *jsonRows(node: Node, own: string): AsyncGenerator<{ key: string; named: string }[]> {
    const { quote, after } = this.session.sql;
    for (let last: string | undefined; ; ) {
      const like = { sql: `${quote(node.column)} LIKE ?`, params: [`%"${node.json}"%`] };
      const where = this.narrowed(node, like);
      const beyond = last === undefined ? { sql: '1 = 1', params: [] } : after([own], [last]);
      const rows = await this.rows<{ k: string; j: string }>(
        `SELECT ${quote(own)} AS k, ${quote(node.column)} AS j FROM ${quote(node.table)} WHERE ${where.sql} AND ${beyond.sql}`,
        [...where.params, ...beyond.params],
      );
      if (rows.length > 0)
        yield rows.flatMap(({ k, j }) => named(j, node.json as string).map((id) => ({ key: k, named: id })));
      if (rows.length < keysAtOnce) return;
      last = rows.at(-1)?.k;
    }
  }
}

/** Whether somewhere below a node rows can hold it. */
const mayHold = ({ action, children }: Node): boolean =>
  action === 'hold' || children.some(({ node }) => mayHold(node));

/** The text under a key of a JSON object; none where it is no such JSON. */
function named(text: string, key: string): string[] {
  try {
    const value = (JSON.parse(text) as Record<string, unknown> | null)?.[key];
    return typeof value === 'string' ? [value] : [];
  } catch {
    return [];
  }
}
