import { applyToTable } from './apply-table.js';
import { SchemaConflict } from './conflict.js';
import type { Operation } from './operation.js';
import type { Schema, Table } from './table.js';
import type { Traits } from './traits.js';

/**
 * The schema after `operation`. Pure: the given schema is left as it is.
 *
 * @throws SchemaConflict where the operation cannot be done on this schema.
 */
export function apply(schema: Schema, operation: Operation, traits: Traits): Schema {
  switch (operation.kind) {
    case 'rows':
    case 'insertRow':
    case 'only':
      return schema;
    case 'createTable': {
      const existing = schema.get(operation.table.name);
      if (existing && operation.ifMissing) return schema;
      if (existing) throw new SchemaConflict(`table ${operation.table.name} is already there`);
      return withTable(schema, traits.settle(operation.table));
    }
    case 'dropTable': {
      if (!schema.has(operation.table)) return schema;
      const rest = new Map(schema);
      rest.delete(operation.table);
      return rest;
    }
    default: {
      const table = schema.get(operation.table);
      if (!table && operation.kind === 'dropTrigger') return schema;
      if (!table) throw new SchemaConflict(`table ${operation.table} is missing`);
      const changed = applyToTable(table, operation, traits);
      const next = changed === table ? schema : withTable(schema, traits.settle(changed));
      return operation.kind === 'renameColumn' ? renameReferences(next, operation) : next;
    }
  }
}

/** Folds a list of operations over a schema. */
export const applyAll = (schema: Schema, operations: readonly Operation[], traits: Traits): Schema =>
  operations.reduce((state, operation) => apply(state, operation, traits), schema);

function withTable(schema: Schema, table: Table): Schema {
  return new Map(schema).set(table.name, table);
}

/** Foreign keys of other tables follow a renamed column. */
function renameReferences(schema: Schema, rename: { table: string; column: string; to: string }): Schema {
  const next = new Map(schema);
  for (const table of schema.values()) {
    if (
      !table.foreignKeys.some(
        (key) => key.refTable === rename.table && key.refColumns.includes(rename.column),
      )
    )
      continue;
    next.set(table.name, {
      ...table,
      foreignKeys: table.foreignKeys.map((key) =>
        key.refTable === rename.table
          ? { ...key, refColumns: key.refColumns.map((name) => (name === rename.column ? rename.to : name)) }
          : key,
      ),
    });
  }
  return next;
}
