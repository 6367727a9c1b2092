import { apply } from '../../schema/apply.js';
import { checksToDrop } from '../../schema/apply-table.js';
import type { Operation } from '../../schema/operation.js';
import type { Schema, Table } from '../../schema/table.js';
import type { Traits } from '../../schema/traits.js';
import type { Statement } from '../dialect.js';
import { insertRow } from '../operations.js';
import { bareSql, sameDefaultAs } from '../same.js';
import { alterColumn, dropUnique, replaceKey } from './alter.js';
import { dropDefault, dropUnnamedChecks } from './lookup.js';
import { literalText, nameText, quote } from './quote.js';
import { dropConstraint, dropForeignKeys, type Sql } from './release.js';
import {
  renderCheck,
  renderColumn,
  renderDefault,
  renderForeignKey,
  renderIndex,
  renderTable,
  renderTrigger,
  renderUnique,
} from './render.js';
import { plainCheck } from './same.js';
import { settle } from './settle.js';
import { sameType } from './types.js';

export const traits: Traits = {
  // BIT holds nothing but 0 and 1, and SQLAlchemy adds no check (MSDialect.non_native_boolean_check_constraint).
  nativeBoolean: true,
  settle,
  sameType,
  sameDefault: sameDefaultAs(renderDefault),
  sameExpression: (a, b) => plainCheck(a) === plainCheck(b),
  sameTrigger: (found, wanted, table) =>
    bareSql(renderTrigger(table, found)) === bareSql(renderTrigger(table, wanted)),
};

/** One statement for each operation, in order: most change the catalog alone. */
export function compile(operations: readonly Operation[], schema: Schema): Statement[] {
  const statements: Statement[] = [];
  let live = schema;
  for (const operation of operations) {
    const after = apply(live, operation, traits);
    if (after !== live || operation.kind === 'insertRow')
      statements.push(...compileOne(operation, live, after));
    live = after;
  }
  return statements;
}

/** CREATE for every table of a schema; `schema` is ordered, parents first. */
export const create = (schema: Schema): Statement[] => [...schema.values()].flatMap(createTable);

function createTable(table: Table): Statement[] {
  return statementsOf(table.name, [
    { sql: renderTable(table), title: `create ${table.name}` },
    ...table.indexes.map((index) => ({
      sql: renderIndex(table.name, index),
      title: `create index ${index.name}`,
    })),
    ...table.triggers.map((trigger) => ({
      sql: renderTrigger(table.name, trigger),
      title: `create trigger ${trigger.name}`,
    })),
  ]);
}

const statementsOf = (table: string, parts: readonly Sql[]): Statement[] =>
  parts.map((part) => ({ table, ...part }));

function compileOne(operation: Operation, before: Schema, after: Schema): Statement[] {
  if (operation.kind === 'createTable') return createTable(operation.table);
  if (operation.kind === 'rows' || operation.kind === 'only') return [];
  if (operation.kind === 'dropTable')
    return statementsOf(operation.table, [
      { sql: `DROP TABLE ${quote(operation.table)}`, title: `drop ${operation.table}` },
    ]);
  return statementsOf(operation.table, changes(operation, before, after));
}

/** Each check of MLflow's begins with its column. */
const columnIn = (expression: string): string => /^\W*(\w+)/.exec(expression)?.[1] ?? '';

type TableOperation = Exclude<
  Operation,
  { kind: 'createTable' } | { kind: 'dropTable' } | { kind: 'rows' } | { kind: 'only' }
>;

function changes(operation: TableOperation, before: Schema, after: Schema): Sql[] {
  const name = operation.table;
  const alter = (clause: string, title: string, scans = false): Sql => ({
    sql: `ALTER TABLE ${quote(name)} ${clause}`,
    title,
    scans,
  });
  const table = before.get(name) as Table;
  switch (operation.kind) {
    case 'insertRow':
      return [insertRow(operation, { quote, literalText })];
    case 'addColumn':
      return [alter(`ADD ${renderColumn(operation.column)}`, `add ${name}.${operation.column.name}`)];
    case 'dropColumn':
      return [
        {
          sql: dropDefault(name, operation.column),
          title: `drop the default of ${name}.${operation.column}`,
        },
        alter(`DROP COLUMN ${quote(operation.column)}`, `drop ${name}.${operation.column}`),
      ];
    case 'renameColumn':
      return [
        {
          sql: `EXEC sp_rename ${nameText(`${quote(name)}.${quote(operation.column)}`)}, ${nameText(operation.to)}, N'COLUMN'`,
          title: `rename ${name}.${operation.column}`,
        },
      ];
    case 'alterColumn':
      return alterColumn(operation, before, after);
    case 'replacePrimaryKey':
      return replaceKey(operation, before, after);
    case 'addUnique':
      return [
        alter(
          `ADD ${renderUnique(operation.unique)}`,
          `add unique ${operation.unique.name ?? ''} on ${name}`,
          true,
        ),
      ];
    case 'dropUnique':
      return dropUnique(operation, table);
    case 'addForeignKey':
      return [alter(`ADD ${renderForeignKey(operation.foreignKey)}`, `add a foreign key on ${name}`, true)];
    case 'dropForeignKey':
      return dropForeignKeys(table, (key) => !after.get(name)?.foreignKeys.includes(key));
    case 'addCheck':
      return [alter(`ADD ${renderCheck(operation.check)}`, `add a check on ${name}`, true)];
    case 'addBooleanCheck':
      return [];
    case 'dropCheck':
      return checksToDrop(table, operation, traits).map((check) =>
        check.name === null
          ? { sql: dropUnnamedChecks(name, columnIn(check.expression)), title: `drop a check of ${name}` }
          : dropConstraint(name, check.name),
      );
    case 'createIndex':
      return [
        {
          sql: renderIndex(name, operation.index),
          title: `create index ${operation.index.name}`,
          scans: true,
        },
      ];
    case 'dropIndex':
      return [
        {
          sql: `DROP INDEX ${quote(operation.name)} ON ${quote(name)}`,
          title: `drop index ${operation.name}`,
        },
      ];
    case 'createTrigger':
      return [
        { sql: renderTrigger(name, operation.trigger), title: `create trigger ${operation.trigger.name}` },
      ];
    case 'dropTrigger':
      return [
        {
          sql: `DROP TRIGGER ${quote(operation.trigger.name)}`,
          title: `drop trigger ${operation.trigger.name}`,
        },
      ];
  }
}
