import type { Index, Table } from '../../schema/table.js';

/**
 * What MLflow leaves out on SQL Server: the length, INCLUDE and WHERE of an index. Names of unnamed constraints are
 * random there (`UQ__experime__72E12F1B…`), so they stay unnamed until the catalog is asked.
 */
export function settle(table: Table): Table {
  return table.indexes.every(isPlain) ? table : { ...table, indexes: table.indexes.map(plain) };
}

const isPlain = (index: Index): boolean =>
  index.sql !== undefined ||
  (index.include.length === 0 &&
    index.where === null &&
    index.columns.every(({ length }) => length === null));

const plain = (index: Index): Index =>
  isPlain(index)
    ? index
    : {
        ...index,
        include: [],
        where: null,
        columns: index.columns.map((column) => ({ ...column, length: null })),
      };
