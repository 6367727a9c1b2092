import type { Schema, Table } from '../../schema/table.js';

/**
 * Spells every reference to a table or column as that is declared: SQLite folds case in names, everything above
 * compares them as they are.
 */
export function spellAsDeclared(schema: Schema): Schema {
  const tables = new Map([...schema.keys()].map((name) => [name.toLowerCase(), name]));
  const columns = new Map([...schema].map(([name, table]) => [name, declared(table)]));
  const inTable = (table: string, names: readonly string[]) =>
    names.map((name) => columns.get(table)?.get(name.toLowerCase()) ?? name);
  return new Map(
    [...schema].map(([name, table]) => {
      const own = (names: readonly string[]) => inTable(name, names);
      return [
        name,
        {
          ...table,
          primaryKey: table.primaryKey && { ...table.primaryKey, columns: own(table.primaryKey.columns) },
          uniques: table.uniques.map((unique) => ({ ...unique, columns: own(unique.columns) })),
          foreignKeys: table.foreignKeys.map((key) => {
            const refTable = tables.get(key.refTable.toLowerCase()) ?? key.refTable;
            return {
              ...key,
              columns: own(key.columns),
              refTable,
              refColumns: inTable(refTable, key.refColumns),
            };
          }),
          indexes: table.indexes.map((index) => ({
            ...index,
            columns: index.columns.map((column) => ({ ...column, name: own([column.name])[0] as string })),
          })),
        },
      ];
    }),
  );
}

const declared = (table: Table): Map<string, string> =>
  new Map(table.columns.map((column) => [column.name.toLowerCase(), column.name]));
