import sqlite3 from 'sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { isTextOnly } from '../../../src/dialects/sqlite/in-place.js';
import { parseCreateTable } from '../../../src/dialects/sqlite/parse.js';
import { addCheck, addColumn, alterColumn, column, text } from '../../../src/schema/index.js';
import { dbUpgrade } from '../../support/cli.js';
import { type Database, databaseAt, openSession } from '../../support/databases.js';
import { goldenAt, stateCount, tablesAt } from '../../support/fixtures.js';
import { goldenOf } from '../../support/golden.js';
import { manyMetrics } from '../../support/metrics.js';
import { runScript, scriptOf } from '../../support/script.js';
import { snapshot } from '../../support/snapshot.js';
import { schemaOf, upgradeDatabase } from '../../support/upgrade.js';

const head = stateCount - 1;
const preload = new URL('../../support/dies-at.mjs', import.meta.url).href;
const diesAt = (moment: string) => ({
  NODE_OPTIONS: `--import ${preload}`,
  MLTRACK_TEST_DIES: moment,
});

const described = ['metrics', 'params', 'runs', 'tags'];

describe('whether a table is the same bytes under another text', () => {
  const base =
    'id BIGINT NOT NULL, name VARCHAR(20), b BOOLEAN DEFAULT 0, CONSTRAINT pk PRIMARY KEY (id, name), UNIQUE (name)';
  const isSame = (before: string, after: string, options = '') =>
    isTextOnly(
      parseCreateTable(`CREATE TABLE t (${before})${options}`),
      parseCreateTable(`CREATE TABLE t (${after})${options}`),
    );

  it.each([
    ['a length', 'VARCHAR(20)', 'TEXT'],
    ['NOT NULL', 'VARCHAR(20)', 'VARCHAR(20) NOT NULL'],
    ['the name of a key', 'CONSTRAINT pk', 'CONSTRAINT other'],
    [
      'a check and a foreign key',
      'UNIQUE (name)',
      'UNIQUE (name), CHECK (b <> 3), FOREIGN KEY (id) REFERENCES u (id)',
    ],
    ['a column at the end', 'b BOOLEAN DEFAULT 0', 'b BOOLEAN DEFAULT 0, c TEXT'],
  ])('it is with another %s', (_, old, now) => {
    expect(isSame(base, base.replace(old, now))).toBe(true);
  });

  it.each([
    ['an affinity', 'VARCHAR(20)', 'FLOAT'],
    ['a collation', 'VARCHAR(20)', 'VARCHAR(20) COLLATE NOCASE'],
    ['a default, which short rows read', 'DEFAULT 0', 'DEFAULT 1'],
    ['a default that was none', 'name VARCHAR(20)', "name VARCHAR(20) DEFAULT 'x'"],
    ['a primary key', '(id, name)', '(name, id)'],
    ['a unique constraint', 'UNIQUE (name)', 'UNIQUE (b)'],
    ['a column in the middle', 'b BOOLEAN', 'c TEXT, b BOOLEAN'],
    ['a column less', 'b BOOLEAN DEFAULT 0, ', ''],
  ])('it is not with another %s', (_, old, now) => {
    expect(isSame(base, base.replace(old, now))).toBe(false);
  });

  it('it is not where a column becomes the rowid', () => {
    expect(isSame('id BIGINT, PRIMARY KEY (id)', 'id INTEGER, PRIMARY KEY (id)')).toBe(false);
    expect(isSame('id BIGINT PRIMARY KEY, v VARCHAR(1)', 'id BIGINT PRIMARY KEY, v TEXT')).toBe(true);
  });

  it('it is not where the automatic indexes would change their numbers, nor with options', () => {
    const late = 'id BIGINT, name VARCHAR(20), UNIQUE (name), PRIMARY KEY (id)';
    expect(isSame(late, late.replace('20', '30'))).toBe(false);
    expect(isSame(base, base.replace('20', '30'), ' WITHOUT ROWID')).toBe(false);
  });
});

describe('a table of an SQLite file that gets another text only', () => {
  let database: Database;
  afterEach(() => database.drop());

  const roots = async () => {
    const names = described.map((name) => `'${name}'`).join(', ');
    return database.rows(
      `SELECT name, rootpage FROM sqlite_master WHERE tbl_name IN (${names}) AND sql IS NULL OR name IN (${names}) ORDER BY name`,
    );
  };
  const rows = [
    "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
    "INSERT INTO runs (run_uuid, experiment_id, status) VALUES ('r', 1, 'FINISHED')",
    "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('m', 1, 2, 'r', 3, 0)",
    "INSERT INTO params (key, value, run_uuid) VALUES ('p', 'v', 'r')",
  ];
  const message = (failed: unknown) => String((failed as Error).message);

  it('keeps its pages, and every connection reads the text', async () => {
    database = await databaseAt('sqlite', 5);
    await database.run(...rows);
    const before = await roots();
    const open = new sqlite3.Database(database.uri.replace('sqlite:///', ''));
    const say = (sql: string) =>
      new Promise<string>((done) => open.exec(sql, (error) => done(error ? error.message : 'ok')));
    expect(await say("UPDATE runs SET status = 'RUNNING'")).toBe('ok');
    await upgradeDatabase(database);
    expect(await roots()).toEqual(before);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, 'sqlite'));
    // MLflow 1.2 knew no such status, and no check of is_nan.
    expect(await say("UPDATE runs SET status = 'KILLED'")).toBe('ok');
    expect(await say('UPDATE metrics SET is_nan = 2')).toMatch(/CHECK constraint failed: is_nan/);
    await new Promise((done) => open.close(done));
    expect(await database.rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  });

  it('is refused for a row that breaks a check, and everything stays as it was', async () => {
    database = await databaseAt('sqlite', 5);
    await database.run(...rows, 'UPDATE metrics SET is_nan = 2');
    const before = await snapshot(database);
    const failed = await upgradeDatabase(database).catch((error: unknown) => error);
    expect(message(failed)).toMatch(/CHECK constraint failed: is_nan IN \(0, 1\)/);
    expect(await snapshot(database)).toEqual(before);
  });

  it('is rebuilt where its keys have their numbers in another order', async () => {
    database = await databaseAt('sqlite', 19);
    const key = 'CONSTRAINT param_pk PRIMARY KEY ("key", run_uuid)';
    const [ddl] = tablesAt(19, 'sqlite').get('params')?.ddl ?? [];
    const made = typeof ddl === 'string' ? ddl : (ddl?.sql ?? '');
    expect(made).toContain('CONSTRAINT param_pk PRIMARY KEY (');
    const swapped = made.replace(
      /CONSTRAINT param_pk PRIMARY KEY \([^)]*\)/,
      `UNIQUE (value, run_uuid), ${key}`,
    );
    await database.run('DROP TABLE params', swapped, ...rows.filter((sql) => !/metrics/.test(sql)));
    await upgradeDatabase(database);
    expect(await database.rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(await database.rows("SELECT value FROM params WHERE key = 'p' AND run_uuid = 'r'")).toEqual([
      { value: 'v' },
    ]);
  });

  it('is read anew before the next statement puts something into the text', async () => {
    database = await databaseAt('sqlite', 19);
    await database.run(...rows);
    const { dialect, session } = await openSession(database);
    await session.begin();
    for (const operation of [
      alterColumn('params', 'value', { type: text() }),
      addCheck('params', { name: 'a_check_of_some_length', expression: "value <> 'no value at all'" }),
      addColumn('params', column('more', text())),
    ])
      for (const { sql } of dialect.compile([operation], await session.introspect()))
        await session.query(sql);
    await session.commit();
    await session.close();
    expect(await database.rows('SELECT * FROM params')).toEqual([
      { key: 'p', value: 'v', run_uuid: 'r', more: null },
    ]);
    expect((await schemaOf(database)).get('params')?.columns.map(({ name }) => name)).toEqual([
      ...['key', 'value', 'run_uuid', 'more'],
    ]);
  });

  it.each(['describe:1', 'described:1', 'described:4', 'commit:1'])(
    'has the old one again when the process is killed: %s',
    async (moment) => {
      // So many that pages are written to the file before the end.
      database = await manyMetrics('sqlite', 40_000);
      const before = await schemaOf(database);
      const { code } = await dbUpgrade([database.uri, '--yes'], { env: diesAt(moment) });
      expect(code).toBe(null);
      expect(await schemaOf(database)).toEqual(before);
      expect(await database.rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
      await upgradeDatabase(database);
      expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, 'sqlite'));
    },
  );

  it('gets it from a script too, in a shell that defends the schema', async () => {
    database = await databaseAt('sqlite', 5);
    await database.run(...rows);
    const before = await roots();
    const script = await scriptOf(database);
    const { code } = await runScript(database, `.dbconfig defensive on\n${script}`);
    expect(code).toBe(0);
    expect(await roots()).toEqual(before);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, 'sqlite'));
  });
});
