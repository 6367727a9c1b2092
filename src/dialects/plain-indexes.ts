import type { Table } from '../schema/table.js';

/**
 * A table whose indexes are plain: MLflow asks for INCLUDE and WHERE on PostgreSQL alone, for lengths on MySQL alone
 * (postgresql_include, postgresql_where, mysql_length). An index that was found has its text, and stays.
 */
export const withPlainIndexes = (table: Table): Table => ({
  ...table,
  indexes: table.indexes.map((index) =>
    index.sql
      ? index
      : {
          ...{ ...index, include: [], where: null },
          columns: index.columns.map((part) => ({ ...part, length: null })),
        },
  ),
});
