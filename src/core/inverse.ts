import type { Dialect } from '../dialects/dialect.js';
import { apply } from '../schema/apply.js';
import { isUniqueIndexOn } from '../schema/apply-table.js';
import {
  addCheck,
  addColumn,
  addForeignKey,
  addUnique,
  alterColumn,
  type ColumnChange,
  createIndex,
  createTrigger,
  dropCheckSaying,
  dropColumn,
  dropForeignKey,
  dropIndex,
  dropTable,
  dropTrigger,
  dropUnique,
  type Operation,
  renameColumn,
  replacePrimaryKey,
} from '../schema/operation.js';
import type { Revision } from '../schema/revision.js';
import type { RowWork } from '../schema/row-work.js';
import { type Column, columnOf, type Schema, sameColumns, type Table } from '../schema/table.js';
import { operationsOf } from './revisions.js';

/** How one revision is undone on one dialect. */
export interface Inverse {
  readonly operations: readonly Operation[];
  /** The schema with the revision and without it, as MLflow has them. */
  readonly above: Schema;
  readonly below: Schema;
  /** What has no inverse; the revision does not go down then. */
  readonly stuck: readonly string[];
}

type Of<K extends Operation['kind']> = Extract<Operation, { kind: K }>;

/**
 * The way down, computed from the way up: each operation turned round by the schema that was there before it, the
 * last one first. What happens to a table that the revision created needs no inverse of its own.
 */
export function inverseOf(revision: Revision, below: Schema, dialect: Dialect): Inverse {
  const undone: Operation[][] = [];
  const stuck: string[] = [];
  let state = below;
  for (const operation of operationsOf(revision, dialect.name)) {
    const next = apply(state, operation, dialect.traits);
    if (operation.kind === 'rows') stuck.push(...unanswered(operation, revision, below));
    else if (operation.kind === 'insertRow') {
      if (below.has(operation.table)) stuck.push(`it inserts a row into ${operation.table}`);
    } else if (next !== state) undone.push(turnRound(operation, state, next, below));
    state = next;
  }
  return { operations: undone.reverse().flat(), above: state, below, stuck };
}

/** Row work on rows that were there before is undone by nobody; the revision says why that is no loss. */
const unanswered = (work: RowWork, { undo }: Revision, below: Schema): string[] =>
  work.writes
    .filter((table) => below.has(table) && !undo?.leaves && !undo?.own?.some((own) => own.table === table))
    .map((table) => `its row work "${work.title}" changes rows of ${table}`);

function turnRound(operation: Operation, before: Schema, after: Schema, below: Schema): Operation[] {
  if (operation.kind === 'createTable') return [dropTable(operation.table.name)];
  if (operation.kind === 'createTrigger') return [dropTrigger(operation.table, operation.trigger)];
  const name = (operation as { table: string }).table;
  if (!below.has(name)) return [];
  const [old, now] = [before.get(name) as Table, after.get(name) as Table];
  return [...inverse(operation, old, now), ...ownIndexes(operation, old, now)];
}

function inverse(operation: Operation, old: Table, now: Table): Operation[] {
  const { name } = old;
  switch (operation.kind) {
    case 'addColumn':
      return [dropColumn(name, operation.column.name)];
    case 'dropColumn':
      return [addColumn(name, columnOf(old, operation.column) as Column)];
    case 'alterColumn':
      return [alterColumn(name, operation.column, changeBack(operation, old, now))];
    case 'renameColumn':
      return [renameColumn(name, operation.to, operation.column)];
    case 'replacePrimaryKey': {
      const key = old.primaryKey;
      return key ? [replacePrimaryKey(name, key.name ?? operation.name, key.columns)] : [];
    }
    case 'addUnique':
      return [dropUnique(name, operation.unique.columns)];
    case 'dropUnique':
      return [
        ...old.uniques
          .filter((unique) => sameColumns(unique.columns, operation.columns))
          .map((unique) => addUnique(name, unique)),
        ...old.indexes
          .filter((index) => isUniqueIndexOn(index, operation.columns))
          .map((index) => createIndex(name, index)),
      ];
    case 'addForeignKey':
      return [dropForeignKey(name, operation.foreignKey.refTable, { columns: operation.foreignKey.columns })];
    case 'dropForeignKey':
      return gone(old.foreignKeys, now.foreignKeys).map((key) => addForeignKey(name, key));
    case 'addCheck':
    case 'addBooleanCheck':
      return gone(now.checks, old.checks).map((check) =>
        dropCheckSaying(
          name,
          check,
          old.checks.filter((other) => other.expression === check.expression).length,
        ),
      );
    case 'dropCheck':
      return gone(old.checks, now.checks).map((check) => addCheck(name, check));
    case 'createIndex':
      return [dropIndex(name, operation.index.name)];
    case 'dropIndex':
      return gone(old.indexes, now.indexes).map((index) => createIndex(name, index));
    case 'dropTrigger':
      return gone(old.triggers, now.triggers).map((trigger) => createTrigger(name, trigger));
    default:
      throw new Error(`no inverse of ${operation.kind}`);
  }
}

/** What is in `before` and not in `after`, counted, by what it says: `settle` may have made other objects of it. */
function gone<T>(before: readonly T[], after: readonly T[]): T[] {
  const left = after.map((item) => JSON.stringify(item));
  return before.filter((item) => {
    const at = left.indexOf(JSON.stringify(item));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** Only what the operation changed; a type that did not tell case apart says so, or its collation would stay. */
function changeBack({ column, change }: Of<'alterColumn'>, old: Table, now: Table): ColumnChange {
  const [was, is] = [columnOf(old, column) as Column, columnOf(now, column) as Column];
  const exact = is.type.kind === 'string' && is.type.caseSensitive === true;
  const type =
    was.type.kind === 'string' && exact && !was.type.caseSensitive
      ? { ...was.type, caseSensitive: false }
      : was.type;
  return {
    ...(change.type ? { type } : {}),
    ...(change.nullable === undefined ? {} : { nullable: was.nullable }),
    ...(change.default === undefined ? {} : { default: was.default }),
  };
}

/** MySQL makes an index for a foreign key and keeps it when the key goes. */
const ownIndexes = (operation: Operation, old: Table, now: Table): Operation[] =>
  operation.kind === 'createIndex'
    ? []
    : now.indexes
        .filter((index) => index.implicit && !old.indexes.some((other) => other.name === index.name))
        .map((index) => dropIndex(old.name, index.name));
