import { afterEach, describe, expect, it } from 'vitest';
import { language } from '../../../src/dialects/postgres/script.js';
import { availableServers, createDatabase, type Database } from '../../support/databases.js';
import { runScript, scriptOf } from '../../support/script.js';
import { upgradeDatabase } from '../../support/upgrade.js';

let database: Database;
afterEach(() => database.drop());

describe.runIf(availableServers().includes('postgresql'))('a script for psql', () => {
  it('works in the schema in which it was written', async () => {
    database = await createDatabase('postgresql');
    await database.run('CREATE SCHEMA ml');
    const inSchema = { ...database, uri: `${database.uri}?options=-csearch_path%3Dml` };
    await upgradeDatabase(inSchema, '2.9');
    const { code, output } = await runScript(database, await scriptOf(inSchema));
    expect(code, output).toBe(0);
    expect(await database.rows('SELECT version_num FROM ml.alembic_version')).toEqual([
      { version_num: 'f4a9b2c7d1e6' },
    ]);
    expect(await database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
    await database.run('DROP SCHEMA ml CASCADE');
  });

  it('says the reason, and rolls back', async () => {
    database = await createDatabase('postgresql');
    const reason = "it's $mltrack$ and \\ 100%";
    const script = [
      ...language.opening(),
      'CREATE TABLE a (x int);',
      language.assert({ condition: 'true', reason: 'never said' }),
      language.assert({ condition: 'NULL', reason }),
      ...language.closing(),
    ];
    const { code, output } = await runScript(database, script.join('\n'));
    expect(code).toBe(3);
    expect(output).toContain(`mltrack stopped: ${reason}`);
    expect(await database.rows("SELECT to_regclass('a') AS a")).toEqual([{ a: null }]);
  });
});
