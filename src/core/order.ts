import type { Schema, Table } from '../schema/table.js';

/** The tables of a schema, each after those its foreign keys reference. */
export function parentsFirst(schema: Schema): Schema {
  const ordered = new Map<string, Table>();
  const visit = (table: Table): void => {
    if (ordered.has(table.name)) return;
    for (const key of table.foreignKeys) {
      const parent = schema.get(key.refTable);
      if (parent && parent !== table) visit(parent);
    }
    ordered.set(table.name, table);
  };
  for (const table of schema.values()) visit(table);
  return ordered;
}
