import type { Listener } from '../events.js';
import type { Stop } from '../stop.js';
import type { KnownAt } from './plan-known.js';
import type { Report } from './report.js';

/**
 * Gives back the space of the tables that lost rows, as far as the server can and the user may. The rows are gone
 * already: whatever goes wrong here is a warning.
 *
 * @throws exit 130, 143
 */
export async function giveBack(
  { session }: KnownAt,
  report: Report,
  {
    stop,
    listen,
    lockTimeoutMs,
  }: { readonly stop: Stop; readonly listen: Listener; readonly lockTimeoutMs: number },
): Promise<void> {
  const tables = [...new Set([...report.rows.keys(), ...(report.orphans?.keys() ?? [])])].sort();
  stop.cannotUndo(`${report.progress}; the space was not given back whole`);
  const checkpoint = () => stop.check();
  checkpoint();
  const release = stop.onRequest(() => void session.interrupt().catch(() => undefined));
  let failed: readonly string[];
  try {
    const module = await session.dialect.gc();
    const given = await module.giveBack(session, tables, { checkpoint, lockTimeoutMs });
    report.vacuumed = given.said;
    failed = given.failed;
  } catch (error) {
    checkpoint();
    failed = [error instanceof Error ? error.message : String(error)];
  } finally {
    release();
  }
  report.notVacuumed = failed;
  for (const why of failed)
    listen({ event: 'warning', message: `the rows are gone, but their space was not given back: ${why}` });
}
