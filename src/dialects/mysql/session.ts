import type { Knex } from 'knex';
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
import { statementTimeout, translate } from './errors.js';
import type { Flavour } from './flavour.js';
import { introspect } from './introspect.js';
import { acquireLock } from './lock.js';
import { findObstacles } from './obstacles.js';
import type { Online } from './online.js';
import { otherSessions } from './others.js';
import { quote } from './quote.js';
import { sqlContext } from './sql-context.js';
import { refuseHiddenStamp } from './visibility.js';

/** The mysql2 connection under Knex, as far as it is used here. */
interface Handle {
  readonly threadId: number;
  destroy(): void;
}

/** What a connection is to. */
export interface Peer {
  readonly dialect: Dialect;
  readonly online?: Online;
  readonly flavour: Flavour;
  readonly place: string;
  readonly server: string;
  readonly database: string;
  /** As GRANT names it. */
  readonly account: string;
}

/**
 * A session on one MySQL or MariaDB connection. DDL commits by itself there, so there is no transaction: every
 * statement stands when it is through, and what an upgrade left is read off the schema.
 */
export class MysqlSession implements Session {
  readonly sql: SqlContext;
  readonly dialect: Dialect;
  readonly flavour: Flavour;
  readonly place: string;
  readonly server: string;
  readonly database: string;
  /** Somebody asked for a stop; what waits gives up. */
  interrupted = false;
  readonly around = server.around;
  readonly orphans = server.orphans;
  /** What runs from now on is part of the upgrade. */
  private limited = false;
  inTransaction = false;

  constructor(
    private readonly knex: Knex,
    private readonly handle: Handle,
    private readonly peer: Peer,
    private readonly options: ConnectOptions,
  ) {
    this.dialect = peer.dialect;
    this.flavour = peer.flavour;
    this.place = peer.place;
    this.server = peer.server;
    this.database = peer.database;
    this.sql = sqlContext(this);
  }

  private async send(sql: string, params: readonly unknown[]): Promise<unknown> {
    const timer = this.limitTime();
    try {
      const raw = params.length > 0 ? this.knex.raw(sql, params as Knex.RawBinding[]) : this.knex.raw(sql);
      const [result] = await raw.connection(this.handle);
      return result;
    } catch (error) {
      if (timer.expired) throw statementTimeout(this.place);
      throw translate(error, this.place, this.peer.account);
    } finally {
      timer.clear();
    }
  }

  /** MySQL itself ends only SELECTs by time. */
  private limitTime(): { readonly expired: boolean; clear(): void } {
    const { statementTimeoutMs } = this.options;
    let expired = false;
    const timer =
      this.limited && statementTimeoutMs
        ? setTimeout(() => {
            expired = true;
            this.kill().catch(() => undefined);
          }, statementTimeoutMs)
        : undefined;
    return {
      get expired() {
        return expired;
      },
      clear: () => clearTimeout(timer),
    };
  }

  async query<T extends Row = Row>(sql: string, params: readonly unknown[] = []): Promise<T[]> {
    return (await this.send(sql, params)) as T[];
  }

  async execute(sql: string, params: readonly unknown[] = []): Promise<number> {
    const result = (await this.send(sql, params)) as { affectedRows?: number };
    return result.affectedRows ?? 0;
  }

  async tableNames(): Promise<string[]> {
    const rows = await this.query<{ name: string }>(
      `SELECT TABLE_NAME AS name FROM information_schema.TABLES
       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME`,
    );
    const names = rows.map((row) => row.name);
    if (!names.includes('alembic_version')) await refuseHiddenStamp(this);
    return names;
  }

  async introspect(): Promise<Schema> {
    await this.peer.online?.refresh(this);
    return introspect(this);
  }

  async begin(): Promise<void> {
    await acquireLock(this, this.database, this.options);
    await this.limitWaits();
  }

  /** A table that somebody's open transaction holds must not make us wait for ever. */
  private async limitWaits(): Promise<void> {
    this.limited = true;
    const { lockWaitMs, lockTimeoutMs = defaultLockTimeoutMs } = this.options;
    const seconds = Math.max(Math.round(Math.min(lockWaitMs, lockTimeoutMs) / 1000), 1);
    await this.query(
      `SET SESSION lock_wait_timeout = ${Math.min(seconds, 31_536_000)}, innodb_lock_wait_timeout = ${Math.min(seconds, 100_000_000)}`,
    );
  }

  /**
   * Without gap locks, which would stop a live server from inserting, where the binary log allows it (READ COMMITTED
   * needs row or mixed logging: MySQL manual, "Transaction Isolation Levels").
   */
  async beginWrite(): Promise<void> {
    if (!this.limited) await this.limitWaits();
    const [log] = await this.query<{ Value: string }>("SHOW VARIABLES LIKE 'binlog_format'");
    if (log?.Value !== 'STATEMENT') await this.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
    await this.query('START TRANSACTION READ WRITE');
    this.inTransaction = true;
  }

  /** Of an upgrade everything is committed already; the lock goes with the session. */
  async commit(): Promise<void> {
    if (!this.inTransaction) return;
    await this.query('COMMIT');
    this.inTransaction = false;
  }

  async beginReadOnly(): Promise<void> {
    await this.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await this.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    this.inTransaction = true;
  }

  async rollback(): Promise<void> {
    if (!this.inTransaction) return;
    this.inTransaction = false;
    await this.query('ROLLBACK').catch(() => undefined);
  }

  /** As often as it was taken: GET_LOCK counts (MySQL 5.7, MariaDB 10.5.2). A lost connection has lost it. */
  async letGo(): Promise<void> {
    await this.query('SELECT RELEASE_ALL_LOCKS()').catch(() => undefined);
  }

  others(): Promise<string[]> {
    return otherSessions(this, this.handle.threadId);
  }

  blockers(): Promise<string[]> {
    return otherSessions(this, this.handle.threadId);
  }

  /** Ends the running statement from a second connection. */
  async interrupt(): Promise<void> {
    this.interrupted = true;
    await this.kill();
  }

  private async kill(): Promise<void> {
    const other = await this.knex.client.acquireRawConnection();
    try {
      await this.knex.raw(`KILL QUERY ${this.handle.threadId}`).connection(other);
    } finally {
      await this.knex.client.destroyRawConnection(other);
    }
  }

  obstacles(operations: readonly Operation[], before: Schema, after: Schema): Promise<string[]> {
    return findObstacles(this, operations, before, after);
  }

  /** What InnoDB's statistics say. */
  async estimateRows(table: string): Promise<number> {
    const [row] = await this.query<{ n: number | string | null }>(
      'SELECT TABLE_ROWS AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
      [table],
    );
    return Number(row?.n ?? 0);
  }

  async analyze(table: string): Promise<void> {
    await this.query(`ANALYZE TABLE ${quote(table)}`);
  }

  async close(): Promise<void> {
    await this.knex.client.destroyRawConnection(this.handle).catch(() => undefined);
    this.handle.destroy();
    await this.knex.destroy();
  }
}
