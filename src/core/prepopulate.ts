import type { Session } from '../dialects/dialect.js';
import { halfWay } from '../errors.js';
import type { Listener, UpgradeEvent } from './events.js';
import { addColumns } from './prepopulate-columns.js';
import { Filling } from './prepopulate-fill.js';
import { Moved } from './prepopulate-guard.js';
import type { StateFile } from './prepopulate-state.js';
import { placeOf, ready } from './prepopulate-where.js';
import { loadReleases } from './releases.js';
import { loadChain } from './revisions.js';
import type { Stop } from './stop.js';

export interface PrepopulateOptions {
  /** The most rows that one transaction looks at. */
  readonly batchRows: number;
  /** For how long, in milliseconds, a piece that finds a lock in its way is tried again. */
  readonly lockWaitMs: number;
  /** Where it keeps how far it is; without one a second run looks at all rows again and writes what is missing. */
  readonly state?: StateFile;
  readonly stop: Stop;
  readonly listen: Listener;
}

export type Prepopulated = Extract<UpgradeEvent, { event: 'prepopulated' }>;

/**
 * Does ahead of the upgrade what can be done while the old MLflow server runs: adds the columns of the next revision
 * and fills them, in short transactions, as `mlflow db prepopulate-trace-analytics` does. Nothing is deleted or
 * stamped, and the upgrade looks at every row again, so that it may end at any moment.
 *
 * @throws exit 10 where it cannot be done here, with what to do; 5, 7 and 9 as an upgrade does
 */
export async function prepopulate(session: Session, options: PrepopulateOptions): Promise<Prepopulated> {
  const { stop, listen, state } = options;
  const started = Date.now();
  const [chain, releases] = await Promise.all([loadChain(), loadReleases()]);
  const release = stop.onRequest(() => void session.interrupt().catch(() => undefined));
  try {
    const found = await ready(session, chain, releases, options);
    const end = (rest: Pick<Prepopulated, 'columns' | 'tables' | 'why'>): Prepopulated => {
      const seconds = Math.round((Date.now() - started) / 10) / 100;
      const event = {
        event: 'prepopulated',
        database: session.place,
        revision: found.revision,
        ...rest,
      } as const;
      const done: Prepopulated = { ...event, seconds };
      listen(done);
      return done;
    };
    const from = state?.read() ?? null;
    if ('done' in found) {
      if (from) state?.remove();
      return end({ columns: [], tables: [], why: found.done });
    }
    const start = { database: session.place, server: session.server, revision: found.revision, from };
    listen({ event: 'prepopulate-start', ...start });
    const filling = new Filling(session, found, options);
    const columns: string[] = [];
    let why: string | null = null;
    try {
      columns.push(...(await addColumns(session, found, options)));
      await filling.run(from);
    } catch (error) {
      if (!(error instanceof Moved)) throw error;
      why = error.message;
    }
    state?.remove();
    return end({ columns, tables: filling.tables, why });
  } catch (error) {
    await session.rollback();
    stop.check();
    throw stop.stands === null ? error : halfWay(error, stop.stands);
  } finally {
    release();
  }
}

/** That something can be done ahead here, seen before a database is opened to be changed, and an SQLite file made. @throws as `prepopulate` */
export async function requirePlace(session: Session): Promise<void> {
  await placeOf(session, await loadChain(), await loadReleases());
}
