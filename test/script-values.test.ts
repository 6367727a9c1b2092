import { afterEach, describe, expect, it } from 'vitest';
import { account, additions, seed } from './support/additions.js';
import { awkwardDatabase } from './support/awkward.js';
import { type Database, databaseAt } from './support/databases.js';
import { databaseOf, expectSame, rowsOf, runScript, scriptFrom, scriptOf } from './support/script.js';
import { bundled, fewOf } from './support/share.js';
import { schemaOf, upgradeDatabase } from './support/upgrade.js';

const open: Database[] = [];
const kept = (database: Database): Database => {
  open.push(database);
  return database;
};
afterEach(async () => {
  for (const database of open.splice(0)) await database.drop();
});

describe.each(bundled())('%s: what a script carries', (kind) => {
  it('comes through the client as it is: texts, 64-bit integers, doubles to the last bit', async () => {
    const since = Date.now() - 1000;
    const [ours, other] = [kept(await awkwardDatabase(kind)), kept(await awkwardDatabase(kind))];
    const { code, output } = await runScript(ours, await scriptOf(ours));
    expect(code, output).toBe(0);
    await upgradeDatabase(other);
    await expectSame(ours, other, since);
    const { trace_info, issue_categories } = await rowsOf(ours, since);
    expect(trace_info?.rows.some((row) => row.includes('i:9223372036854775807'))).toBe(true);
    expect(issue_categories?.rows.length).toBeGreaterThan(20);
  });

  it.each(fewOf([48, 5, 65], 1))('keeps what a user added, from state %i', async (ordinal) => {
    const since = Date.now() - 1000;
    const make = async () => {
      const database = kept(await databaseAt(kind, ordinal));
      await database.run(...seed(kind), ...additions(kind));
      return database;
    };
    const [ours, other] = [await make(), await make()];
    const tell = () => Promise.all(account[kind].map((sql) => ours.rows(sql)));
    const before = await tell();
    const { code, output } = await runScript(ours, await scriptOf(ours));
    expect(code, output).toBe(0);
    expect(await tell()).toEqual(before);
    await upgradeDatabase(other);
    await expectSame(ours, other, since);
  });

  it('goes as far as --to says, and from there on', async () => {
    const ours = kept(await databaseAt(kind, 3));
    for (const to of ['2.9', undefined]) {
      const { code, output } = await runScript(ours, await scriptOf(ours, to));
      expect(code, output).toBe(0);
      const other = kept(await databaseAt(kind, 3));
      await upgradeDatabase(other, to);
      await expectSame(ours, other, Date.now());
    }
  });

  it('says that nothing is to do where nothing is', async () => {
    const database = kept(await databaseAt(kind, 70));
    const script = await scriptOf(database);
    expect(script).toMatch(/^-- .* is at revision f4a9b2c7d1e6 already\.\n$/);
    expect((await runScript(database, script)).code).toBe(0);
    expect(await scriptFrom(kind, 'f4a9b2c7d1e6')).toMatch(/^-- Nothing lies between/);
    expect((await schemaOf(database)).size).toBeGreaterThan(60);
  });
});

it('SQLite: rows without a parent stay as they are, also where their key changes', async () => {
  const database = kept(await databaseOf('sqlite', '3.1'));
  await database.run(
    "INSERT INTO model_versions (name, version, creation_time) VALUES ('ghost', 1, 1)",
    "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('k', 1, 1, 'ghost', 0, 0)",
  );
  const { code, output } = await runScript(database, await scriptOf(database));
  expect(code, output).toBe(0);
  expect(await database.rows("SELECT workspace, name FROM model_versions WHERE name = 'ghost'")).toEqual([
    { workspace: 'default', name: 'ghost' },
  ]);
});

it('SQLite: a script that would leave rows without a parent stops', async () => {
  const database = kept(await databaseOf('sqlite', '3.1'));
  const script = (await scriptOf(database)).replace(
    /^INSERT INTO alembic_version|^UPDATE alembic_version/m,
    'DELETE FROM registered_models WHERE name IN (SELECT name FROM model_versions);\n$&',
  );
  const { code, output } = await runScript(database, script);
  expect(code, output).not.toBe(0);
  expect(output).toContain('mltrack stopped: the upgrade would leave foreign keys without a parent');
  expect(await database.rows('SELECT version_num FROM alembic_version')).toEqual([
    { version_num: 'bda7b8c39065' },
  ]);
});

it('SQLite: the statistics of replaced tables are kept', async () => {
  const database = kept(await databaseOf('sqlite', '3.1'));
  await database.run('ANALYZE');
  const stat =
    "SELECT tbl, idx, stat FROM sqlite_stat1 WHERE tbl IN ('model_versions', 'experiments') ORDER BY 1, 2";
  const other = kept(await databaseOf('sqlite', '3.1'));
  await other.run('ANALYZE');
  const { code, output } = await runScript(database, await scriptOf(database));
  expect(code, output).toBe(0);
  await upgradeDatabase(other);
  const found = await database.rows(stat);
  expect(found.length).toBeGreaterThan(1);
  expect(found).toEqual(await other.rows(stat));
});
