import { same } from '../../schema/same.js';
import type { Column, Table } from '../../schema/table.js';

/**
 * MySQL compares each row that it copies with the parents of the table's foreign keys, which is three quarters of what
 * a copy of `metrics` costs; MariaDB does not compare. Without it the server also lets keys be changed that rows break
 * ("FOREIGN KEY Constraints", foreign_key_checks), so it is only for changes that `keysHold` knows.
 */
export const unchecked = {
  on: 'SET SESSION foreign_key_checks = 0',
  off: 'SET SESSION foreign_key_checks = 1',
} as const;

/**
 * Whether a change copies rows of a table that has foreign keys and leaves them as they were to the keys, so that they
 * need not be compared: keys, indexes and what is stored in their columns stay, and nobody writes while a table is copied.
 */
export function keysHold(before: Table, after: Table): boolean {
  if (before.foreignKeys.length === 0 || !copies(before, after)) return false;
  const inKeys = new Set([
    ...(before.primaryKey?.columns ?? []),
    ...before.foreignKeys.flatMap((key) => key.columns),
    ...before.indexes.flatMap((index) => index.columns.map((part) => part.name)),
  ]);
  const columns = new Map(after.columns.map((column) => [column.name, column]));
  return (
    same(before.foreignKeys, after.foreignKeys) &&
    same(before.primaryKey, after.primaryKey) &&
    before.indexes.every((index) => after.indexes.some((other) => same(index, other))) &&
    before.columns.every((column) => {
      const next = columns.get(column.name);
      return next !== undefined && (!inKeys.has(column.name) || same(stored(column), stored(next)));
    })
  );
}

/** What adds an index or a column alone copies no row. */
const copies = (before: Table, after: Table): boolean =>
  !same(before.checks, after.checks) ||
  before.columns.some((column) => !after.columns.some((other) => same(column, other)));

/** A default says nothing of the rows that are there. */
const stored = (column: Column): Column => ({ ...column, default: null });
