import type { ColumnType } from './column-type.js';
import { SchemaConflict } from './conflict.js';
import type { ColumnChange, Operation } from './operation.js';
import {
  type Check,
  type Column,
  columnOf,
  type ForeignKey,
  type Index,
  sameColumns,
  type Table,
} from './table.js';
import type { Traits } from './traits.js';

export type TableOperation = Exclude<
  Operation,
  | { kind: 'createTable' }
  | { kind: 'dropTable' }
  | { kind: 'insertRow' }
  | { kind: 'rows' }
  | { kind: 'only' }
>;

/** The table after an operation on it; the same object where nothing changes. */
export function applyToTable(table: Table, operation: TableOperation, traits: Traits): Table {
  switch (operation.kind) {
    case 'addColumn': {
      const existing = columnOf(table, operation.column.name);
      if (!existing) return { ...table, columns: [...table.columns, operation.column] };
      if (operation.ifMissing) return acceptColumn(table, existing, operation.column, traits);
      throw new SchemaConflict(`column ${table.name}.${operation.column.name} is already there`);
    }
    case 'dropColumn':
      return dropColumn(table, operation.column);
    case 'alterColumn':
      return operation.exactly
        ? alterExactly(table, operation.column, operation.change)
        : alterColumn(table, operation.column, operation.change, traits);
    case 'renameColumn':
      return renameColumn(table, operation.column, operation.to);
    case 'replacePrimaryKey': {
      const { name, columns } = operation;
      for (const column of columns) need(table, column);
      const { primaryKey: old } = table;
      // Where a server has no names for primary keys, the columns are all there is.
      if (old && (old.name ?? name) === name && sameColumns(old.columns, columns)) return table;
      return { ...table, primaryKey: { name, columns } };
    }
    case 'addUnique':
      refuseTaken(table, operation.unique.name);
      return { ...table, uniques: [...table.uniques, operation.unique] };
    case 'dropUnique':
      return without(
        without(table, 'uniques', (unique) => sameColumns(unique.columns, operation.columns)),
        'indexes',
        (index) => isUniqueIndexOn(index, operation.columns),
      );
    case 'addForeignKey':
      refuseTaken(table, operation.foreignKey.name);
      return { ...table, foreignKeys: [...table.foreignKeys, operation.foreignKey] };
    case 'dropForeignKey': {
      const gone = foreignKeysDropped(table, operation);
      if (gone.length === 0 && operation.mustExist)
        throw new SchemaConflict(`${table.name} has no foreign key to ${operation.refTable}`);
      return without(table, 'foreignKeys', (key) => gone.includes(key));
    }
    case 'addCheck':
      refuseTaken(table, operation.check.name);
      return { ...table, checks: [...table.checks, operation.check] };
    case 'addBooleanCheck': {
      if (traits.nativeBoolean) return table;
      const expression = `${operation.column} IN (0, 1)`;
      return { ...table, checks: [...table.checks, { name: null, expression }] };
    }
    case 'dropCheck': {
      const gone = checksToDrop(table, operation, traits);
      return without(table, 'checks', (check) => gone.includes(check));
    }
    case 'createIndex':
      return createIndex(table, operation.index);
    case 'dropIndex':
      return without(table, 'indexes', (index) => index.name === operation.name);
    case 'createTrigger':
      return { ...table, triggers: [...table.triggers, operation.trigger] };
    case 'dropTrigger': {
      const kept = table.triggers.filter(({ name }) => name !== operation.trigger.name);
      return kept.length === table.triggers.length ? table : { ...table, triggers: kept };
    }
  }
}

/** The foreign keys from `table` to `refTable`, on exactly `columns` where given. */
export const foreignKeysTo = (table: Table, refTable: string, columns?: readonly string[]) =>
  table.foreignKeys.filter(
    (key) => key.refTable === refTable && (columns === undefined || sameColumns(key.columns, columns)),
  );

/** The foreign keys that an operation drops. */
export const foreignKeysDropped = (
  table: Table,
  { refTable, columns, name }: Extract<Operation, { kind: 'dropForeignKey' }>,
): ForeignKey[] =>
  foreignKeysTo(table, refTable, columns).filter((key) => name === undefined || key.name === name);

/** The checks that an operation drops. */
export function checksToDrop(
  table: Table,
  {
    name,
    expression,
    keep = 0,
  }: Pick<Extract<Operation, { kind: 'dropCheck' }>, 'name' | 'expression' | 'keep'>,
  traits: Pick<Traits, 'sameExpression'>,
): Check[] {
  const called = table.checks.filter((check) => check.name === name);
  if (expression === undefined) return called;
  const like = table.checks.filter((check) => traits.sameExpression(check.expression, expression));
  return like.length > 0 ? like.slice(keep) : name === null ? [] : called;
}

/** Whether an index is unique, whole and on exactly these columns. */
export const isUniqueIndexOn = (index: Index, columns: readonly string[]): boolean =>
  index.unique &&
  index.where === null &&
  sameColumns(
    index.columns.map((column) => column.name),
    columns,
  );

type Part = 'uniques' | 'foreignKeys' | 'checks' | 'indexes';

/** The table without those parts; the same object where there are none. */
function without<P extends Part>(table: Table, part: P, gone: (item: Table[P][number]) => boolean): Table {
  const kept = (table[part] as Table[P][number][]).filter((item) => !gone(item));
  return kept.length === table[part].length ? table : { ...table, [part]: kept };
}

/** A constraint of that name is the user's, or what a half-done change left. */
function refuseTaken(table: Table, name: string | null): void {
  const constraints = [...table.uniques, ...table.foreignKeys, ...table.checks];
  if (name !== null && constraints.some((other) => other.name === name))
    throw new SchemaConflict(`constraint ${name} on ${table.name} is already there`);
}

function need(table: Table, name: string): Column {
  const column = columnOf(table, name);
  if (!column) throw new SchemaConflict(`column ${table.name}.${name} is missing`);
  return column;
}

function replaceColumn(table: Table, old: Column, next: Column): Table {
  return { ...table, columns: table.columns.map((column) => (column === old ? next : column)) };
}

function dropColumn(table: Table, name: string): Table {
  const column = need(table, name);
  const users = [
    ...table.indexes.filter((index) => indexUses(index, name)).map((index) => `index ${index.name}`),
    ...table.uniques.filter((unique) => unique.columns.includes(name)).map(() => 'a unique constraint'),
    ...table.foreignKeys.filter((key) => key.columns.includes(name)).map(() => 'a foreign key'),
    ...table.columns
      .filter((other) => other.generated && mentions(other.generated.expression, name))
      .map((other) => `generated column ${other.name}`),
    ...table.checks
      .filter((check) => check.ofColumn !== name && mentions(check.expression, name))
      .map(() => 'a check constraint'),
  ];
  if (users.length > 0)
    throw new SchemaConflict(`column ${table.name}.${name} must go, but ${users.join(', ')} uses it`);
  return {
    ...table,
    columns: table.columns.filter((other) => other !== column),
    checks: table.checks.filter((check) => check.ofColumn !== name),
  };
}

/** DEFAULT NULL is what every nullable column has. */
const hasDefault = ({ default: value }: Column): boolean =>
  value !== null && !(value.kind === 'native' && value.sql.toUpperCase() === 'NULL');

/** Why a column that is there does not serve as another one; empty where it does. */
export function columnProblems(existing: Column, wanted: Column, traits: Traits): string[] {
  return [
    ...(traits.sameType(wanted.type, existing) ? [] : ['its type differs']),
    ...(existing.nullable === wanted.nullable
      ? []
      : [`it is ${existing.nullable ? 'nullable' : 'NOT NULL'}`]),
    ...(hasDefault(existing) === hasDefault(wanted) ? [] : ['its default differs']),
  ];
}

/** A column that is there already serves only in the shape it would have been given (MLflow refuses others too). */
function acceptColumn(table: Table, existing: Column, wanted: Column, traits: Traits): Table {
  const problems = columnProblems(existing, wanted, traits);
  if (problems.length === 0) return table;
  throw new SchemaConflict(
    `column ${table.name}.${existing.name} is already there, but ${problems.join(' and ')}`,
  );
}

/** Whether SQL text holds a name as a whole word; names fold case on some servers, so too much is found rather than too little. */
export const mentions = (expression: string, name: string): boolean =>
  new RegExp(`(^|[^A-Za-z0-9_])${name}([^A-Za-z0-9_]|$)`, 'i').test(expression);

/** Also in an expression, which stands as its column's name, and in the condition of a partial index. */
const indexUses = (index: Index, name: string): boolean =>
  index.columns.some((part) => mentions(part.name, name)) ||
  index.include.includes(name) ||
  (index.where !== null && mentions(index.where, name));

function alterColumn(table: Table, name: string, change: ColumnChange, traits: Traits): Table {
  const column = need(table, name);
  const next: Column = {
    ...column,
    ...(change.type && !traits.sameType(change.type, column) ? retyped(change.type) : {}),
    ...(change.nullable === undefined ? {} : { nullable: change.nullable }),
    ...(change.default === undefined || traits.sameDefault(change.default, column)
      ? {}
      : { default: change.default }),
  };
  // MariaDB tells DEFAULT NULL of every nullable column.
  if (!next.nullable && column.nullable && !hasDefault(next))
    return replaceColumn(table, column, { ...next, default: null });
  const same =
    next.type === column.type && next.nullable === column.nullable && next.default === column.default;
  return same ? table : replaceColumn(table, column, next);
}

/** The same object where the column is in these words already. */
function alterExactly(table: Table, name: string, change: ColumnChange): Table {
  const column = need(table, name);
  const changed: Column = { ...column, ...change };
  // MariaDB tells DEFAULT NULL of every nullable column.
  const next = changed.nullable || hasDefault(changed) ? changed : { ...changed, default: null };
  return JSON.stringify(next) === JSON.stringify(column) ? table : replaceColumn(table, column, next);
}

/** A type that is not to tell case apart takes the collation of its table. */
const retyped = (type: ColumnType): Partial<Column> =>
  type.kind === 'string' && type.caseSensitive === false ? { type, collation: null } : { type };

function renameColumn(table: Table, from: string, to: string): Table {
  const column = need(table, from);
  if (columnOf(table, to)) throw new SchemaConflict(`column ${table.name}.${to} is already there`);
  const rename = (name: string) => (name === from ? to : name);
  const renamed = replaceColumn(table, column, { ...column, name: to });
  return {
    ...renamed,
    primaryKey: table.primaryKey && { ...table.primaryKey, columns: table.primaryKey.columns.map(rename) },
    uniques: table.uniques.map((unique) => ({ ...unique, columns: unique.columns.map(rename) })),
    foreignKeys: table.foreignKeys.map((key) => ({ ...key, columns: key.columns.map(rename) })),
    indexes: table.indexes.map((index) => renameInIndex(index, from, to)),
  };
}

/** An index that names the column is re-created in new words; `sql` would still hold the old name. */
function renameInIndex(index: Index, from: string, to: string): Index {
  if (!index.columns.some((column) => column.name === from) && !index.include.includes(from)) return index;
  const { sql: _old, ...rest } = index;
  return {
    ...rest,
    columns: index.columns.map((column) => (column.name === from ? { ...column, name: to } : column)),
    include: index.include.map((name) => (name === from ? to : name)),
  };
}

/** An index of that name that is already the same is left; another one stands in the way. */
function createIndex(table: Table, index: Index): Table {
  for (const column of index.columns) need(table, column.name);
  const existing = table.indexes.find((other) => other.name === index.name);
  if (!existing) return { ...table, indexes: [...table.indexes, index] };
  if (servesAs(existing, index)) return table;
  throw new SchemaConflict(
    `an index named ${index.name} on ${table.name} is already there, on other columns or for other rows`,
  );
}

/** Whether an index that is there does what another one would. */
export function servesAs(existing: Index, wanted: Index): boolean {
  const columns = ({ columns }: Index) => columns.map(({ name, desc }) => `${name}${desc ? ' DESC' : ''}`);
  return (
    existing.unique === wanted.unique &&
    sameColumns(columns(existing), columns(wanted)) &&
    // What MLflow filters on one server it leaves whole on another; where it does not filter, a part is not enough.
    (existing.where === null || wanted.where !== null)
  );
}
