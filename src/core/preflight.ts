import type { Dialect, Session } from '../dialects/dialect.js';
import { blockedError } from '../errors.js';
import { applyAll } from '../schema/apply.js';
import { SchemaConflict } from '../schema/conflict.js';
import type { Operation } from '../schema/operation.js';
import { type Schema, sameColumns, type Table } from '../schema/table.js';
import type { Listener } from './events.js';
import { rowContext } from './runner.js';
import type { Stop } from './stop.js';

/**
 * Everything that would stop the upgrade half-way is looked for before the first change: a schema that does not fit,
 * objects of the user's that depend on what must go, missing rights, rows that MLflow refuses.
 *
 * @throws exit 10 with every reason found.
 */
export async function preflight(
  session: Session,
  live: Schema,
  operations: readonly Operation[],
  stop: Stop,
  listen: Listener,
): Promise<void> {
  const after = fold(session.dialect, live, operations);
  const reasons = [...lostReferences(live, after), ...(await session.obstacles(operations, live, after))];
  for (const operation of operations) {
    if (operation.kind !== 'rows' || !operation.preflight) continue;
    if (!operation.reads.every((table) => live.has(table))) continue;
    stop.check();
    const refusals = await operation.preflight(rowContext(session, stop, listen));
    reasons.push(...refusals.map((refusal) => refusal.message));
  }
  if (reasons.length > 0) throw blocked(session.place, reasons);
}

function fold(dialect: Dialect, live: Schema, operations: readonly Operation[]): Schema {
  try {
    return applyAll(live, operations, dialect.traits);
  } catch (error) {
    if (error instanceof SchemaConflict) throw conflictError(error);
    throw error;
  }
}

/** What stands in the way of an operation, as a refusal. */
export const conflictError = (conflict: SchemaConflict): Error =>
  blockedError(
    `the schema is not what its revision says: ${conflict.message}`,
    'a column or table added or dropped by hand must be put right first; nothing was changed',
  );

/** A refusal with all its reasons; each says what to do. */
export function blocked(place: string, reasons: readonly string[]): Error {
  const lead = reasons.length === 1 ? '' : `${reasons.length} reasons:\n  - `;
  return blockedError(
    `${place} cannot be upgraded as it stands: ${lead}${reasons.join('\n  - ')}`,
    'nothing was changed',
  );
}

/** Foreign keys, of the user's tables above all, whose target is unique now and will not be afterwards. */
export function lostReferences(before: Schema, after: Schema): string[] {
  const found: string[] = [];
  for (const table of after.values()) {
    for (const key of table.foreignKeys) {
      const [old, target] = [before.get(key.refTable), after.get(key.refTable)];
      if (!old || !target || old === target || old.opaque) continue;
      const columns = key.refColumns.length > 0 ? key.refColumns : (old.primaryKey?.columns ?? []);
      const now = key.refColumns.length > 0 ? columns : (target.primaryKey?.columns ?? []);
      if (isUnique(old, columns) && (!isUnique(target, now) || now.length !== key.columns.length))
        found.push(
          `a foreign key of table ${table.name}${key.name ? ` (${key.name})` : ''} on ${key.columns.join(', ')} references ${key.refTable}(${columns.join(', ')}), which is no longer unique afterwards: drop that foreign key first`,
        );
    }
  }
  return found;
}

const isUnique = (table: Table, columns: readonly string[]): boolean =>
  sameSet(table.primaryKey?.columns ?? [], columns) ||
  table.uniques.some((unique) => sameSet(unique.columns, columns)) ||
  table.indexes.some(
    (index) =>
      index.unique &&
      index.where === null &&
      sameSet(
        index.columns.map((column) => column.name),
        columns,
      ),
  );

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  sameColumns([...a].sort(), [...b].sort());
