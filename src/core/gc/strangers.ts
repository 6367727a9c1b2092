import type { ForeignKey, Schema, Table } from '../../schema/table.js';
import type { Edge } from './graph.js';

/** Foreign keys that MLflow does not have, and that need rows of its tables. */
export interface Strangers {
  readonly edges: readonly Edge[];
  /** The tables of the user's that they are in; their keys have the types of what they refer to, by which they are bound. */
  readonly tables: Schema;
}

export const noStrangers: Strangers = { edges: [], tables: new Map() };

/**
 * Foreign keys of a user's own tables, or added to MLflow's. They say what becomes of their rows: ON DELETE CASCADE
 * takes them along and SET NULL clears them, as the server does when MLflow itself deletes; whatever else keeps the
 * item. A table on which others hang in turn keeps it too: how far that goes only its owner knows.
 *
 * @param expected the schema that MLflow has at the revision of the stamp
 */
export function strangersOf(expected: Schema, live: Schema): Strangers {
  const edges: Edge[] = [];
  const tables = new Map<string, Table>();
  for (const table of live.values())
    for (const key of table.foreignKeys) {
      if (!expected.has(key.refTable) || isKnown(expected.get(table.name), key)) continue;
      edges.push({
        ...{ table: table.name, columns: key.columns, to: key.refTable, toColumns: key.refColumns },
        action: actionOf(table, key, live),
      });
      if (!expected.has(table.name))
        tables.set(table.name, typedAs(expected, tables.get(table.name) ?? table, key));
    }
  return { edges, tables };
}

const typedAs = (expected: Schema, table: Table, { columns, refTable, refColumns }: ForeignKey): Table => ({
  ...table,
  columns: table.columns.map((column) => {
    const target = refColumns[columns.indexOf(column.name)];
    const found = expected.get(refTable)?.columns.find(({ name }) => name === target);
    return found ? { ...column, type: found.type } : column;
  }),
});

const isKnown = (table: Table | undefined, key: ForeignKey): boolean =>
  table?.foreignKeys.some(
    ({ columns, refTable }) => refTable === key.refTable && columns.join() === key.columns.join(),
  ) ?? false;

function actionOf(table: Table, { onDelete, columns }: ForeignKey, live: Schema): Edge['action'] {
  const parent = [...live.values()].some(({ foreignKeys }) =>
    foreignKeys.some(({ refTable }) => refTable === table.name),
  );
  if (columns.length > 1 || parent) return 'hold';
  return onDelete === 'CASCADE' ? 'delete' : onDelete === 'SET NULL' ? 'clear' : 'hold';
}
