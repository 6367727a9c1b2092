import type { Cost, TableSize } from '../../dialects/cost.js';
import type { Session } from '../../dialects/dialect.js';
import type { StatusModule } from '../../dialects/status.js';
import { MltrackError } from '../../errors.js';
import type { Chain } from '../revisions.js';
import { versionTable } from '../state.js';

/** How big a table is, as far as that was told in time. */
export interface SizeOfTable {
  readonly table: string;
  /** False: the user's own. */
  readonly mlflow: boolean;
  /** null: not known, because a lock keeps readers out, or this role does not see it. */
  readonly rows: number | null;
  /** False: the server's estimate. */
  readonly exact: boolean;
  /** On disk, with indexes. */
  readonly bytes: number | null;
}

/** Counting may take so long in all; a statement that waits is ended after twice as long and more. */
const budgetSeconds = 0.35;
const deadlineMs = 900;

/**
 * Sizes of all tables, the biggest first. Must be the last thing asked of a session: what takes too long is ended from
 * outside.
 */
export async function sizesOf(
  session: Session,
  cost: Pick<Cost, 'storage'>,
  server: StatusModule,
  isMlflows: (table: string) => boolean,
): Promise<SizeOfTable[]> {
  const tables = await session.tableNames();
  const held = new Set(await server.unreadable(session, tables));
  const free = tables.filter((table) => !held.has(table));
  const read =
    (await within(session, deadlineMs, () => cost.storage(free, budgetSeconds))) ??
    (await within(session, deadlineMs, () => cost.storage(free, 0))) ??
    [];
  const found = new Map(read.map((size): [string, TableSize] => [size.table, size]));
  return tables
    .map((table): SizeOfTable => {
      const { rows = null, exact = false, bytes = null } = found.get(table) ?? {};
      return { table, mlflow: isMlflows(table), rows, exact, bytes };
    })
    .sort((a, b) => (b.bytes ?? -1) - (a.bytes ?? -1) || (b.rows ?? -1) - (a.rows ?? -1));
}

/** null where the work was ended because it took too long, or was refused: rows of a table that this role may not read. */
async function within<T>(session: Session, ms: number, work: () => Promise<T>): Promise<T | null> {
  let ended = false;
  const timer = setTimeout(() => {
    ended = true;
    session.interrupt().catch(() => undefined);
  }, ms);
  try {
    return await work();
  } catch (error) {
    if (ended || error instanceof MltrackError) return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Tells a table that MLflow has, or once had, by its name. */
export function tablesOfMlflow(chain: Chain): (table: string) => boolean {
  return (table) => chain.tables.has(table) || table === versionTable;
}
