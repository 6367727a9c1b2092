import type { Session } from '../../dialects/dialect.js';

/**
 * For so long, milliseconds, claimed rows are kept while their artifacts go. Whoever restores such a run waits; more
 * would run into the servers' own limits for waiting and for idle transactions (innodb_lock_wait_timeout is 50 s).
 */
export const longestHold = 10_000;

/** An open transaction that keeps the rows of a claim, until it is taken over to delete them or the time is over. */
export class Hold {
  private over: Promise<void> | null = null;
  private taken = false;
  private readonly timer: NodeJS.Timeout;

  /** @param session in a transaction; it is left alone until `take` or `release` */
  constructor(
    private readonly session: Session,
    ms: number,
  ) {
    this.timer = setTimeout(() => {
      this.over = session.rollback();
      // Whoever takes it over learns of it.
      this.over.catch(() => undefined);
    }, ms);
  }

  /** Whether the transaction is still open and is the caller's from now on: once only. */
  async take(): Promise<boolean> {
    clearTimeout(this.timer);
    await this.over;
    if (this.taken || this.over) return false;
    this.taken = true;
    return true;
  }

  /** Lets go of the rows, where nobody took the transaction over. */
  async release(): Promise<void> {
    if (await this.take()) await this.session.rollback();
  }
}
