import type { Session } from '../dialects/dialect.js';
import type { Stop } from './stop.js';

/** Works in one consistent view of the database, in which nothing is changed, until it is through or told to stop. */
export async function inReadOnlyView<T>(session: Session, stop: Stop, work: () => Promise<T>): Promise<T> {
  const release = stop.onRequest(() => void session.interrupt().catch(() => undefined));
  try {
    await session.beginReadOnly();
    return await work();
  } catch (error) {
    stop.check();
    throw error;
  } finally {
    release();
    await session.rollback();
  }
}
