import type { Knex } from 'knex';
import type { Connection } from 'tedious';
import type { Operation } from '../../schema/operation.js';
import type { Row } from '../../schema/row-work.js';
import type { Schema } from '../../schema/table.js';
import {
  type ConnectOptions,
  type Dialect,
  defaultLockTimeoutMs,
  type Session,
  type SqlContext,
} from '../dialect.js';
import { server } from '../server.js';
import { translate } from './errors.js';
import { introspect } from './introspect.js';
import { acquireLock } from './lock.js';
import { findObstacles } from './obstacles.js';
import { otherSessions } from './others.js';
import { quote } from './quote.js';
import { type Result, run, type Tedious } from './requests.js';
import { sqlContext } from './sql-context.js';

/** What a connection is to, and through what. */
export interface Peer {
  readonly dialect: Dialect;
  readonly place: string;
  readonly knex: Knex;
  readonly handle: Connection;
}

/**
 * A session on one SQL Server connection. Every statement goes to that very connection, so that a lost one fails the
 * upgrade instead of letting the pool continue outside the transaction.
 */
export class MssqlSession implements Session {
  readonly sql: SqlContext;
  readonly dialect: Dialect;
  readonly place: string;
  server = 'SQL Server';
  inTransaction = false;
  /** A statement has failed, and XACT_ABORT has rolled back: nothing may run after it. */
  private failed = false;
  /** Somebody asked for a stop; what waits gives up. */
  interrupted = false;
  readonly around = server.around;
  readonly orphans = server.orphans;

  constructor(
    private readonly peer: Peer,
    private readonly options: ConnectOptions,
  ) {
    this.dialect = peer.dialect;
    this.place = peer.place;
    this.sql = sqlContext(this);
  }

  private async send(sql: string, params: readonly unknown[]): Promise<Result> {
    if (this.failed)
      throw new Error(`${this.place}: the transaction has ended with an error; nothing more can run in it`);
    try {
      const tedious = this.peer.knex.client.driver as Tedious;
      const timeoutMs = this.inTransaction ? this.options.statementTimeoutMs : undefined;
      return await run(tedious, this.peer.handle, sql, params, timeoutMs);
    } catch (error) {
      this.failed = this.inTransaction;
      throw translate(error, this.place);
    }
  }

  /**
   * Limits how long a statement waits for a lock, from the first read on: here the catalog itself is locked while
   * another session creates tables. Neither shall the upgrade wait for ever, nor all who come after it.
   */
  async limitWaits(): Promise<void> {
    const { lockWaitMs, lockTimeoutMs = defaultLockTimeoutMs } = this.options;
    const timeout = Math.max(Math.round(Math.min(lockWaitMs, lockTimeoutMs)), 1);
    await this.query(`SET LOCK_TIMEOUT ${Math.min(timeout, 2 ** 31 - 1)}`);
  }

  async query<T extends Row = Row>(sql: string, params: readonly unknown[] = []): Promise<T[]> {
    return (await this.send(sql, params)).rows as T[];
  }

  async execute(sql: string, params: readonly unknown[] = []): Promise<number> {
    return (await this.send(sql, params)).rowCount;
  }

  async tableNames(): Promise<string[]> {
    const rows = await this.query<{ name: string }>(
      'SELECT name FROM sys.tables WHERE schema_id = SCHEMA_ID() AND is_ms_shipped = 0 ORDER BY name',
    );
    return rows.map((row) => row.name);
  }

  introspect(): Promise<Schema> {
    return introspect(this);
  }

  /** The transaction is the protocol's own: BEGIN TRANSACTION in a batch with parameters would be error 266. */
  async begin(): Promise<void> {
    await acquireLock(this, this.options);
    await this.transact('beginTransaction');
    this.inTransaction = true;
  }

  async beginWrite(): Promise<void> {
    await this.transact('beginTransaction');
    this.inTransaction = true;
  }

  /** One view of the database only where its owner allows SNAPSHOT; elsewhere each statement has its own. */
  async beginReadOnly(): Promise<void> {
    const [row] = await this.query<{ allowed: number }>(
      'SELECT snapshot_isolation_state AS allowed FROM sys.databases WHERE database_id = DB_ID()',
    );
    if (row?.allowed !== 1) return;
    await this.query('SET TRANSACTION ISOLATION LEVEL SNAPSHOT');
    await this.transact('beginTransaction');
    this.inTransaction = true;
  }

  async commit(): Promise<void> {
    if (this.failed) throw new Error(`${this.place}: the transaction has ended with an error`);
    await this.transact('commitTransaction');
    this.inTransaction = false;
  }

  async rollback(): Promise<void> {
    if (!this.inTransaction) return;
    this.inTransaction = false;
    this.failed = false;
    // After an error, or on a lost connection, the server has rolled back already.
    await this.transact('rollbackTransaction').catch(() => undefined);
  }

  private async transact(
    verb: 'beginTransaction' | 'commitTransaction' | 'rollbackTransaction',
  ): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) =>
        this.peer.handle[verb]((error) => (error ? reject(error) : resolve())),
      );
    } catch (error) {
      throw translate(error, this.place);
    }
  }

  others(): Promise<string[]> {
    return otherSessions(this, "COALESCE(s.program_name, N'') <> N'mltrack'");
  }

  blockers(): Promise<string[]> {
    return otherSessions(this, 's.open_transaction_count > 0');
  }

  /** The protocol's attention signal, on the same connection. */
  async interrupt(): Promise<void> {
    this.interrupted = true;
    this.peer.handle.cancel();
  }

  obstacles(operations: readonly Operation[], before: Schema, after: Schema): Promise<string[]> {
    return findObstacles(this, operations, before, after);
  }

  /** What the catalog counts. */
  async estimateRows(table: string): Promise<number> {
    const [row] = await this.query<{ n: string | number | null }>(
      'SELECT SUM(rows) AS n FROM sys.partitions WHERE object_id = OBJECT_ID(?) AND index_id IN (0, 1)',
      [quote(table)],
    );
    return Number(row?.n ?? 0);
  }

  async analyze(table: string): Promise<void> {
    await this.query(`UPDATE STATISTICS ${quote(table)}`);
  }

  async close(): Promise<void> {
    await this.rollback();
    this.peer.handle.close();
    await this.peer.knex.destroy();
  }
}
