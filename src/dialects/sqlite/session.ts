import type { Knex } from 'knex';
import { blockedError, ExitCode, MltrackError } from '../../errors.js';
import type { Operation } from '../../schema/operation.js';
import type { Row } from '../../schema/row-work.js';
import type { Schema } from '../../schema/table.js';
import type { ConnectOptions, Dialect, Orphan, Session, SqlContext } from '../dialect.js';
import { translate } from './errors.js';
import { isWritable } from './file.js';
import { introspect, isInternal } from './introspect.js';
import { keepingStatistics } from './keep.js';
import { findObstacles } from './obstacles.js';
import { foreignKeyOrphans } from './orphans.js';
import { quote } from './quote.js';
import { sqlContext } from './sql-context.js';

/** What node-sqlite3 gives as a connection, as far as it is used beside Knex. */
export interface Handle {
  interrupt(): void;
  configure(option: 'busyTimeout', value: number): void;
}

/** A writer that is gone sooner is not worth a word. */
const tellAfterMs = 1000;

/** SQLite's own wait for a lock cannot be interrupted, so it is asked to wait in slices. */
const sliceMs = 250;

/** sqlite3_busy_timeout takes an int. */
const maxTimeoutMs = 2_147_483_647;

/** A session on one SQLite file. */
export class SqliteSession implements Session {
  readonly sql: SqlContext;
  private inTransaction = false;
  private interrupted = false;
  private reading = false;

  constructor(
    readonly dialect: Dialect,
    private readonly knex: Knex,
    private readonly handle: Handle,
    readonly place: string,
    readonly server: string,
    private readonly options: ConnectOptions,
  ) {
    this.sql = sqlContext(this);
  }

  query<T extends Row = Row>(sql: string, params: readonly unknown[] = []): Promise<T[]> {
    return this.inTransaction ? this.send(sql, params) : this.patiently(() => this.send(sql, params));
  }

  private async send<T extends Row>(sql: string, params: readonly unknown[]): Promise<T[]> {
    try {
      const raw = params.length > 0 ? this.knex.raw(sql, params as Knex.RawBinding[]) : this.knex.raw(sql);
      return await raw.connection(this.handle);
    } catch (error) {
      throw translate(error, this.place);
    }
  }

  async execute(sql: string, params: readonly unknown[] = []): Promise<number> {
    await this.query(sql, params);
    const [row] = await this.query<{ n: number }>('SELECT changes() AS n');
    return row?.n ?? 0;
  }

  async tableNames(): Promise<string[]> {
    const rows = await this.query<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
    return rows.map((row) => row.name).filter((name) => !isInternal(name));
  }

  introspect(): Promise<Schema> {
    return introspect(this);
  }

  /**
   * Takes the file's write lock before anything is read for the upgrade. Both PRAGMAs do nothing inside a
   * transaction: foreign keys must be off while a parent table is replaced, and the old meaning of RENAME keeps the
   * references of other tables and views to the name (https://www.sqlite.org/pragma.html#pragma_legacy_alter_table).
   */
  async begin(): Promise<void> {
    if (!isWritable(this.place))
      throw blockedError(
        `${this.place} or its directory is read-only`,
        'an upgrade needs write permission on both: the journal stands beside the file',
      );
    await this.query('PRAGMA foreign_keys = OFF');
    await this.query('PRAGMA legacy_alter_table = ON');
    await this.query('BEGIN IMMEDIATE');
    this.inTransaction = true;
    // A reader that is still there can hold up the commit.
    this.handle.configure('busyTimeout', Math.min(this.options.lockWaitMs, maxTimeoutMs));
  }

  async beginReadOnly(): Promise<void> {
    await this.query('PRAGMA query_only = ON');
    await this.query('BEGIN');
    this.inTransaction = true;
    this.reading = true;
  }

  /** Repeats what finds the file locked. SQLite cannot say who holds it; after a short while it is told that somebody does. */
  private async patiently<T>(work: () => Promise<T>): Promise<T> {
    const { lockWaitMs, onWait } = this.options;
    const since = Date.now();
    for (let told = false; ; ) {
      const left = Math.max(since + lockWaitMs - Date.now(), 0);
      this.handle.configure('busyTimeout', Math.min(left, sliceMs));
      try {
        return await work();
      } catch (error) {
        const busy = error instanceof MltrackError && error.exitCode === ExitCode.locked;
        if (!busy || left === 0 || this.interrupted) throw error;
        if (told || Date.now() - since < tellAfterMs) continue;
        onWait?.(`another process is writing to ${this.place}`);
        told = true;
      }
    }
  }

  async commit(): Promise<void> {
    await this.query('COMMIT');
    this.inTransaction = false;
  }

  async rollback(): Promise<void> {
    if (!this.inTransaction) return;
    this.inTransaction = false;
    // After a full disk or a corrupt page SQLite has rolled back by itself and refuses the word.
    await this.query('ROLLBACK').catch(() => undefined);
    // Then it has left its journal for whoever reads next: let that be us, so that the file is what it was.
    await this.query('SELECT name FROM sqlite_master LIMIT 1').catch(() => undefined);
    if (this.reading) await this.query('PRAGMA query_only = OFF').catch(() => undefined);
    this.reading = false;
  }

  /** SQLite knows nobody. */
  async others(): Promise<string[]> {
    return [];
  }

  async blockers(): Promise<string[]> {
    return [];
  }

  async interrupt(): Promise<void> {
    this.interrupted = true;
    this.handle.interrupt();
  }

  obstacles(operations: readonly Operation[], before: Schema, after: Schema): Promise<string[]> {
    return findObstacles(this, operations, before, after);
  }

  around(rebuilt: readonly string[], work: () => Promise<void>): Promise<void> {
    return keepingStatistics(this, rebuilt, work);
  }

  orphans(): Promise<Orphan[]> {
    return foreignKeyOrphans(this);
  }

  /** The greatest rowid is known at once; it is at least the number of rows unless some were deleted. */
  async estimateRows(table: string): Promise<number> {
    const [row] = await this.query<{ n: number | null }>(`SELECT max(rowid) AS n FROM ${quote(table)}`);
    return row?.n ?? 0;
  }

  async analyze(table: string): Promise<void> {
    await this.query(`ANALYZE ${quote(table)}`);
  }

  async close(): Promise<void> {
    await this.rollback();
    await this.knex.client.releaseConnection(this.handle);
    await this.knex.destroy();
  }
}
