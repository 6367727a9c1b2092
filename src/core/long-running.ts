import type { LockClaim, Locks } from '../dialects/cost.js';
import type { Dialect } from '../dialects/dialect.js';
import type { Schema } from '../schema/table.js';
import { deedsOf } from './estimate.js';
import { type Chain, operationsOf } from './revisions.js';
import { stepsOf } from './steps.js';

/** A table whose rows a revision reads or writes: the more there are, the longer it takes. */
export interface LongWork {
  readonly table: string;
  /** The dearest thing that happens to it; `rows` for work on rows. */
  readonly work: Exclude<LockClaim['work'], 'metadata'>;
}

/** Cheapest first. */
const works: readonly LongWork['work'][] = ['online', 'scan', 'build', 'rows', 'rewrite'];

/**
 * The tables that were there before a revision and whose rows it reads, sorts, changes or writes anew, worked out from
 * its statements on the schema before it. Empty where only the catalog changes.
 */
export function longWorkOf(
  dialect: Dialect,
  locks: Locks,
  chain: Chain,
  before: Schema,
  ordinal: number,
): LongWork[] {
  const revision = chain.revisions[ordinal];
  if (!revision) return [];
  const remaining = new Map([[ordinal, operationsOf(revision, dialect.name)]]);
  const deeds = deedsOf(locks, stepsOf(dialect, remaining, before, 'row'), dialect.transactionalDdl);
  const found = new Map<string, LongWork['work']>();
  const note = (table: string, work: LongWork['work']): void => {
    if (!before.has(table)) return;
    const known = found.get(table);
    if (known === undefined || works.indexOf(known) < works.indexOf(work)) found.set(table, work);
  };
  for (const { of, claims } of deeds) {
    if (!('sql' in of)) for (const table of [...of.reads, ...of.writes]) note(table, 'rows');
    else for (const { table, work } of claims) if (work !== 'metadata') note(table, work);
  }
  return [...found].map(([table, work]) => ({ table, work }));
}
