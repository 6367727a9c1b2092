import { afterEach, describe, expect, it } from 'vitest';
import { dbUpgrade, expectDone, expectRefusal, mltrack } from './support/cli.js';
import { availableServers, createDatabase, type Database, databaseAt, kinds } from './support/databases.js';
import { goldenAt, ordinalOf, stateCount } from './support/fixtures.js';
import { goldenOf } from './support/golden.js';
import { schemaOf } from './support/upgrade.js';

const altered = availableServers().filter((kind) => kinds[kind].dialect === 'mysql');

describe('--online', () => {
  let database: Database | undefined;
  afterEach(async () => {
    await database?.drop();
    database = undefined;
  });

  it('is refused where nothing can be done online, in a script, and a size is refused without it', async () => {
    database = await createDatabase('sqlite');
    for (const command of ['upgrade', 'plan'])
      expectRefusal(
        await mltrack(['db', command, database.uri, '--online']),
        2,
        /--online does nothing on SQLite: .*one writer/,
      );
    const somewhere = 'postgresql://nobody@127.0.0.1:1/nothing';
    expectRefusal(await dbUpgrade([somewhere, '--online', '--sql']), 2, /--sql writes one transaction/);
    expectRefusal(await dbUpgrade([somewhere, '--online-from', '5']), 2, /goes with --online only/);
    expectRefusal(await dbUpgrade([somewhere, '--online', '--online-from', 'x']), 2, /no number of MiB: x/);
    expectRefusal(
      await dbUpgrade(['mssql+pyodbc://sa@127.0.0.1:1/x', '--online']),
      2,
      /does nothing on SQL Server: .*one transaction/,
    );
  });

  describe.each(altered)('on %s', (kind) => {
    it('demands LOCK=NONE, and asks before a table is copied while writers wait', async () => {
      database = await databaseAt(kind, ordinalOf('17e22815139b') - 1);
      const args = [database.uri, '--online', '--online-from', '0'];
      const plan = await mltrack(['db', 'plan', ...args, '--json']);
      expectDone(plan);
      const { steps, questions } = plan.events[0] as {
        steps: { actions: { sql: string | null; locks: { blocks: string }[] }[] }[];
        questions: { key: string; meaning: string }[];
      };
      const alters = steps
        .flatMap(({ actions }) => actions)
        .filter(({ sql }) => sql?.startsWith('ALTER TABLE'));
      expect(alters.some(({ sql }) => sql?.endsWith(', LOCK=NONE'))).toBe(true);
      for (const { sql, locks } of alters)
        if (sql?.endsWith(', LOCK=NONE')) expect(locks[0]?.blocks, sql).toBe('nothing');
      expect(questions.map(({ key }) => key)).toContain('copies');
      expect(questions.find(({ key }) => key === 'copies')?.meaning).toMatch(/experiment_tags/);
      expectRefusal(await dbUpgrade(args), 6, /experiment_tags.*written anew.*waits/, /--confirm copies/);
      // The server itself would refuse an ALTER that cannot be done so.
      expectDone(await dbUpgrade([...args, '--confirm', 'copies']));
      expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(stateCount - 1, kind));
    });
  });
});
