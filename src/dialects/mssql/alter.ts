import { isUniqueIndexOn } from '../../schema/apply-table.js';
import type { Operation } from '../../schema/operation.js';
import { type Column, columnOf, type Schema, sameColumns, type Table } from '../../schema/table.js';
import { dropDefault, dropUnnamedUnique } from './lookup.js';
import { quote } from './quote.js';
import { dropConstraint, releaseColumn, releaseForeignKeys, type Sql } from './release.js';
import { renderDefault, renderPrimaryKey } from './render.js';
import { collationOf, columnType, onlyGrows, typeText } from './types.js';

/**
 * ALTER COLUMN always names the whole type: without COLLATE and NULL the server would put its own. What holds the
 * column (ALTER TABLE, "ALTER COLUMN": keys, indexes, checks) goes before and comes back after.
 */
export function alterColumn(
  operation: Extract<Operation, { kind: 'alterColumn' }>,
  before: Schema,
  after: Schema,
): Sql[] {
  const name = operation.table;
  const table = before.get(name) as Table;
  const old = columnOf(table, operation.column) as Column;
  const next = columnOf(after.get(name) as Table, operation.column) as Column;
  const title = `change ${name}.${operation.column}`;
  const alter = (clause: string, scans = false): Sql => ({
    sql: `ALTER TABLE ${quote(name)} ${clause}`,
    title,
    scans,
  });
  const defaultChanges = old.default !== next.default;
  const shapeChanges =
    typeText(old.type) !== typeText(next.type) ||
    collationOf(old) !== collationOf(next) ||
    old.nullable !== next.nullable;
  const { drops, adds } = shapeChanges
    ? releaseColumn(before, table, operation.column, onlyGrows(old, next) ? 'keys' : 'all')
    : { drops: [], adds: [] };
  return [
    ...(defaultChanges && old.default
      ? [
          {
            sql: dropDefault(name, operation.column),
            title: `drop the default of ${name}.${operation.column}`,
          },
        ]
      : []),
    ...drops,
    ...(shapeChanges
      ? [alter(`ALTER COLUMN ${quote(next.name)} ${columnType(next)} ${next.nullable ? 'NULL' : 'NOT NULL'}`)]
      : []),
    ...adds,
    ...(defaultChanges && next.default
      ? [alter(`ADD DEFAULT ${renderDefault(next.default)} FOR ${quote(next.name)}`)]
      : []),
  ];
}

/** The server holds a key as long as a foreign key points to it, though another key would serve as well. */
export function replaceKey(
  operation: Extract<Operation, { kind: 'replacePrimaryKey' }>,
  before: Schema,
  after: Schema,
): Sql[] {
  const { table: name, columns } = operation;
  const old = (before.get(name) as Table).primaryKey;
  const { drops, adds } = releaseForeignKeys(
    after,
    (_, key) => key.refTable === name && old !== null && sameSet(key.refColumns, old.columns),
  );
  return [
    ...drops,
    ...(old?.name ? [dropConstraint(name, old.name)] : []),
    {
      sql: `ALTER TABLE ${quote(name)} ADD ${renderPrimaryKey({ name: operation.name, columns })}`,
      title: `build the key of ${name}`,
      scans: true,
    },
    ...adds,
  ];
}

/** Unique constraints and unique indexes on exactly these columns. */
export const dropUnique = (operation: Extract<Operation, { kind: 'dropUnique' }>, table: Table): Sql[] => [
  ...table.uniques
    .filter((unique) => sameColumns(unique.columns, operation.columns))
    .map((unique) =>
      unique.name === null
        ? { sql: dropUnnamedUnique(table.name, unique), title: `drop a unique constraint of ${table.name}` }
        : dropConstraint(table.name, unique.name),
    ),
  ...table.indexes
    .filter((index) => isUniqueIndexOn(index, operation.columns))
    .map((index) => ({
      sql: `DROP INDEX ${quote(index.name)} ON ${quote(table.name)}`,
      title: `drop index ${index.name}`,
    })),
];

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  sameColumns([...a].sort(), [...b].sort());
