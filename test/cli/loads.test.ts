import { afterEach, describe, expect, it } from 'vitest';
import { availableServers, createDatabase, type Database } from '../support/databases.js';
import { type Loads, loadsOf } from '../support/loads.js';

/** The chunk of the driver, and its package where it has native parts: of these one, and only where it is spoken to. */
const drivers = {
  sqlite: ['_knex_sqlite3', 'sqlite3'],
  postgresql: ['_knex_postgres'],
  mysql: ['_knex_mysql2'],
  mariadb: ['_knex_mysql2'],
} as const;
const packages = ['mysql2', 'pg', 'sqlite3', 'tedious'];

const driversIn = ({ chunks, packages: read }: Pick<Loads, 'chunks' | 'packages'>): string[] => [
  ...chunks.filter((name) => name.startsWith('_knex_')),
  ...read.filter((name) => packages.includes(name)),
];

/** What only an upgrade with something to do needs. */
const working = ['_revisions', 'prepare', 'carry-out'];

/*
 * To start takes as long as what is read. How long that is no test can say on a busy machine; what is read it can.
 * The sizes are what it comes to now and a little: a change that needs more says why here.
 */
describe('what a command reads', () => {
  it('--version: no tree of commands, no package', async () => {
    const { chunks, packages, bytes } = await loadsOf(['--version']);
    expect(chunks).toContain('main');
    expect(packages).toEqual([]);
    expect(bytes).toBeLessThan(8000);
  });

  it('--help: no driver, no command', async () => {
    const { packages, bytes } = await loadsOf(['--help']);
    expect(packages).toEqual([]);
    // Its layout, which other commands do not read.
    expect(bytes).toBeLessThan(73_000);
  });

  describe.each(availableServers())('%s', (kind) => {
    let database: Database;
    afterEach(() => database.drop());

    it('already at the head: one driver, of the revisions no more than their names', async () => {
      database = await createDatabase(kind);
      const created = await loadsOf(['db', 'upgrade', database.uri]);
      expect(created.chunks).toEqual(expect.arrayContaining(working));
      // What only a row-by-row upgrade takes: an empty database is created by statements alone.
      expect(created.chunks).not.toContain('umzug');
      const { chunks, packages, bytes, builtins } = await loadsOf(['db', 'upgrade', database.uri]);
      expect(chunks.filter((name) => working.includes(name))).toEqual([]);
      expect(chunks).toContain('_names');
      expect(driversIn({ chunks, packages })).toEqual(drivers[kind]);
      expect(bytes).toBeLessThan(kind === 'sqlite' ? 385_000 : 680_000);
      // To find and open a file takes half a millisecond.
      expect(chunks.length).toBeLessThan(20);
      expect(builtins).toContain('fs');
      // Node's HTTP client, which is read as soon as anybody names `fetch` or `Response`.
      expect(builtins).not.toContain('internal/deps/undici/undici');
      // What encrypts, compresses and starts programs is read by who does so; `process` as a module opens all streams.
      for (const name of ['tls', 'zlib', 'child_process', 'process']) expect(builtins).not.toContain(name);
    });
  });
});
