import type { Column } from '../schema/table.js';
import type { Session, Statement } from './dialect.js';

/** What a repair asks of a kind of server; loaded when a repair asks for it. */
export interface RepairModule {
  /**
   * A condition for the rows whose value would be another one, or none, after a column has changed its type; null
   * where that cannot happen, or where the server refuses instead. Rather too many rows than too few.
   *
   * @param name the quoted column
   */
  changes(name: string, from: Column, to: Column): string | null;
  /** Whether a unique constraint lets NULL stand in many rows. */
  readonly uniqueIgnoresNull: boolean;
  /**
   * Called before the commit: keeps the lock of the session beyond it, so that nobody comes between it and the
   * statements that run outside of a transaction. False where that cannot be done: they run inside then, as they are.
   */
  keepLock(session: Session): Promise<boolean>;
  /** Gives that lock back. */
  releaseLock(session: Session): Promise<void>;
  /** Removes what a statement outside of a transaction has left when it failed. */
  dropLeftOver(session: Session, statement: Statement): Promise<void>;
}

/** For servers whose lock is the session's anyway, and which leave nothing. */
export const sessionLocked: Pick<RepairModule, 'keepLock' | 'releaseLock' | 'dropLeftOver'> = {
  keepLock: async () => true,
  releaseLock: async () => undefined,
  dropLeftOver: async () => undefined,
};
