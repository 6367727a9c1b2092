import type { Operation } from '../../schema/operation.js';
import { type Column, columnOf, type Schema } from '../../schema/table.js';
import type { Query } from './obstacles.js';
import { columnType, sameType } from './types.js';

/**
 * What of the user's hangs on columns and keys that change, and is not dropped and made again on the way: views bound
 * to the schema, functions, computed columns, statistics, full-text and other special indexes, foreign keys of other
 * schemas.
 */
export async function findDependents(
  session: Query,
  operations: readonly Operation[],
  before: Schema,
  after: Schema,
): Promise<string[]> {
  const changed = changedColumns(operations, before);
  const keys = tablesWithNewKey(before, after);
  return [
    ...(await ofColumns(session, changed)),
    ...(await specialIndexes(session, changed)),
    ...(await foreignKeysFromOutside(session, [...new Set([...keys, ...changed.map(({ table }) => table)])])),
    ...unevenForeignKeys(before, after),
  ];
}

interface Changed {
  readonly table: string;
  readonly column: string;
  /** Dropped; else its type, collation, name or nullability changes. */
  readonly gone: boolean;
}

function changedColumns(operations: readonly Operation[], schema: Schema): Changed[] {
  return operations.flatMap((operation) => {
    if (!['dropColumn', 'alterColumn', 'renameColumn'].includes(operation.kind)) return [];
    const { table: name, column: columnName } = operation as { table: string; column: string };
    const table = schema.get(name);
    const column = table && columnOf(table, columnName);
    if (!column) return [];
    const gone = operation.kind === 'dropColumn';
    return gone || operation.kind === 'renameColumn' || changesShape(operation, column)
      ? [{ table: name, column: columnName, gone }]
      : [];
  });
}

const changesShape = (operation: Operation, column: Column): boolean =>
  operation.kind === 'alterColumn' &&
  ((operation.change.type !== undefined && !sameType(operation.change.type, column)) ||
    (operation.change.nullable !== undefined && operation.change.nullable !== column.nullable));

/** `(table = ? AND column = ?) OR …`, which every statement here selects by. */
const anyOf = (changed: readonly Changed[], columnName: string): string =>
  changed.map(() => `(t.name = ? AND ${columnName} = ?)`).join(' OR ');

const paramsOf = (changed: readonly Changed[]): string[] =>
  changed.flatMap(({ table, column }) => [table, column]);

interface Dependent extends Record<string, unknown> {
  readonly owner: string;
  readonly column: string;
  readonly what: string;
}

/** Schema-bound objects and computed columns keep a column as it is, and so do statistics that somebody created. */
async function ofColumns(session: Query, changed: readonly Changed[]): Promise<string[]> {
  if (changed.length === 0) return [];
  const rows = [...(await boundObjects(session, changed)), ...(await statistics(session, changed))];
  return rows.map(({ owner, column, what }) => {
    const gone = changed.some((one) => one.table === owner && one.column === column && one.gone);
    return `${what} uses ${owner}.${column}, which ${gone ? 'goes' : 'changes'}: save its definition, drop it, upgrade, create it again`;
  });
}

/** The view is open to db_owner alone; whom it is closed to learns of such an object when the server refuses. */
async function boundObjects(session: Query, changed: readonly Changed[]): Promise<Dependent[]> {
  const [may] = await session.query<{ may: number | null }>(
    "SELECT HAS_PERMS_BY_NAME(N'sys.sql_expression_dependencies', 'OBJECT', 'SELECT') AS may",
  );
  if (may?.may !== 1) return [];
  return session.query<Dependent>(
    `SELECT DISTINCT t.name AS owner, c.name AS [column],
            CASE WHEN o.type = 'U' THEN 'computed column ' + o.name + '.' + COALESCE(m.name, '?')
                 ELSE LOWER(REPLACE(o.type_desc, '_', ' ')) + ' ' + o.name END AS what
     FROM sys.tables t
     JOIN sys.columns c ON c.object_id = t.object_id
     JOIN sys.sql_expression_dependencies x
       ON x.referenced_id = t.object_id AND x.referenced_minor_id = c.column_id AND x.is_schema_bound_reference = 1
     JOIN sys.objects o ON o.object_id = x.referencing_id AND o.type NOT IN ('C', 'D')
     LEFT JOIN sys.columns m ON m.object_id = x.referencing_id AND m.column_id = x.referencing_minor_id
     WHERE t.schema_id = SCHEMA_ID() AND (o.type <> 'U' OR x.referencing_minor_id > 0) AND (${anyOf(changed, 'c.name')})`,
    paramsOf(changed),
  );
}

const statistics = (session: Query, changed: readonly Changed[]): Promise<Dependent[]> =>
  session.query<Dependent>(
    `SELECT t.name AS owner, c.name AS [column], 'statistics ' + s.name AS what
     FROM sys.tables t
     JOIN sys.columns c ON c.object_id = t.object_id
     JOIN sys.stats_columns x ON x.object_id = c.object_id AND x.column_id = c.column_id
     JOIN sys.stats s ON s.object_id = x.object_id AND s.stats_id = x.stats_id AND s.user_created = 1
     WHERE t.schema_id = SCHEMA_ID() AND (${anyOf(changed, 'c.name')})`,
    paramsOf(changed),
  );

/** What CREATE INDEX alone does not make: XML, spatial and columnstore indexes, full-text. */
async function specialIndexes(session: Query, changed: readonly Changed[]): Promise<string[]> {
  if (changed.length === 0) return [];
  const rows = await session.query<{ owner: string; column: string; what: string }>(
    `SELECT t.name AS owner, c.name AS [column], LOWER(i.type_desc) + ' index ' + i.name AS what
     FROM sys.tables t
     JOIN sys.columns c ON c.object_id = t.object_id
     JOIN sys.index_columns x ON x.object_id = c.object_id AND x.column_id = c.column_id
     JOIN sys.indexes i ON i.object_id = x.object_id AND i.index_id = x.index_id AND i.type NOT IN (1, 2)
     WHERE t.schema_id = SCHEMA_ID() AND (${anyOf(changed, 'c.name')})
     UNION ALL
     SELECT t.name, c.name, 'full-text index'
     FROM sys.tables t
     JOIN sys.columns c ON c.object_id = t.object_id
     JOIN sys.fulltext_index_columns x ON x.object_id = c.object_id AND x.column_id = c.column_id
     WHERE t.schema_id = SCHEMA_ID() AND (${anyOf(changed, 'c.name')})`,
    [...paramsOf(changed), ...paramsOf(changed)],
  );
  return rows.map(
    ({ owner, column, what }) =>
      `${what} uses ${owner}.${column}, which changes: drop it, upgrade, create it again`,
  );
}

/** Tables whose primary key or a unique constraint is not there afterwards as it is now. */
const tablesWithNewKey = (before: Schema, after: Schema): string[] =>
  [...before.values()]
    .filter((old) => {
      const table = after.get(old.name);
      return (
        table !== undefined &&
        (table.primaryKey !== old.primaryKey || old.uniques.some((unique) => !table.uniques.includes(unique)))
      );
    })
    .map((table) => table.name);

/** Foreign keys of tables in other schemas, which introspection does not see. */
async function foreignKeysFromOutside(session: Query, tables: readonly string[]): Promise<string[]> {
  if (tables.length === 0) return [];
  const rows = await session.query<{ name: string; owner: string; target: string }>(
    `SELECT k.name, SCHEMA_NAME(o.schema_id) + N'.' + o.name AS owner, t.name AS target
     FROM sys.foreign_keys k
     JOIN sys.tables t ON t.object_id = k.referenced_object_id
     JOIN sys.tables o ON o.object_id = k.parent_object_id
     WHERE t.schema_id = SCHEMA_ID() AND o.schema_id <> t.schema_id AND t.name IN (${tables.map(() => '?').join(', ')})`,
    tables,
  );
  return rows.map(
    ({ name, owner, target }) =>
      `foreign key ${name} of ${owner} points to ${target}, whose keys or columns the upgrade replaces: drop it, upgrade, create it again`,
  );
}

/** A foreign key comes back only between columns of one type and collation (errors 1778 and 1757). */
export function unevenForeignKeys(before: Schema, after: Schema): string[] {
  const found: string[] = [];
  for (const table of after.values())
    for (const key of table.foreignKeys) {
      const target = after.get(key.refTable);
      if (!target || (before.get(table.name) === table && before.get(key.refTable) === target)) continue;
      for (const [i, name] of key.columns.entries()) {
        const column = columnOf(table, name);
        const other = columnOf(target, key.refColumns[i] ?? '');
        if (column && other && columnType(column) !== columnType(other))
          found.push(
            `foreign key ${key.name ?? ''} of ${table.name} compares ${name} (${columnType(column)}) with ${key.refTable}.${other.name}, which will be ${columnType(other)}: drop it, upgrade, change the column, create it again`,
          );
      }
    }
  return found;
}
