import type { Operation } from '../schema/operation.js';
import type { RowWork } from '../schema/row-work.js';
import type { Schema } from '../schema/table.js';
import type { Session, Statement } from './dialect.js';

/** What the statements of one change come from: a step of an upgrade. */
export interface Change {
  readonly operations: readonly Operation[];
  readonly statements: readonly Statement[];
  readonly before: Schema;
  readonly after: Schema;
}

/**
 * What a server does to a table for a statement.
 * - `metadata`: changes the catalog and reads no row
 * - `online`: builds an index while others go on writing to the table
 * - `scan`: reads every row
 * - `build`: reads and sorts every row for an index
 * - `rewrite`: writes every row anew, and with it every index
 * - `rows`: changes some rows
 */
export type LockedWork = 'metadata' | 'online' | 'scan' | 'build' | 'rewrite' | 'rows';

/** Who has to wait for a table: nobody (beyond a moment), who writes to it, or who reads it too. */
export type Blocked = 'nothing' | 'writers' | 'everyone';

/** A lock that a statement takes on one table, in the server's own word for it. */
export interface LockClaim {
  readonly table: string;
  /** `ACCESS EXCLUSIVE`, `SHARE ROW EXCLUSIVE`, `MDL EXCLUSIVE`, `Sch-M`, `database file`. */
  readonly lock: string;
  readonly work: LockedWork;
  readonly blocks: Blocked;
}

/** How big a table is. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  /** False: the server's estimate, because counting would have taken too long. */
  readonly exact: boolean;
  /** On disk, with its indexes; null where the server does not tell. */
  readonly bytes: number | null;
}

/** One table of the probe: how long it took to read and to sort so many of its rows. */
export interface Sample {
  readonly table: string;
  readonly rows: number;
  readonly scanSeconds: number;
  readonly sortSeconds: number;
}

/** What a quick look at this very server said about its speed. */
export interface Probe {
  /** The way to the server and back. */
  readonly roundTripSeconds: number;
  readonly samples: readonly Sample[];
  /** About how many rows have foreign keys that mltrack checks itself, before and after. */
  readonly checkedRows: number;
}

/** What work costs on a kind of server, as bench/plan.mjs found it: units of what the probe measures on this very one. */
export interface Weights {
  /** Seconds that an upgrade takes whatever it does: reading the schema, loading revisions. */
  readonly fixed: number;
  /** Seconds of a statement, beside the way to the server: DDL waits for the disk. */
  readonly statement: number;
  /** Reading a row, in units of a row read by the probe. */
  readonly scan: number;
  /** One index, per row, in units of a row sorted by the probe. */
  readonly build: number;
  /** Writing a row anew while others wait, with its indexes where that is done row by row; in the same units. */
  readonly copy: number;
  /** Writing a row anew while others go on. */
  readonly rewrite: number;
  /** A row that row work looks at inside the server, in units of a row sorted by the probe. */
  readonly inside: number;
  /** A row that row work reads into this process and writes back, in units of a row read by the probe. */
  readonly stream: number;
  /** Checking the foreign keys of a row, where the server does not, in units of a row read by the probe. */
  readonly check: number;
  /** Speeds to assume where there were no rows to measure: seconds to read a row and to sort one. */
  readonly assumed: { readonly scan: number; readonly sort: number };
}

/** One statement, or one piece of row work, with the locks it takes; in the order in which it will happen. */
export interface Deed {
  readonly claims: readonly LockClaim[];
  readonly of: Statement | RowWork;
}

/** The disk that an upgrade needs while it runs, beside what the database takes now. */
export interface Disk {
  /** Bytes at the peak. */
  readonly needed: number;
  /** How `needed` came about, for people: "spans written anew, its new indexes". */
  readonly basis: string;
  /** Bytes, where they can be told. */
  readonly free: number | null;
  /** Where `free` is, or why it cannot be told. */
  readonly where: string;
}

/** Who waits for what, statement by statement. */
export interface Locks {
  /**
   * For each statement of a change the locks it takes, on the table it changes and on those its foreign keys point to.
   * Locks that let others read and write, as those of a SELECT or an INSERT, are left out.
   */
  claims(change: Change): LockClaim[][];
  /** The locks of work on rows, on the tables it writes to and on those it keeps writers off. */
  rowClaims(work: RowWork): LockClaim[];
}

/** What an upgrade costs on the server of one session. Everything here only reads, also in a read-only transaction. */
export interface Cost extends Locks {
  readonly weights: Weights;
  /** How many times slower than `weights.inside` work on a table is, whose sorted rows do not fit the server's memory. */
  spills(size: TableSize): number;
  /** Whether MLflow may keep running during these locks: one sentence. */
  meanwhile(claims: readonly LockClaim[]): string;
  /** Times bounded reads of the biggest tables; about a second in all. */
  measure(sizes: readonly TableSize[]): Promise<Probe>;
  /** Rows and bytes of tables that are there; counted where that takes less than `budgetSeconds` in all, by default 4.5. */
  storage(tables: readonly string[], budgetSeconds?: number): Promise<TableSize[]>;
  /** @param sizes of MLflow's tables that are there */
  disk(deeds: readonly Deed[], sizes: readonly TableSize[]): Promise<Disk>;
}

/** What `dialect.cost()` loads. */
export interface CostModule {
  /** Reads what the claims depend on: version, settings, character sets. */
  costOf(session: Session): Promise<Cost>;
  /** The locks on a new server as its vendor ships it: for what is told where no database is at hand. @param label of the dialect */
  typical(label: string): Locks;
}
