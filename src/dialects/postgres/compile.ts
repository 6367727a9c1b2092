import { apply } from '../../schema/apply.js';
import { checksToDrop, foreignKeysDropped, isUniqueIndexOn } from '../../schema/apply-table.js';
import type { Operation } from '../../schema/operation.js';
import { columnOf, type Schema, sameColumns, type Table } from '../../schema/table.js';
import type { Traits } from '../../schema/traits.js';
import type { Statement } from '../dialect.js';
import { insertRow } from '../operations.js';
import { alterExactly } from './alter-exactly.js';
import { same } from './equivalent.js';
import { literalText, quote, quoteAll } from './quote.js';
import {
  dropTrigger,
  renderCheck,
  renderColumn,
  renderDefault,
  renderForeignKey,
  renderIndex,
  renderTable,
  renderTrigger,
  renderUnique,
} from './render.js';
import { settle } from './settle.js';
import { sameType, typeText } from './types.js';

export const traits: Traits = {
  nativeBoolean: true,
  settle,
  sameType,
  // An upgrade online may have died after these were made, and the server tells them in other words.
  sameDefault: (value, column) => same.sameDefault({ ...column, default: value }, column),
  sameExpression: same.sameExpression,
  sameTrigger: same.sameTrigger,
};

/** One ALTER for each operation, in order: each is a change of the catalog, and most touch no row. */
export function compile(operations: readonly Operation[], schema: Schema): Statement[] {
  const statements: Statement[] = [];
  let live = schema;
  for (const operation of operations) {
    const after = apply(live, operation, traits);
    if (after !== live || operation.kind === 'insertRow') statements.push(...compileOne(operation, live));
    live = after;
  }
  return statements;
}

/** CREATE for every table of a schema; `schema` is ordered, parents first. */
export const create = (schema: Schema): Statement[] => [...schema.values()].flatMap(createTable);

function createTable(table: Table): Statement[] {
  const statement = (sql: string, title: string): Statement => ({ sql, table: table.name, title });
  return [
    statement(renderTable(table), `create ${table.name}`),
    ...table.indexes.map((index) => statement(renderIndex(table.name, index), `create index ${index.name}`)),
    ...table.triggers.flatMap((trigger) =>
      renderTrigger(table.name, trigger).map((sql) => statement(sql, `create trigger ${trigger.name}`)),
    ),
  ];
}

function compileOne(operation: Operation, schema: Schema): Statement[] {
  if (operation.kind === 'createTable') return createTable(operation.table);
  if (operation.kind === 'rows' || operation.kind === 'only') return [];
  const name = operation.table;
  if (operation.kind === 'dropTable')
    return [{ sql: `DROP TABLE ${quote(name)}`, table: name, title: `drop ${name}` }];
  const statement = (sql: string, title: string): Statement => ({ sql, table: name, title });
  const alter = (clause: string, title: string) => statement(`ALTER TABLE ${quote(name)} ${clause}`, title);
  const dropConstraint = (constraint: string | null) =>
    alter(`DROP CONSTRAINT ${quote(constraint ?? '')}`, `drop constraint ${constraint}`);
  const table = schema.get(name) as Table;
  switch (operation.kind) {
    case 'insertRow':
      return [insertRow(operation, { quote, literalText })];
    case 'addColumn':
      return [alter(`ADD COLUMN ${renderColumn(operation.column)}`, `add ${name}.${operation.column.name}`)];
    case 'dropColumn':
      return [alter(`DROP COLUMN ${quote(operation.column)}`, `drop ${name}.${operation.column}`)];
    case 'renameColumn':
      return [
        alter(
          `RENAME COLUMN ${quote(operation.column)} TO ${quote(operation.to)}`,
          `rename ${name}.${operation.column}`,
        ),
      ];
    case 'alterColumn':
      return operation.exactly
        ? alterExactly(operation, table).map((sql) => statement(sql, `change ${name}.${operation.column}`))
        : alterColumn(operation, table).map((clause) => alter(clause, `change ${name}.${operation.column}`));
    case 'replacePrimaryKey':
      return [
        ...(table.primaryKey ? [dropConstraint(table.primaryKey.name)] : []),
        alter(
          `ADD CONSTRAINT ${quote(operation.name)} PRIMARY KEY (${quoteAll(operation.columns)})`,
          `build the key of ${name}`,
        ),
      ];
    case 'addUnique':
      return [
        alter(
          `ADD ${renderUnique(operation.unique)}`,
          `add unique ${operation.unique.name ?? ''} on ${name}`,
        ),
      ];
    case 'dropUnique':
      return [
        ...table.uniques
          .filter((unique) => sameColumns(unique.columns, operation.columns))
          .map((unique) => dropConstraint(unique.name)),
        ...table.indexes
          .filter((index) => isUniqueIndexOn(index, operation.columns))
          .map((index) => statement(`DROP INDEX ${quote(index.name)}`, `drop index ${index.name}`)),
      ];
    case 'addForeignKey':
      return [alter(`ADD ${renderForeignKey(operation.foreignKey)}`, `add a foreign key on ${name}`)];
    case 'dropForeignKey':
      return foreignKeysDropped(table, operation).map((key) => dropConstraint(key.name));
    case 'addCheck':
      return [alter(`ADD ${renderCheck(operation.check)}`, `add a check on ${name}`)];
    case 'addBooleanCheck':
      return [];
    case 'dropCheck':
      return checksToDrop(table, operation, traits).map((check) => dropConstraint(check.name));
    case 'createIndex':
      return [statement(renderIndex(name, operation.index), `create index ${operation.index.name}`)];
    case 'dropIndex':
      return [statement(`DROP INDEX ${quote(operation.name)}`, `drop index ${operation.name}`)];
    case 'createTrigger':
      return renderTrigger(name, operation.trigger).map((sql) =>
        statement(sql, `create trigger ${operation.trigger.name}`),
      );
    case 'dropTrigger':
      return dropTrigger(name, operation.trigger.name).map((sql) =>
        statement(sql, `drop trigger ${operation.trigger.name}`),
      );
  }
}

function alterColumn(operation: Extract<Operation, { kind: 'alterColumn' }>, table: Table): string[] {
  const { change } = operation;
  const column = `ALTER COLUMN ${quote(operation.column)}`;
  const current = columnOf(table, operation.column);
  return [
    ...(change.type && !(current && sameType(change.type, current))
      ? [`${column} TYPE ${typeText(change.type)}`]
      : []),
    ...(change.nullable === undefined || change.nullable === current?.nullable
      ? []
      : [`${column} ${change.nullable ? 'DROP' : 'SET'} NOT NULL`]),
    ...(change.default === undefined
      ? []
      : [
          change.default
            ? `${column} SET DEFAULT ${renderDefault(change.default)}`
            : `${column} DROP DEFAULT`,
        ]),
  ];
}
