import { apply, applyAll } from '../schema/apply.js';
import { columnProblems, foreignKeysTo, isUniqueIndexOn } from '../schema/apply-table.js';
import type { Operation } from '../schema/operation.js';
import {
  type Check,
  type Column,
  columnOf,
  type ForeignKey,
  type Schema,
  sameColumns,
  type Table,
} from '../schema/table.js';
import type { Traits } from '../schema/traits.js';

export interface Rest {
  /** The operations that are still to do, in their order. */
  readonly operations: Operation[];
  /** The schema as it will be after them. */
  readonly after: Schema;
  /** What differs from both before and after, and is changed all the same. */
  readonly notes: string[];
}

/** An operation and where it stands in its revision. */
interface Place {
  /** The revision's schema without and with the operation, folded from the base: what MLflow would have. */
  readonly before: Schema;
  readonly after: Schema;
  /** The same after the whole revision. */
  readonly end: Schema;
}

/**
 * What is left of one revision on a database where an upgrade may have died in it, MLflow's or ours. Each operation
 * looks only at what it changes itself: as it was → to do, as it shall be → done. Everything else may be as it
 * likes. Row work is always left, because it is done twice without harm, and the stamp is never asked.
 *
 * @param live the schema as it is; @param expected as the stamp says it should be before the revision
 * @throws SchemaConflict where something else stands in an operation's way
 */
export function restOf(
  live: Schema,
  operations: readonly Operation[],
  expected: Schema,
  traits: Traits,
): Rest {
  const end = applyAll(expected, operations, traits);
  const rest: Operation[] = [];
  const notes: string[] = [];
  let [state, before] = [live, expected];
  for (const operation of operations) {
    const after = apply(before, operation, traits);
    const place: Place = { before, after, end };
    if (!isDone(state, operation, place, traits)) {
      notes.push(...surprises(state, operation, place, traits));
      rest.push(operation);
      state = apply(state, operation, traits);
    }
    before = after;
  }
  return { operations: rest, after: state, notes };
}

function isDone(live: Schema, operation: Operation, place: Place, traits: Traits): boolean {
  if (operation.kind === 'rows' || operation.kind === 'insertRow' || operation.kind === 'only') return false;
  if (operation.kind === 'createTable') {
    const table = live.get(operation.table.name);
    const wanted = place.end.get(operation.table.name);
    return (
      table !== undefined &&
      (holds(table, operation.table, traits) || (wanted !== undefined && holds(table, wanted, traits)))
    );
  }
  const table = live.get(operation.table);
  // Without its table nothing is done; `apply` will say so.
  if (!table) return false;
  switch (operation.kind) {
    case 'addColumn':
      return serves(columnOf(table, operation.column.name), operation, place, traits);
    case 'dropColumn':
      return columnOf(table, operation.column) === undefined;
    case 'renameColumn':
      return columnOf(table, operation.column) === undefined && columnOf(table, operation.to) !== undefined;
    case 'replacePrimaryKey':
      return sameColumns(table.primaryKey?.columns ?? [], operation.columns);
    case 'addUnique': {
      const { name, columns } = operation.unique;
      return (
        table.uniques.some((unique) => unique.name === name && sameColumns(unique.columns, columns)) ||
        table.indexes.some((index) => index.name === name && isUniqueIndexOn(index, columns))
      );
    }
    case 'addForeignKey': {
      const wanted = count(place.after, table.name, (other) => foreignKeysLike(other, operation.foreignKey));
      return foreignKeysLike(table, operation.foreignKey).length >= wanted;
    }
    case 'dropForeignKey':
      return foreignKeysTo(table, operation.refTable, operation.columns).length === 0;
    case 'addCheck':
      return hasCheck(table, operation.check, place, traits);
    case 'addBooleanCheck':
      return hasCheck(table, { name: null, expression: `${operation.column} IN (0, 1)` }, place, traits);
    case 'createTrigger': {
      const found = table.triggers.find((trigger) => trigger.name === operation.trigger.name);
      return found !== undefined && traits.sameTrigger(found, operation.trigger, table.name);
    }
    default:
      // What `apply` leaves as it is, is done: alterColumn, createIndex, dropIndex, dropUnique, dropCheck.
      return apply(live, operation, traits) === live;
  }
}

/** Whether a table has all columns of another one, each of its type. */
const holds = (table: Table, wanted: Table, traits: Traits): boolean =>
  wanted.columns.every((column) => {
    const found = columnOf(table, column.name);
    return found !== undefined && traits.sameType(column.type, found);
  });

/** A column may also be as a later operation of the revision makes it. */
function serves(
  found: Column | undefined,
  operation: Extract<Operation, { kind: 'addColumn' }>,
  place: Place,
  traits: Traits,
): boolean {
  if (!found) return false;
  const final = place.end.get(operation.table);
  return [operation.column, final && columnOf(final, operation.column.name)].some(
    (wanted) => wanted && columnProblems(found, wanted, traits).length === 0,
  );
}

const isLike = (key: ForeignKey, wanted: ForeignKey): boolean =>
  key.refTable === wanted.refTable &&
  sameColumns(key.columns, wanted.columns) &&
  sameColumns(key.refColumns, wanted.refColumns) &&
  key.onDelete === wanted.onDelete &&
  key.onUpdate === wanted.onUpdate;

const foreignKeysLike = (table: Table, wanted: ForeignKey): ForeignKey[] =>
  table.foreignKeys.filter(
    (key) => isLike(key, wanted) && (wanted.name === null || key.name === wanted.name),
  );

const count = (schema: Schema, table: string, of: (table: Table) => readonly unknown[]): number => {
  const found = schema.get(table);
  return found ? of(found).length : 0;
};

/** MLflow adds one check twice, so they are counted. A name that something else has is for `apply` to refuse. */
function hasCheck(table: Table, check: Check, place: Place, traits: Traits): boolean {
  const like = (other: Table) =>
    other.checks.filter(
      (found) =>
        traits.sameExpression(found.expression, check.expression) &&
        (check.name === null || found.name === check.name),
    );
  return like(table).length >= count(place.after, table.name, like);
}

/** A column whose type is neither the one before nor the one after: MLflow would change it, and so do we. */
function surprises(live: Schema, operation: Operation, place: Place, traits: Traits): string[] {
  if (operation.kind !== 'alterColumn' || !operation.change.type) return [];
  const [table, known] = [live.get(operation.table), place.before.get(operation.table)];
  const found = table && columnOf(table, operation.column);
  const expected = known && columnOf(known, operation.column);
  if (!found || !expected || found.type.kind !== 'native' || traits.sameType(expected.type, found)) return [];
  return [
    `${operation.table}.${operation.column} is ${found.type.text}, which no revision of MLflow made it; it is changed as MLflow changes it`,
  ];
}
