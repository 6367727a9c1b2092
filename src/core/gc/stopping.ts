import type { Session } from '../../dialects/dialect.js';
import { isBusy } from '../step-back.js';
import type { Stop } from '../stop.js';

/**
 * Lets a stop end at once what only reads or waits for somebody else's lock, as long as no transaction is open: one
 * that is goes on to its end, and the next checkpoint stops.
 *
 * @throws exit 130, 143 in place of what such a statement failed with
 */
export async function stoppable<T>(session: Session, stop: Stop, work: () => Promise<T>): Promise<T> {
  let interrupted = false;
  const release = stop.onRequest(() => {
    if (session.inTransaction) return;
    interrupted = true;
    void session.interrupt().catch(() => undefined);
  });
  try {
    return await work();
  } catch (error) {
    if (interrupted || (stop.requested && isBusy(error))) stop.check();
    throw error;
  } finally {
    release();
  }
}
