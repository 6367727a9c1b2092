import { isUniqueIndexOn } from '../../schema/apply-table.js';
import type { ForeignKey, Schema, Table } from '../../schema/table.js';
import type { Ordered } from './repair-order.js';

/** The first foreign key whose parent is not there, or not unique, once everything is done; null: all are fit. */
export function unfitKeys(
  parts: readonly Ordered[],
  after: Schema,
): { readonly owners: readonly string[]; readonly reason: string } | null {
  for (const { operation, owners } of parts) {
    const keys =
      operation.kind === 'addForeignKey'
        ? [operation.foreignKey]
        : operation.kind === 'createTable'
          ? operation.table.foreignKeys
          : [];
    for (const key of keys) {
      const reason = unfit(key, after);
      if (reason) return { owners, reason };
    }
  }
  return null;
}

function unfit({ refTable, refColumns }: ForeignKey, schema: Schema): string | null {
  const parent = schema.get(refTable);
  if (!parent) return `it points to table ${refTable}, which is not there`;
  if (parent.opaque || isUnique(parent, refColumns)) return null;
  return `it points to ${refTable}(${refColumns.join(', ')}), which is not unique: repair that key first`;
}

function isUnique(table: Table, columns: readonly string[]): boolean {
  const wanted = [...columns].sort().join('\0');
  const sets = [
    table.primaryKey?.columns ?? [],
    ...table.uniques.map((unique) => unique.columns),
    ...table.indexes
      .filter((index) =>
        isUniqueIndexOn(
          index,
          index.columns.map(({ name }) => name),
        ),
      )
      .map((index) => index.columns.map(({ name }) => name)),
  ];
  return sets.some((set) => [...set].sort().join('\0') === wanted);
}
