import type { Session } from '../dialects/dialect.js';
import { blockedError } from '../errors.js';
import type { SchemaConflict } from '../schema/conflict.js';
import { type Schema, sameColumns, type Table } from '../schema/table.js';
import type { Listener } from './events.js';
import { rowContext } from './row-context.js';
import type { Step } from './steps.js';
import type { Stop } from './stop.js';

/**
 * Everything that would stop the upgrade half-way is looked for before the first change: objects of the user's that
 * depend on what must go, missing rights, rows that MLflow refuses. Each reason says what to do.
 *
 * @param live the schema before the first step, @param present the tables whose rows can be read now
 */
export async function findReasons(
  session: Session,
  { live, present }: { readonly live: Schema; readonly present: Schema },
  steps: readonly Step[],
  stop: Stop,
  listen: Listener,
): Promise<string[]> {
  const after = steps.reduce((state, step) => (step.kind === 'change' ? step.after : state), live);
  const operations = steps.flatMap((step) =>
    step.kind === 'change' ? step.operations : step.kind === 'rows' ? [step.work] : [],
  );
  const reasons = [...lostReferences(live, after), ...(await session.obstacles(operations, live, after))];
  for (const step of steps) {
    if (step.kind !== 'rows' || !step.work.preflight) continue;
    if (!step.work.reads.every((table) => present.has(table))) continue;
    stop.check();
    const refusals = await step.work.preflight(rowContext(session, stop, listen));
    reasons.push(...refusals.map((refusal) => refusal.message));
  }
  return reasons;
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
