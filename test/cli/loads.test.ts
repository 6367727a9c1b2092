import { afterEach, describe, expect, it } from 'vitest';
import { availableServers, createDatabase, type Database } from '../support/databases.js';
import { loadsOf } from '../support/loads.js';

/** Of these one at most, and only where it is spoken to. */
const drivers = { sqlite: 'sqlite3', postgresql: 'pg', mysql: 'mysql2', mariadb: 'mysql2' } as const;
const every = [...new Set<string>(Object.values(drivers)), 'tedious'];

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
    expect(bytes).toBeLessThan(70_000);
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
      expect(packages.filter((name) => every.includes(name))).toEqual([drivers[kind]]);
      expect(bytes).toBeLessThan(400_000);
      expect(builtins).toContain('fs');
      // Node's HTTP client, which is read as soon as anybody names `fetch` or `Response`.
      expect(builtins).not.toContain('internal/deps/undici/undici');
    });
  });
});
