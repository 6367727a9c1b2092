import type { Locks } from '../../dialects/cost.js';
import type { Dialect } from '../../dialects/dialect.js';
import { type Irreversible, irreversibleOn } from '../../schema/revision.js';
import type { Schema } from '../../schema/table.js';
import { foldedAt } from '../left-over.js';
import { type LongWork, longWorkOf } from '../long-running.js';
import type { Chain } from '../revisions.js';
import type { SizeOfTable } from './sizes.js';

interface Ahead {
  readonly revision: string;
  /** The first MLflow release that ships it. */
  readonly release: string;
  readonly title: string;
}

/** A revision ahead that cannot be undone. */
export interface PendingIrreversible extends Ahead {
  readonly kind: Irreversible['kind'];
  readonly why: string;
  readonly tables: readonly string[];
  /** Rows in those tables today; null where they could not be told. */
  readonly rows: number | null;
}

/** A revision ahead that takes the longer the more rows there are. */
export interface PendingLong extends Ahead {
  /** Tables that are there today, the most rows first. */
  readonly tables: readonly (LongWork & { readonly rows: number | null; readonly exact: boolean })[];
}

/** What lies between a database and the head. */
export interface Pending {
  readonly irreversible: readonly PendingIrreversible[];
  readonly long: readonly PendingLong[];
}

export const nothingPending: Pending = { irreversible: [], long: [] };

/** @param current ordinal of the database, 0 or more */
export function pendingFrom(
  dialect: Dialect,
  locks: Locks,
  chain: Chain,
  current: number,
  sizes: readonly SizeOfTable[],
): Pending {
  const size = new Map(sizes.map((one) => [one.table, one]));
  const folded = foldedAt(dialect, chain, chain.revisions.length - 1);
  const irreversible: PendingIrreversible[] = [];
  const long: PendingLong[] = [];
  for (const [ordinal, found] of chain.revisions.entries()) {
    if (ordinal <= current) continue;
    const { release, title } = found;
    const ahead: Ahead = { revision: found.revision as string, release, title };
    const lost = irreversibleOn(found, dialect.name);
    if (lost) {
      const { kind, why, tables } = lost;
      irreversible.push({ ...ahead, kind, why, tables, rows: rowsIn(tables, size) });
    }
    const tables = longWorkOf(dialect, locks, chain, folded[ordinal - 1] as Schema, ordinal)
      .flatMap((work) => {
        const { rows, exact } = size.get(work.table) ?? {};
        return rows === undefined || exact === undefined ? [] : [{ ...work, rows, exact }];
      })
      .sort((a, b) => (b.rows ?? -1) - (a.rows ?? -1));
    if (tables.length > 0) long.push({ ...ahead, tables });
  }
  return { irreversible, long };
}

/** Tables that are not there yet have none. */
function rowsIn(tables: readonly string[], size: ReadonlyMap<string, SizeOfTable>): number | null {
  let sum = 0;
  for (const table of tables) {
    const { rows } = size.get(table) ?? { rows: 0 };
    if (rows === null) return null;
    sum += rows;
  }
  return sum;
}
