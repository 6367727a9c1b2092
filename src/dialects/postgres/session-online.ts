import { blockedError } from '../../errors.js';
import type { Schema } from '../../schema/table.js';
import {
  type ConnectOptions,
  type Dialect,
  defaultBigFrom,
  defaultLockTimeoutMs,
  type Statement,
} from '../dialect.js';
import { waitForLock } from '../wait-for-lock.js';
import { readBlockers } from './blocked-by.js';
import { lockHolder, lockKey } from './lock.js';
import { onlineOf } from './online.js';
import { PostgresSession } from './session.js';

/** How long a statement that stands alone may wait before it is looked who makes it wait; then so often again. */
const lookAfterMs = 3000;

/**
 * A session whose upgrade is many transactions: the lock that keeps other runners out is the session's, a piece of
 * the upgrade is a transaction of its own, and what must stand alone runs in none.
 */
export class OnlinePostgresSession extends PostgresSession {
  protected override readonly kept = 'what was done before it stays';
  private readonly big: Set<string>;
  private isLocked = false;

  constructor(...[dialect, ...rest]: ConstructorParameters<typeof PostgresSession>) {
    const big = new Set<string>();
    super(onlineOf(dialect, big), ...rest);
    this.big = big;
  }

  /** Notes as well which tables are big. */
  override async introspect(): Promise<Schema> {
    const schema = await super.introspect();
    const rows = await this.query<{ name: string }>(
      `SELECT relname AS name FROM pg_catalog.pg_class
       WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind = 'r'
         AND pg_catalog.pg_relation_size(oid) >= ?::bigint`,
      [this.options.online?.bigFrom ?? defaultBigFrom],
    );
    this.big.clear();
    for (const { name } of rows) this.big.add(name);
    return schema;
  }

  override async begin(): Promise<void> {
    await this.lock(this.options);
    // A server process whose client has died would go on with its statement, and keep the lock (14 and later).
    await this.query('SET client_connection_check_interval = 5000').catch(() => undefined);
    const { statementTimeoutMs } = this.options;
    await this.query(`SET lock_timeout = ${this.shortWait}`);
    if (statementTimeoutMs) await this.query(`SET statement_timeout = ${Math.round(statementTimeoutMs)}`);
  }

  /** Milliseconds that a statement may wait which others wait behind. */
  private get shortWait(): number {
    const { lockWaitMs, lockTimeoutMs = defaultLockTimeoutMs } = this.options;
    return Math.max(Math.round(Math.min(lockWaitMs, lockTimeoutMs)), 1);
  }

  /** The session's own lock excludes that of a transaction (manual, "Advisory Locks"). @throws exit 7, 10 */
  private async lock(options: ConnectOptions): Promise<void> {
    if (this.isPooled)
      throw blockedError(
        `${this.place}: a pooler is in between, such as PgBouncer, which may hand out connections by transaction; --online needs one of its own`,
        'connect to the server itself, or upgrade without --online',
        'nothing was changed',
      );
    const take = async (): Promise<boolean> => {
      const [answer] = await this.query<{ got: boolean }>(`SELECT pg_try_advisory_lock(${lockKey}) AS got`);
      return answer?.got === true;
    };
    const holder = async () => (await lockHolder(this)) ?? 'it has just ended';
    await waitForLock({ take, holder }, this, options);
    this.isLocked = true;
  }

  override async commit(): Promise<void> {
    if (this.inTransaction) await super.commit();
    await this.unlock();
  }

  /** What ends an attempt ends its lock: a person is asked, or others let through, while nobody waits for this run. */
  override async rollback(): Promise<void> {
    await super.rollback();
    await this.unlock();
  }

  private async unlock(): Promise<void> {
    if (!this.isLocked) return;
    this.isLocked = false;
    // On a lost connection the server has let go of it.
    await this.query(`SELECT pg_advisory_unlock(${lockKey})`).catch(() => undefined);
  }

  async atomically(work: () => Promise<void>): Promise<void> {
    if (this.inTransaction) return work();
    await this.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
    this.inTransaction = true;
    try {
      await work();
      await super.commit();
    } catch (error) {
      await super.rollback();
      throw error;
    }
  }

  /**
   * Nobody queues behind what runs so but other changes of the schema, so it may wait for old transactions as long as
   * for another runner; who they are is told while it waits.
   */
  async alone({ sql, title }: Statement): Promise<void> {
    await this.query(`SET lock_timeout = ${Math.max(Math.round(this.options.lockWaitMs), 1)}`);
    let told = '';
    let look: Promise<void> = Promise.resolve();
    const timer = setInterval(() => {
      look = readBlockers(this.beside, this.process)
        .then((who) => {
          if (who.length > 0 && who.join() !== told)
            this.options.onWait?.(`${title} waits for a transaction to end: ${who.join('; ')}`);
          told = who.join();
        })
        .catch(() => undefined);
    }, lookAfterMs);
    try {
      await this.query(sql);
    } finally {
      clearInterval(timer);
      await look;
      // On a lost connection there is nothing to set.
      await this.query(`SET lock_timeout = ${this.shortWait}`).catch(() => undefined);
    }
  }
}

/** The session for these options. */
export const sessionOf = (
  dialect: Dialect,
  ...rest: ConstructorParameters<typeof PostgresSession> extends [Dialect, ...infer R] ? R : never
): PostgresSession =>
  rest[3].online ? new OnlinePostgresSession(dialect, ...rest) : new PostgresSession(dialect, ...rest);
