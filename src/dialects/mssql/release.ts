import { mentions } from '../../schema/apply-table.js';
import type { ForeignKey, Index, Schema, Table } from '../../schema/table.js';
import { dropUnnamedChecks, dropUnnamedForeignKey, dropUnnamedUnique } from './lookup.js';
import { quote } from './quote.js';
import { renderCheck, renderForeignKey, renderIndex, renderPrimaryKey, renderUnique } from './render.js';

/** A statement without its table. */
export interface Sql {
  readonly sql: string;
  readonly title: string;
  readonly scans?: boolean;
}

/** What must go before a change, and come back after it. */
export interface Release {
  readonly drops: Sql[];
  readonly adds: Sql[];
}

const alter = (table: string, clause: string, title: string): Sql => ({
  sql: `ALTER TABLE ${quote(table)} ${clause}`,
  title,
  // What is added is checked against every row.
  scans: clause.startsWith('ADD'),
});

export const dropConstraint = (table: string, name: string): Sql =>
  alter(table, `DROP CONSTRAINT ${quote(name)}`, `drop constraint ${name}`);

/** Drops the foreign keys of a table that `gone` picks. */
export const dropForeignKeys = (table: Table, gone: (key: ForeignKey) => boolean): Sql[] =>
  table.foreignKeys
    .filter(gone)
    .map((key) =>
      key.name === null
        ? { sql: dropUnnamedForeignKey(table.name, key), title: `drop a foreign key of ${table.name}` }
        : dropConstraint(table.name, key.name),
    );

/** Foreign keys of all tables that `holds` picks: each is checked anew when it comes back. */
export function releaseForeignKeys(
  schema: Schema,
  holds: (table: Table, key: ForeignKey) => boolean,
): Release {
  const tables = [...schema.values()];
  return {
    drops: tables.flatMap((table) => dropForeignKeys(table, (key) => holds(table, key))),
    adds: tables.flatMap((table) =>
      table.foreignKeys
        .filter((key) => holds(table, key))
        .map((key) =>
          alter(table.name, `ADD ${renderForeignKey(key)}`, `add a foreign key on ${table.name}`),
        ),
    ),
  };
}

/** The primary key, foreign keys, and on request everything else that keeps a column from being changed. */
export function releaseColumn(schema: Schema, table: Table, column: string, only: 'keys' | 'all'): Release {
  const foreignKeys = releaseForeignKeys(
    schema,
    (owner, key) =>
      (owner.name === table.name && key.columns.includes(column)) ||
      (key.refTable === table.name && key.refColumns.includes(column)),
  );
  const others = only === 'all' ? releaseOthers(table, column) : { drops: [], adds: [] };
  const key = table.primaryKey?.columns.includes(column) ? table.primaryKey : null;
  return {
    drops: [
      ...foreignKeys.drops,
      ...others.drops,
      ...(key?.name ? [dropConstraint(table.name, key.name)] : []),
    ],
    adds: [
      ...(key ? [alter(table.name, `ADD ${renderPrimaryKey(key)}`, `build the key of ${table.name}`)] : []),
      ...others.adds,
      ...foreignKeys.adds,
    ],
  };
}

function releaseOthers(table: Table, column: string): Release {
  const indexes = table.indexes.filter((index) => uses(index, column));
  const uniques = table.uniques.filter((unique) => unique.columns.includes(column));
  const checks = table.checks.filter((check) => mentions(check.expression, column));
  const unnamedChecks = checks.some((check) => check.name === null);
  return {
    drops: [
      ...indexes.map((index) => ({
        sql: `DROP INDEX ${quote(index.name)} ON ${quote(table.name)}`,
        title: `drop index ${index.name}`,
      })),
      ...uniques.map((unique) =>
        unique.name === null
          ? { sql: dropUnnamedUnique(table.name, unique), title: `drop a unique constraint of ${table.name}` }
          : dropConstraint(table.name, unique.name),
      ),
      ...checks.flatMap((check) => (check.name === null ? [] : [dropConstraint(table.name, check.name)])),
      ...(unnamedChecks
        ? [
            {
              sql: dropUnnamedChecks(table.name, column),
              title: `drop the checks of ${table.name}.${column}`,
            },
          ]
        : []),
    ],
    adds: [
      ...uniques.map((unique) =>
        alter(table.name, `ADD ${renderUnique(unique)}`, `add a unique constraint on ${table.name}`),
      ),
      ...checks.map((check) =>
        alter(table.name, `ADD ${renderCheck(check)}`, `add a check on ${table.name}`),
      ),
      ...indexes.map((index) => ({
        sql: renderIndex(table.name, index),
        title: `create index ${index.name}`,
        scans: true,
      })),
    ],
  };
}

const uses = (index: Index, column: string): boolean =>
  index.columns.some((part) => part.name === column) ||
  index.include.includes(column) ||
  (index.where !== null && mentions(index.where, column));
