import type { Facet } from '../schema/diff.js';
import type { Operation } from '../schema/operation.js';
import type { Row, RowContext } from '../schema/row-work.js';
import type { Schema } from '../schema/table.js';
import type { Traits } from '../schema/traits.js';
import type { BackupModule } from './backup.js';
import type { CheckModule } from './check.js';
import type { CostModule } from './cost.js';
import type { GcModule } from './gc.js';
import type { ProgressModule } from './progress.js';
import type { RepairModule } from './repair.js';
import type { ScriptLanguage } from './script.js';
import type { StatusModule } from './status.js';
import type { DatabaseUri } from './uri.js';

export type { GcModule, ScriptLanguage };

export type DialectName = 'sqlite' | 'postgresql' | 'mysql' | 'mssql';

/** One SQL statement of an upgrade. */
export interface Statement {
  readonly sql: string;
  /** The table it is about, for the progress line. */
  readonly table: string;
  /** What it does, in a few words: "copy metrics". */
  readonly title: string;
  /** The server reads every row of the table for it; others only change the catalog. */
  readonly scans?: boolean;
  /** The table is dropped and takes its place again. */
  readonly replaces?: boolean;
  /** The whole definition of the table is written, over what may have come to it since. */
  readonly describes?: boolean;
  /** It runs by itself, outside of the transaction of its neighbours; online only. */
  readonly alone?: boolean;
  /** Online only: the server knows no way to do it while others write to the table, and the table is big. */
  readonly keepsWritersOut?: boolean;
  /** A setting of the session that goes on for this statement alone, and off whatever becomes of it. */
  readonly setting?: { readonly on: string; readonly off: string };
}

/** What an upgrade that works online began and did not finish, or died in. */
export interface Unfinished {
  /** The schema without it. */
  readonly live: Schema;
  /** What takes it away; the upgrade then begins it again. */
  readonly statements: readonly Statement[];
}

/** The part of a session's row context that only the server knows. */
export type SqlContext = Omit<RowContext, 'progress' | 'warn' | 'now' | 'checkpoint'>;

/** A row whose foreign key points nowhere. */
export interface Orphan {
  readonly table: string;
  readonly refTable: string;
  /** The key that has no parent, as texts; the same for every row that misses it. */
  readonly values: readonly string[];
}

/** For how long a statement may wait for a lock, where the user does not say. */
export const defaultLockTimeoutMs = 10_000;

/**
 * From so many bytes of rows on a table is big, where the user does not say: to build an index on less takes a
 * fraction of a second, while the gentle way reads the table twice and waits for every older transaction.
 */
export const defaultBigFrom = 32 * 2 ** 20;

export interface ConnectOptions {
  /** How long to wait for a lock that another runner holds, milliseconds. */
  readonly lockWaitMs: number;
  /** How long one statement may wait for a lock before the upgrade steps back and tries again; default 10 s. */
  readonly lockTimeoutMs?: number;
  /** How long one statement may run, milliseconds; without it as long as it needs. */
  readonly statementTimeoutMs?: number;
  /** Nothing will be written: a file need not be writable, and is not made where it is missing. */
  readonly readOnly?: boolean;
  /** Also: nothing of a database that is a file changes, no byte, no time, no file beside it. Servers do without. */
  readonly untouched?: boolean;
  /**
   * The upgrade runs beside a live server: each change for itself, on tables with so many bytes of rows or more in the
   * way that keeps others waiting least.
   */
  readonly online?: { readonly bigFrom: number };
  /** Told once when somebody else holds the lock, with who it is as far as the server knows. */
  readonly onWait?: (reason: string) => void;
  /** Told where `readOnly` finds no file: what is looked at is an empty database, or the name is mistyped. */
  readonly onMissing?: (place: string) => void;
}

/**
 * One connection, from first read to commit. Everything an upgrade asks of a database goes through here.
 */
export interface Session {
  /** The dialect as this very server speaks it (MySQL and MariaDB differ). */
  readonly dialect: Dialect;
  /** "SQLite 3.52.0". */
  readonly server: string;
  /** What the connection is to, for people; never a password. */
  readonly place: string;
  readonly sql: SqlContext;
  /** Between a begin and its commit or rollback. */
  readonly inTransaction: boolean;
  query<T extends Row = Row>(sql: string, params?: readonly unknown[]): Promise<T[]>;
  execute(sql: string, params?: readonly unknown[]): Promise<number>;
  /** The names of all tables of the database or of its current schema, without the server's own. */
  tableNames(): Promise<string[]>;
  /** Reads the whole schema. */
  introspect(): Promise<Schema>;
  /** Waits for the lock that keeps other runners out, then opens the transaction. @throws exit 7 */
  begin(): Promise<void>;
  /** Opens a transaction for a bounded piece of row work beside a live server, without an upgrade's lock. @throws exit 7 */
  beginWrite(): Promise<void>;
  /** Opens one consistent view of the database, in which the server refuses to write; `rollback` ends it. */
  beginReadOnly(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Gives back the lock of `begin` where it outlives a rollback: others may work while a person is asked. */
  letGo?(): Promise<void>;
  /** Other sessions on the database that are no mltrack, a phrase each. */
  others(): Promise<string[]>;
  /** Sessions that hold locks, a phrase each: who made the upgrade wait. */
  blockers(): Promise<string[]>;
  /** Stops the statement that runs now, from outside of it. */
  interrupt(): Promise<void>;
  /** Rights, views and whatever else of this server would stop `operations` on the way from `before` to `after`; empty when nothing does. */
  obstacles(operations: readonly Operation[], before: Schema, after: Schema): Promise<string[]>;
  /** What the server needs beside the schema's statements to keep what they would lose (statistics, sequences). */
  around(rebuilt: readonly string[], work: () => Promise<void>): Promise<void>;
  /** Does work as one transaction where none is open; without it the server has one open, or none for such work. */
  atomically?(work: () => Promise<void>): Promise<void>;
  /** Runs a statement that is `alone`: it may wait for as long as for another runner, because nobody waits behind it. */
  alone?(statement: Statement): Promise<void>;
  /** What is left half-built of that which `end`, the schema of the target, has beyond `known`, that of the stamp. */
  unfinished?(live: Schema, known: Schema, end: Schema): Promise<Unfinished>;
  /** Rows with a dangling foreign key, of all tables or of these; empty where the server keeps them out by itself. */
  orphans(tables?: ReadonlySet<string>): Promise<Orphan[]>;
  /** About how many rows a table has, without counting them; for progress only. */
  estimateRows(table: string): Promise<number>;
  /** Refreshes the server's statistics of a table. */
  analyze(table: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A dialect: how one kind of server is spoken to.
 *
 * To add one: a folder beside this file with the same file names (connect, introspect, compile, types, session, cost,
 * script, backup, equivalent, check, progress where the server tells), an entry in `index.ts`, its name in `DialectName`; every `Record<DialectName, …>` then fails to
 * compile exactly where work is due. The suite in `test/` loops over all dialects; goldens come from
 * `fixtures/tools/goldens.py`.
 */
export interface Dialect {
  readonly name: DialectName;
  readonly label: string;
  readonly traits: Traits;
  /** Whether DDL takes part in a transaction; if so the whole upgrade is one. */
  readonly transactionalDdl: boolean;
  /** Why nothing can be done online on its servers; null: `ConnectOptions.online` gives a session whose dialect works so. */
  readonly offline: string | null;
  /** Of a dialect that works online: what is given up for it, to be agreed to; null: nothing. */
  readonly online?: { readonly givesUp: string | null };
  /** Whether a table is filled before it gets its key and its foreign keys, which are then built and checked at once. */
  readonly fillsBare?: boolean;
  /** Whether adding a foreign key looks at the rows that are there. */
  readonly checksForeignKeys: boolean;
  /** Changes of a column that the server refuses while a foreign key is on it; a repair then takes the key off for them. */
  readonly foreignKeysHold: readonly Facet[];
  connect(uri: DatabaseUri, options: ConnectOptions): Promise<Session>;
  /** The statements that carry `operations` out on `schema`, folded as far as the server profits from it. */
  compile(operations: readonly Operation[], schema: Schema): Statement[];
  /** How its databases are checked and repaired; loaded when it is asked for. */
  check(): Promise<CheckModule>;
  /** What else a repair needs to know; loaded when it is asked for. */
  repair(): Promise<RepairModule>;
  /** How its databases are backed up; loaded when it is asked for. */
  backup(): Promise<BackupModule>;
  /** What an upgrade costs on its servers; loaded when it is asked for. */
  cost(): Promise<CostModule>;
  /** How a second connection sees how far a statement is; null where nothing of a server's tells. Loaded when it is asked for. */
  progress(): Promise<ProgressModule | null>;
  /** Who uses its databases, and what operators ask of them; loaded when it is asked for. */
  status(): Promise<StatusModule>;
  /** How rows are chosen and held for a collection; loaded when it is asked for. */
  gc(): Promise<GcModule>;
  /** The statements that create `schema` in an empty database, parents first. */
  create(schema: Schema): Statement[];
  /** How a script is written for the server's own command line client. */
  script(): Promise<ScriptLanguage>;
}
