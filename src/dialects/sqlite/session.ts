import type { Knex } from 'knex';
import { blockedError, ExitCode, lockedError, MltrackError } from '../../errors.js';
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
import type { Way } from './untouched.js';

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

/** An open file. */
export interface Opened {
  readonly knex: Knex;
  readonly handle: Handle;
  /** How it was opened, where it must stay as it is. */
  readonly way?: Way;
}

export async function closeFile({ knex, handle }: Opened): Promise<void> {
  await knex.client.releaseConnection(handle);
  await knex.destroy();
}

/** What a session is on. */
export interface Peer {
  readonly dialect: Dialect;
  /** The path of the file. */
  readonly place: string;
  readonly server: string;
  /** Opens the file again, where that can become necessary. */
  readonly again?: () => Promise<Opened>;
}

/** A file that is written to all the time is given up after so many attempts to read it as it stands still. */
const mostReopened = 20;

/** A session on one SQLite file. */
export class SqliteSession implements Session {
  readonly sql: SqlContext;
  readonly dialect: Dialect;
  readonly place: string;
  readonly server: string;
  inTransaction = false;
  private interrupted = false;
  private reading = false;

  constructor(
    private readonly peer: Peer,
    private opened: Opened,
    private readonly options: ConnectOptions,
  ) {
    this.dialect = peer.dialect;
    this.place = peer.place;
    this.server = peer.server;
    this.sql = sqlContext(this);
  }

  /** A transaction beside the file was never finished; what is read is the state after its rollback. */
  get hotJournal(): boolean {
    return this.opened.way?.hotJournal ?? false;
  }

  private get handle(): Handle {
    return this.opened.handle;
  }

  query<T extends Row = Row>(sql: string, params: readonly unknown[] = []): Promise<T[]> {
    return this.inTransaction ? this.send(sql, params) : this.patiently(() => this.send(sql, params));
  }

  private async send<T extends Row>(sql: string, params: readonly unknown[]): Promise<T[]> {
    for (let attempt = 1; ; attempt++) {
      const { knex, handle, way } = this.opened;
      const raw = params.length > 0 ? knex.raw(sql, params as Knex.RawBinding[]) : knex.raw(sql);
      const answer: { rows: T[] } | { error: unknown } = await raw.connection(handle).then(
        (rows) => ({ rows }),
        (error: unknown) => ({ error }),
      );
      if (way?.isStale?.()) {
        await this.reopen(attempt);
        continue;
      }
      if ('rows' in answer) return answer.rows;
      throw translate(answer.error, this.place);
    }
  }

  /** Somebody has begun to write to a file that was read without a lock: what was read counts for nothing. */
  private async reopen(attempt: number): Promise<void> {
    const { again } = this.peer;
    if (this.inTransaction || attempt === mostReopened || !again)
      throw lockedError(
        `${this.place} was written to while it was read`,
        'run the same command again in a moment',
      );
    await closeFile(this.opened);
    this.opened = await again();
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

  /** Foreign keys are off: whoever deletes rows here takes the children himself, in sets and not row by row. */
  async beginWrite(): Promise<void> {
    if (!isWritable(this.place))
      throw blockedError(
        `${this.place} or its directory is read-only`,
        'deleting rows needs write permission on both: the journal stands beside the file',
      );
    await this.query('PRAGMA foreign_keys = OFF');
    // 16 MiB of pages instead of 2: rows of one item lie all over the file, in every index. With 32 the process held
    // 160 MB (bench/gc.md).
    await this.query('PRAGMA cache_size = -16384');
    await this.query('BEGIN IMMEDIATE');
    this.inTransaction = true;
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
    await this.query('PRAGMA writable_schema = OFF').catch(() => undefined);
    // Then it has left its journal for whoever reads next: let that be us, so that the file is what it was.
    await this.query('SELECT name FROM sqlite_master LIMIT 1').catch(() => undefined);
    if (this.reading && !this.options.untouched)
      await this.query('PRAGMA query_only = OFF').catch(() => undefined);
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

  orphans(tables?: ReadonlySet<string>): Promise<Orphan[]> {
    return foreignKeyOrphans(this, tables);
  }

  /** The greatest rowid is known at once; it is at least the number of rows unless some were deleted. */
  async estimateRows(table: string): Promise<number> {
    const [row] = await this.query<{ n: number | null }>(`SELECT max(rowid) AS n FROM ${quote(table)}`);
    return row?.n ?? 0;
  }

  /** A file that has no statistics gets none: `sqlite_stat1` would be a table that MLflow does not leave. */
  async analyze(table: string): Promise<void> {
    const there = await this.query("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'");
    if (there.length > 0) await this.query(`ANALYZE ${quote(table)}`);
  }

  async close(): Promise<void> {
    await this.rollback();
    await closeFile(this.opened);
    this.opened.way?.forget?.();
  }
}
