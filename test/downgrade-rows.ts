import type { Operation } from '../src/schema/operation.js';
import type { Column, Table } from '../src/schema/table.js';
import { type Database, kinds } from './support/databases.js';

type Value = string | number | null;

/** Where any value will not do. */
const given: Readonly<Record<string, (row: number) => Value>> = {
  'experiments.lifecycle_stage': () => 'active',
  'runs.lifecycle_stage': () => 'active',
  'runs.source_type': () => 'LOCAL',
  'runs.status': () => 'FINISHED',
  // Else 90e64c465722 makes a tag of it, which stays on the way down.
  'runs.user_id': () => null,
  'logged_models.lifecycle_stage': () => 'active',
  // Others are canceled on the way up.
  'jobs.status': () => 3,
  'issues.categories': (row) => JSON.stringify(['Latency', `Case ${row}`]),
  'assessments.value': (row) => (row === 1 ? '"yes"' : '0.25'),
  // It moves into columns on the way up.
  'spans.dimension_attributes': () => null,
  'workspaces.name': (row) => `workspace ${row}`,
};

/** A value of the column's type that differs from row to row, and from the default. */
function valueFor(table: string, { name, type }: Column, row: number): Value {
  const own = given[`${table}.${name}`];
  if (own) return own(row);
  switch (type.kind) {
    case 'string':
      return `${name} ${row}`.slice(0, type.length);
    case 'json':
      return JSON.stringify({ row, of: name });
    case 'boolean':
      return row % 2;
    case 'date':
      return `2026-01-0${row}`;
    case 'float':
      return row / 4;
    case 'integer':
    case 'bigint':
      return 100 + row;
    default:
      return `${name} ${row} ünï`;
  }
}

const say = (value: Value, column: Column, database: Database): string => {
  if (value === null) return 'NULL';
  if (column.type.kind === 'boolean' && database.kind === 'postgresql') return value === 1 ? 'true' : 'false';
  if (column.type.kind === 'binary') return database.kind === 'postgresql' ? "'\\x00ff'" : "x'00ff'";
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`;
};

/** Two rows in every table that operations created, and values in the columns that they added. */
export function fillNew(
  operations: readonly Operation[],
  schema: ReadonlyMap<string, Table>,
  database: Database,
): string[] {
  const { quote } = kinds[database.kind];
  const values = (table: Table, columns: readonly Column[], row: number) =>
    columns.map((column) => say(valueAt(table, column, row, schema), column, database));
  return operations.flatMap((operation): string[] => {
    if (operation.kind === 'createTable' && operation.table.name !== 'latest_metrics') {
      const table = schema.get(operation.table.name) as Table;
      const columns = table.columns.filter((column) => !column.generated);
      const names = columns.map((column) => quote(column.name)).join(', ');
      return [1, 2].map(
        (row) =>
          `INSERT INTO ${quote(table.name)} (${names}) VALUES (${values(table, columns, row).join(', ')})`,
      );
    }
    if (operation.kind !== 'addColumn') return [];
    const table = schema.get(operation.table) as Table;
    const { column } = operation;
    // A key, or a part of a foreign key, keeps its default: its parents have it too.
    const bound =
      table.foreignKeys.some((key) => key.columns.includes(column.name)) ||
      [...schema.values()].some((other) =>
        other.foreignKeys.some((key) => key.refTable === table.name && key.refColumns.includes(column.name)),
      );
    if (bound || keptAsMade.has(`${table.name}.${column.name}`)) return [];
    return [`UPDATE ${quote(table.name)} SET ${quote(column.name)} = ${values(table, [column], 1)[0]}`];
  });
}

/** Columns that revisions fill from others. */
const keptAsMade = new Set(['metrics.is_nan', 'endpoints.experiment_id']);

/** Foreign keys find the row of the same number. */
function valueAt(table: Table, column: Column, row: number, schema: ReadonlyMap<string, Table>): Value {
  const key = table.foreignKeys.find(
    ({ columns, refTable }) => columns.includes(column.name) && refTable !== table.name,
  );
  if (!key || given[`${table.name}.${column.name}`]) return valueFor(table.name, column, row);
  const parent = schema.get(key.refTable) as Table;
  const name = key.refColumns[key.columns.indexOf(column.name)];
  const target = parent.columns.find((other) => other.name === name) as Column;
  return valueAt(parent, target, row, schema);
}
