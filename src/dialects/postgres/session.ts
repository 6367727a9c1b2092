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
  type Unfinished,
} from '../dialect.js';
import { server } from '../server.js';
import type { Beside } from './blocked-by.js';
import { readEstimates } from './disk.js';
import { translate } from './errors.js';
import { introspect } from './introspect.js';
import { beginLocked } from './lock.js';
import { findObstacles } from './obstacles.js';
import { otherSessions } from './others.js';
import { quote } from './quote.js';
import { sqlContext } from './sql-context.js';
import { findUnfinished } from './unfinished.js';
import { visibleTables } from './visibility.js';

/** The node-pg client under Knex, as far as it is used here. */
interface Handle {
  readonly processID: number;
}

/** What a connection was told of its server. */
export interface Found {
  readonly version: string;
  readonly role: string;
  /** pg_backend_pid() */
  readonly process: number;
}

/**
 * A session on one PostgreSQL connection. Every statement goes to that very connection, so that a lost one fails the
 * upgrade instead of letting the pool continue outside the transaction.
 */
export class PostgresSession implements Session {
  readonly sql: SqlContext;
  inTransaction = false;
  /** Somebody asked for a stop; what waits gives up. */
  interrupted = false;
  readonly around = server.around;
  /** What a refused statement leaves of the upgrade, for people. */
  protected readonly kept: string = 'everything was rolled back';
  readonly orphans = server.orphans;
  /** Whether somebody in between, such as PgBouncer, has a number of its own for what we are connected to. */
  readonly isPooled: boolean;
  /** The server process that our statements run in; null: behind a pooler, between two transactions. */
  process: number | null;

  constructor(
    readonly dialect: Dialect,
    private readonly knex: Knex,
    private readonly handle: Handle,
    readonly place: string,
    protected readonly options: ConnectOptions,
    private readonly found: Found,
  ) {
    this.sql = sqlContext(this);
    this.isPooled = found.process !== handle.processID;
    this.process = this.isPooled ? null : found.process;
  }

  get server(): string {
    return `PostgreSQL ${this.found.version}`;
  }

  /** Behind a pooler each transaction may run in another server process. */
  private async began(): Promise<void> {
    if (!this.isPooled) return;
    const { rows } = await this.sendAsIs('SELECT pg_backend_pid() AS pid', []);
    this.process = rows[0]?.pid as number;
  }

  private ended(): void {
    if (this.isPooled) this.process = null;
  }

  private async send(
    sql: string,
    params: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }> {
    if (this.options.readOnly && !this.inTransaction) return this.sendReadOnly(sql, params);
    return this.sendAsIs(sql, params);
  }

  /**
   * A statement in a transaction of its own that may not write. A setting of the session would do as well, but behind
   * a pooler that hands out connections by transaction it would stay on a connection of MLflow's.
   */
  private async sendReadOnly(
    sql: string,
    params: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }> {
    // Without parameters the protocol takes several statements in one trip.
    if (params.length === 0 && !this.isPooled) {
      const answers = (await this.sendAsIs(`BEGIN READ ONLY; ${sql}; ROLLBACK`, []).catch(async (error) => {
        await this.sendAsIs('ROLLBACK', []).catch(() => undefined);
        throw error;
      })) as unknown as { rows: Row[]; rowCount: number | null }[];
      return answers[1] as { rows: Row[]; rowCount: number | null };
    }
    await this.sendAsIs('BEGIN READ ONLY', []);
    try {
      await this.began();
      return await this.sendAsIs(sql, params);
    } finally {
      await this.sendAsIs('ROLLBACK', []).catch(() => undefined);
      this.ended();
    }
  }

  private async sendAsIs(
    sql: string,
    params: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }> {
    try {
      // Knex turns every "?" into a placeholder for this server; a literal one must be escaped.
      const raw =
        params.length > 0
          ? this.knex.raw(sql, params as Knex.RawBinding[])
          : this.knex.raw(sql.replaceAll('?', '\\?'));
      return await raw.connection(this.handle);
    } catch (error) {
      throw translate(error, this.place, quote(this.found.role), this.kept);
    }
  }

  async query<T extends Row = Row>(sql: string, params: readonly unknown[] = []): Promise<T[]> {
    return (await this.send(sql, params)).rows as T[];
  }

  async execute(sql: string, params: readonly unknown[] = []): Promise<number> {
    return (await this.send(sql, params)).rowCount ?? 0;
  }

  tableNames(): Promise<string[]> {
    return visibleTables(this);
  }

  async introspect(): Promise<Schema> {
    await visibleTables(this);
    return introspect(this);
  }

  async begin(): Promise<void> {
    await beginLocked(this, this.options);
    this.inTransaction = true;
    await this.began();
    await this.limitWaits();
  }

  /** A table that somebody's open transaction holds must not make us wait for ever, nor all who come after. */
  private async limitWaits(): Promise<void> {
    const { lockWaitMs, lockTimeoutMs = defaultLockTimeoutMs, statementTimeoutMs } = this.options;
    const timeout = Math.max(Math.round(Math.min(lockWaitMs, lockTimeoutMs)), 1);
    await this.query(`SET LOCAL lock_timeout = ${timeout}`);
    if (statementTimeoutMs)
      await this.query(`SET LOCAL statement_timeout = ${Math.round(statementTimeoutMs)}`);
  }

  async beginWrite(): Promise<void> {
    await this.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
    this.inTransaction = true;
    await this.began();
    await this.limitWaits();
  }

  async beginReadOnly(): Promise<void> {
    await this.sendAsIs('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', []);
    this.inTransaction = true;
    await this.began();
  }

  async commit(): Promise<void> {
    await this.query('COMMIT');
    this.inTransaction = false;
    this.ended();
  }

  async rollback(): Promise<void> {
    if (!this.inTransaction) return;
    this.inTransaction = false;
    // On a lost connection the server has rolled back already.
    await this.query('ROLLBACK').catch(() => undefined);
    this.ended();
  }

  others(): Promise<string[]> {
    return otherSessions(this, "application_name <> 'mltrack'");
  }

  blockers(): Promise<string[]> {
    return otherSessions(this, 'xact_start IS NOT NULL');
  }

  /**
   * Cancels from a second connection, as the protocol wants it. Behind a pooler the process may be somebody else's by
   * then, who has another name.
   */
  async interrupt(): Promise<void> {
    this.interrupted = true;
    if (this.process === null) return;
    await this.beside(
      `SELECT pg_cancel_backend(pid) FROM pg_catalog.pg_stat_activity
       WHERE pid = ? AND application_name = current_setting('application_name')`,
      [this.process],
    );
  }

  /** One statement on a connection that is made for it. */
  protected readonly beside: Beside = async (sql, params) => {
    const other = await this.knex.client.acquireRawConnection();
    try {
      return (await this.knex.raw(sql, params as Knex.RawBinding[]).connection(other)).rows;
    } finally {
      await this.knex.client.destroyRawConnection(other);
    }
  };

  unfinished(live: Schema, known: Schema, end: Schema): Promise<Unfinished> {
    return findUnfinished(this, live, known, end);
  }

  obstacles(operations: readonly Operation[], before: Schema, after: Schema): Promise<string[]> {
    return findObstacles(this, operations, before, after);
  }

  async estimateRows(table: string): Promise<number> {
    return Math.round((await readEstimates(this, [table])).get(table) ?? 0);
  }

  async analyze(table: string): Promise<void> {
    await this.query(`ANALYZE ${quote(table)}`);
  }

  async close(): Promise<void> {
    await this.rollback();
    await this.knex.client.destroyRawConnection(this.handle);
    await this.knex.destroy();
  }
}
