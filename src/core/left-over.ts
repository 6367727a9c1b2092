import type { Dialect } from '../dialects/dialect.js';
import { apply } from '../schema/apply.js';
import { SchemaConflict } from '../schema/conflict.js';
import type { Operation } from '../schema/operation.js';
import { columnOf, type Schema, type Table } from '../schema/table.js';
import type { Traits } from '../schema/traits.js';
import { type Rest, restOf } from './heal.js';
import { inverseOf } from './inverse.js';
import { type Chain, operationsOf } from './revisions.js';

/** The schema that MLflow has at each ordinal up to `last`. */
export function foldedAt(dialect: Dialect, chain: Chain, last: number): Schema[] {
  const schemas: Schema[] = [];
  let state: Schema = new Map();
  for (const revision of chain.revisions.slice(0, last + 1)) {
    state = operationsOf(revision, dialect.name).reduce(
      (before, operation) => apply(before, operation, dialect.traits),
      state,
    );
    schemas.push(state);
  }
  return schemas;
}

/**
 * Where DDL commits by itself the stamp goes first: what a downgrade that died left is parts of the next revision.
 * Its ordinal if undoing it would change anything, else `current`.
 */
export function leftOver(
  dialect: Dialect,
  chain: Chain,
  folded: readonly Schema[],
  current: number,
  live: Schema,
): number {
  const next = chain.revisions[current + 1];
  if (!next) return current;
  const { operations, above } = inverseOf(next, folded[current] as Schema, dialect);
  try {
    const { after } = restBack(live, operations, above, dialect.traits);
    return [...live].every(([name, table]) => isLike(table, after.get(name))) ? current : current + 1;
  } catch (error) {
    if (error instanceof SchemaConflict) return current + 1;
    throw error;
  }
}

/**
 * What is left of the way down over one revision. A column that is gone already, or has its old name again, needs no
 * change before it goes.
 */
export function restBack(
  live: Schema,
  operations: readonly Operation[],
  above: Schema,
  traits: Traits,
): Rest {
  const leaves = (table: string, name: string): boolean =>
    operations.some(
      (operation) =>
        (operation.kind === 'dropColumn' || operation.kind === 'renameColumn') &&
        operation.table === table &&
        operation.column === name,
    );
  const needed = operations.filter((operation) => {
    if (operation.kind !== 'alterColumn' || !leaves(operation.table, operation.column)) return true;
    const table = live.get(operation.table);
    return !table || columnOf(table, operation.column) !== undefined;
  });
  return restOf(live, needed, above, traits);
}

/** Whether two tables say the same, in whatever order. */
function isLike(table: Table, other: Table | undefined): boolean {
  return other !== undefined && (table === other || shapeOf(table) === shapeOf(other));
}

const shapeOf = ({ columns, primaryKey, uniques, foreignKeys, checks, indexes }: Table): string =>
  JSON.stringify([
    columns,
    primaryKey?.columns,
    uniques.map((unique) => unique.columns.join()).sort(),
    foreignKeys
      .map((key) => JSON.stringify([key.columns, key.refTable, key.refColumns, key.onDelete, key.onUpdate]))
      .sort(),
    checks.map((check) => check.expression).sort(),
    indexes.map(({ name, unique, columns: parts }) => JSON.stringify([name, unique, parts])).sort(),
  ]);
