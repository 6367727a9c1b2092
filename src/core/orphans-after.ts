import type { Orphan, Session } from '../dialects/dialect.js';
import { same } from '../schema/same.js';
import type { Schema, Table } from '../schema/table.js';
import type { Step } from './steps.js';

/**
 * The dangling rows after an upgrade. Where neither a table nor what its foreign keys point to was written to, what was
 * dangling before is so still, and is not looked for again: that would be a second read of the biggest tables.
 *
 * @param live the schema before the steps, @param before the dangling rows then
 */
export async function orphansAfter(
  session: Session,
  live: Schema,
  steps: readonly Step[],
  before: readonly Orphan[],
): Promise<Orphan[]> {
  const asked = tablesToAsk(live, steps);
  if (asked === null) return session.orphans();
  return [...before.filter(({ table }) => !asked.has(table)), ...(await session.orphans(asked))];
}

/** null: all of them. */
export function tablesToAsk(live: Schema, steps: readonly Step[]): ReadonlySet<string> | null {
  const end = steps.reduce((schema, step) => (step.kind === 'change' ? step.after : schema), live);
  const written = new Set(steps.flatMap(writtenBy));
  // A trigger may write anywhere.
  if ([...written].some((name) => live.get(name)?.triggers.length !== 0 && live.has(name))) return null;
  const isTouched = (name: string): boolean => {
    const [old, now] = [live.get(name), end.get(name)];
    return written.has(name) || !old || !now || !same(uniqueIn(old), uniqueIn(now));
  };
  return new Set(
    [...end.values()]
      .filter(
        ({ name, foreignKeys }) =>
          isTouched(name) ||
          !same(foreignKeys, live.get(name)?.foreignKeys) ||
          foreignKeys.some(({ refTable }) => isTouched(refTable)),
      )
      .map(({ name }) => name),
  );
}

function writtenBy(step: Step): readonly string[] {
  if (step.kind === 'stamp') return [];
  if (step.kind === 'rows') return step.work.writes;
  return [
    ...step.statements.filter(({ replaces }) => replaces).map(({ table }) => table),
    ...step.operations.flatMap((operation) => (operation.kind === 'insertRow' ? [operation.table] : [])),
  ];
}

/** What a foreign key may point to. */
const uniqueIn = ({ primaryKey, uniques, indexes }: Table) => [
  primaryKey,
  uniques,
  indexes.filter(({ unique }) => unique),
];
