import type { Index } from '../../schema/table.js';
import type { Query, Tables } from './introspect.js';
import { quote, quoteAll } from './quote.js';

interface IndexRow extends Record<string, unknown> {
  readonly owner: string;
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly isunique: boolean;
  readonly iskey: boolean;
  readonly isconstraint: boolean;
  readonly filter: string | null;
  readonly ignores: boolean;
  readonly factor: number;
  readonly column: string;
  readonly position: number;
  readonly descending: boolean;
  readonly included: boolean;
}

/** Reads primary keys, unique constraints and indexes: on this server all three are indexes. */
export async function readIndexes(session: Query, tables: Tables): Promise<void> {
  const rows = await session.query<IndexRow>(
    `SELECT t.name AS owner, i.index_id AS id, i.name, i.type_desc AS type, i.is_unique AS isunique,
            i.is_primary_key AS iskey, i.is_unique_constraint AS isconstraint, i.filter_definition AS filter,
            i.ignore_dup_key AS ignores, i.fill_factor AS factor,
            c.name AS [column], x.key_ordinal AS position, x.is_descending_key AS descending,
            x.is_included_column AS included
     FROM sys.indexes i
     JOIN sys.tables t ON t.object_id = i.object_id
     JOIN sys.index_columns x ON x.object_id = i.object_id AND x.index_id = i.index_id
     JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id
     WHERE t.schema_id = SCHEMA_ID() AND i.index_id > 0
     ORDER BY t.object_id, i.index_id, x.key_ordinal, x.index_column_id`,
  );
  for (const [first, ...more] of grouped(rows)) {
    const table = tables.get(first.owner);
    const parts = [first, ...more];
    const columns = parts.filter(({ included, position }) => !included && position > 0);
    const names = columns.map(({ column }) => column);
    if (first.iskey && table) table.primaryKey = { name: first.name, columns: names };
    else if (first.isconstraint) table?.uniques.push({ name: first.name, columns: names });
    else table?.indexes.push(indexOf(first, columns, parts));
  }
}

function grouped(rows: readonly IndexRow[]): [IndexRow, ...IndexRow[]][] {
  const groups = new Map<string, [IndexRow, ...IndexRow[]]>();
  for (const row of rows) {
    const key = `${row.owner}\0${row.id}`;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()];
}

/** With the statement that makes it again as it was. */
function indexOf(first: IndexRow, columns: readonly IndexRow[], parts: readonly IndexRow[]): Index {
  const include = parts.filter(({ included }) => included).map(({ column }) => column);
  const key = columns.map(({ column, descending }) => quote(column) + (descending ? ' DESC' : ''));
  const options = [
    ...(first.ignores ? ['IGNORE_DUP_KEY = ON'] : []),
    ...(first.factor > 0 ? [`FILLFACTOR = ${first.factor}`] : []),
  ];
  return {
    name: first.name,
    unique: first.isunique,
    columns: columns.map(({ column, descending }) => ({ name: column, desc: descending, length: null })),
    include,
    where: first.filter,
    sql: [
      `CREATE ${first.isunique ? 'UNIQUE ' : ''}${first.type === 'NONCLUSTERED' ? '' : `${first.type} `}INDEX ${quote(first.name)} ON ${quote(first.owner)} (${key.join(', ')})`,
      ...(include.length > 0 ? [`INCLUDE (${quoteAll(include)})`] : []),
      ...(first.filter === null ? [] : [`WHERE ${first.filter}`]),
      ...(options.length > 0 ? [`WITH (${options.join(', ')})`] : []),
    ].join(' '),
  };
}
