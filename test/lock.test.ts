import { afterEach, describe, expect, it } from 'vitest';
import { Stop } from '../src/core/stop.js';
import { upgrade } from '../src/core/upgrade.js';
import type { Session } from '../src/dialects/dialect.js';
import {
  createDatabase,
  type Database,
  databaseAt,
  openSession,
  type ServerKind,
} from './support/databases.js';
import { bundled } from './support/share.js';

/** How a transaction begins where nobody takes a lock. */
const unlocked: Readonly<Record<ServerKind, string | null>> = {
  sqlite: 'BEGIN',
  postgresql: 'BEGIN',
  mysql: null,
  mariadb: null,
};

/** Resolves once so many have arrived. */
function barrier(count: number): () => Promise<void> {
  let arrived = 0;
  let open: () => void = () => undefined;
  const all = new Promise<void>((done) => {
    open = done;
  });
  return async () => {
    arrived++;
    if (arrived === count) open();
    await all;
  };
}

/**
 * Upgrades a database with several sessions which all have seen that there is work to do before the first of them
 * begins; with or without the lock.
 *
 * @returns for each whether it did work; an error where it failed.
 */
async function together(database: Database, count: number, locked: boolean): Promise<(boolean | Error)[]> {
  const everybody = barrier(count);
  const one = async (session: Session): Promise<boolean | Error> => {
    const begin = session.begin.bind(session);
    session.begin = async () => {
      await everybody();
      const sql = unlocked[database.kind];
      if (locked) await begin();
      else if (sql) await session.query(sql);
    };
    const options = { yes: false, stop: new Stop(), listen: () => undefined };
    const result = await upgrade(session, options).then(
      ({ applied }) => applied.length > 0,
      (error: Error) => error,
    );
    if (!locked) await session.query(result instanceof Error ? 'ROLLBACK' : 'COMMIT').catch(() => undefined);
    await session.close();
    return result;
  };
  const sessions: Session[] = [];
  for (let i = 0; i < count; i++) sessions.push((await openSession(database)).session);
  return Promise.all(sessions.map(one));
}

describe.each(bundled())('%s: what the lock is good for', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  const states: [string, () => Promise<Database>][] = [
    ['an empty database', () => createDatabase(kind)],
    ['an old one', () => databaseAt(kind, 16)],
  ];

  it.each(states)(
    'with it, runners on %s that begin at one moment succeed, and one does the work',
    async (_name, make) => {
      database = await make();
      const results = await together(database, 4, true);
      expect([...results].sort()).toEqual([false, false, false, true]);
    },
  );

  it.each(states)('without it, on %s they get into each other’s way', async (_name, make) => {
    database = await make();
    const results = await together(database, 4, false);
    expect([...results].sort()).not.toEqual([false, false, false, true]);
  });
});
