import { apply } from '../../schema/apply.js';
import type { Operation } from '../../schema/operation.js';
import type { Schema, Table } from '../../schema/table.js';
import type { Traits } from '../../schema/traits.js';
import type { Statement } from '../dialect.js';
import { insertRow, originOf } from '../operations.js';
import { bareSql, sameDefaultAs } from '../same.js';
import { literalText, quote } from './quote.js';
import { changeTable } from './rebuild.js';
import { renderDefault, renderIndex, renderTable, renderTrigger } from './render.js';
import { sameType } from './types.js';

export const traits: Traits = {
  nativeBoolean: false,
  settle: (table) => table,
  sameType,
  sameDefault: sameDefaultAs(renderDefault),
  sameExpression: (a, b) => bareSql(a) === bareSql(b),
  sameTrigger: (found, wanted, table) =>
    bareSql(renderTrigger(table, found)) === bareSql(renderTrigger(table, wanted)),
};

/**
 * Folds all operations on one table and changes it once. Foreign keys are off while an upgrade runs, so the order
 * of tables does not matter; rows that revisions insert come last.
 */
export function compile(operations: readonly Operation[], schema: Schema): Statement[] {
  const after = operations.reduce((state, operation) => apply(state, operation, traits), schema);
  const changed = [...after.values()].filter((table) => schema.get(table.name) !== table);
  const gone = [...schema.keys()].filter((name) => !after.has(name));
  return [
    ...gone.map((table) => ({ sql: `DROP TABLE ${quote(table)}`, table, title: `drop ${table}` })),
    ...changed.flatMap((table) => {
      const old = schema.get(table.name);
      return old ? changeTable(old, table, originOf(operations, table.name)) : createTable(table);
    }),
    ...operations.flatMap((operation) =>
      operation.kind === 'insertRow' ? [insertRow(operation, { quote, literalText })] : [],
    ),
  ];
}

/** CREATE for every table of a schema, parents first. */
export const create = (schema: Schema): Statement[] => [...schema.values()].flatMap(createTable);

function createTable(table: Table): Statement[] {
  const statement = (sql: string, title: string): Statement => ({ sql, table: table.name, title });
  return [
    statement(renderTable(table), `create ${table.name}`),
    ...table.indexes.map((index) => statement(renderIndex(table.name, index), `create index ${index.name}`)),
    ...table.triggers.map((trigger) =>
      statement(renderTrigger(table.name, trigger), `create trigger ${trigger.name}`),
    ),
  ];
}
