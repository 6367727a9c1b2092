import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { createDatabase, type Database } from './databases.js';
import { fixturesFolder } from './fixtures.js';

/** Databases that old MLflow releases made (fixtures/databases/README.md). */
export const realDatabases = new URL('databases/', fixturesFolder);

/** Their releases: "1.30". */
export const realReleases = readdirSync(realDatabases)
  .filter((name) => name.endsWith('.sqlite.db'))
  .map((name) => name.replace('.sqlite.db', ''));

/** Puts one on a server of each kind there are some of. */
export const loadReal = {
  sqlite: async (release: string): Promise<Database> => {
    const database = await createDatabase('sqlite');
    copyFileSync(new URL(`${release}.sqlite.db`, realDatabases), database.uri.replace('sqlite:///', ''));
    return database;
  },
  postgresql: async (release: string): Promise<Database> => {
    const database = await createDatabase('postgresql');
    await database.run(readFileSync(new URL(`${release}.postgresql.sql`, realDatabases), 'utf8'));
    return database;
  },
};
