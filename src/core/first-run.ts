import type { Session } from '../dialects/dialect.js';
import { blockedError } from '../errors.js';
import type { Operation } from '../schema/operation.js';
import { columnOf, type Schema, sameColumns } from '../schema/table.js';

/**
 * What is left to do of the base and the first revision where a first run of MLflow died: it creates the five tables
 * in one step and changes `metrics` in another, and only then writes a stamp. On SQLite Alembic's changes stand one
 * by one until its first copy of rows, so a column without the new key is possible.
 */
export function restOfFirstRun(
  base: readonly Operation[],
  first: readonly Operation[],
  live: Schema,
): { base: Operation[]; first: Operation[] } {
  const metrics = live.get('metrics');
  return {
    base: base.filter((operation) => operation.kind !== 'createTable' || !live.has(operation.table.name)),
    first: first.filter((operation) => {
      if (operation.kind === 'addColumn') return !metrics || !columnOf(metrics, operation.column.name);
      if (operation.kind === 'replacePrimaryKey')
        return !metrics?.primaryKey || !sameColumns(metrics.primaryKey.columns, operation.columns);
      return true;
    }),
  };
}

/**
 * Drops the scratch copies that Alembic left (`_alembic_tmp_<table>`), when the table itself is there and whole.
 *
 * @returns what was dropped, for the operator.
 * @throws exit 10 when a copy is there and its table is not: the copy may hold the only rows.
 */
export async function dropScratchCopies(session: Session, live: Schema): Promise<string[]> {
  const copies = [...live.keys()].filter((name) => name.startsWith('_alembic_tmp_'));
  for (const copy of copies) {
    const original = copy.slice('_alembic_tmp_'.length);
    if (!live.has(original))
      throw blockedError(
        `${session.place}: table ${original} is missing, and ${copy} from a dead upgrade may hold its rows`,
        'restore a backup; or compare the copy by hand and rename it',
      );
    await session.query(`DROP TABLE ${session.sql.quote(copy)}`);
  }
  return copies;
}
