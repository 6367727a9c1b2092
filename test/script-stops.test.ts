import { afterEach, describe, expect, it } from 'vitest';
import { awkwardDatabase } from './support/awkward.js';
import { availableServers, type Database, databaseAt, kinds, openSession } from './support/databases.js';
import { goldenAt, ordinalOf, stateCount } from './support/fixtures.js';
import { goldenOf } from './support/golden.js';
import { databaseOf, runScript, scriptFrom, scriptOf } from './support/script.js';
import { bundled, shareOf } from './support/share.js';
import { snapshot } from './support/snapshot.js';
import { schemaOf, upgradeDatabase } from './support/upgrade.js';

let database: Database;
afterEach(() => database.drop());

/** The script stops by itself, says why, and leaves everything as it was. */
async function expectStop(script: string, ...says: (string | RegExp)[]): Promise<void> {
  const before = await snapshot(database);
  const { code, output } = await runScript(database, script);
  expect(code, output).not.toBe(0);
  for (const text of says) expect(output).toMatch(text);
  expect(await snapshot(database)).toEqual(before);
}

const signal =
  "CREATE TRIGGER no BEFORE UPDATE ON jobs FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not today'";

/** Makes dc11669786a5 fail, which cancels jobs. */
const refuseUpdates = {
  sqlite: ["CREATE TRIGGER no BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'not today'); END"],
  postgresql: [
    "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$",
    'CREATE TRIGGER no BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION no()',
  ],
  mysql: [signal],
  mariadb: [signal],
} as const;

describe.each(bundled())('%s: a script stops by itself', (kind) => {
  const { quote, transactional } = kinds[kind];
  const [key, value] = [quote('key'), quote('value')];

  it('where the stamp is another by now', async () => {
    database = await databaseAt(kind, 30);
    const script = await scriptOf(database);
    await upgradeDatabase(database, '+1');
    await expectStop(script, /mltrack stopped/, /this script begins at revision/);
    await expectStop(await scriptFrom(kind, 'base'), /begins where there is no revision/);
  });

  // Each changes one character for another, or what a careless sum of rows would not see.
  const changes: readonly (readonly [string, string, string])[] = [
    [
      'a trace name',
      `UPDATE trace_tags SET ${value} = 'lone ! and ?? and $1 and :name and :''name'' and @x and $(x) and %s and $$ and $mltrack$' WHERE ${value} LIKE 'lone ?%'`,
      'trace_tags',
    ],
    [
      'a token count',
      `UPDATE trace_request_metadata SET ${value} = REPLACE(${value}, '9007199254740993', '9007199254740994')`,
      'trace_request_metadata',
    ],
    [
      'the last bit of a cost',
      `UPDATE span_metrics SET ${value} = 4.350000000000001 WHERE ${value} > 4.3 AND ${value} < 4.4`,
      'span_metrics',
    ],
    ['an empty text, now NULL', `UPDATE trace_tags SET ${value} = NULL WHERE ${value} = ''`, 'trace_tags'],
    [
      'two values, now swapped',
      `UPDATE trace_tags SET ${value} = CASE ${value} WHEN '\\' THEN 'NaN' ELSE '\\' END WHERE ${value} IN ('\\', 'NaN')`.replaceAll(
        "'\\'",
        kinds[kind].dialect === 'mysql' ? "'\\\\'" : "'\\'",
      ),
      'trace_tags',
    ],
    [
      'the model of a span',
      `UPDATE spans SET dimension_attributes = '{"mlflow.llm.model": "MaN", "mlflow.llm.provider": null}' WHERE span_id = 's-6'`,
      'spans',
    ],
    [
      'an assessment',
      "UPDATE assessments SET value = '\"n\"' WHERE assessment_id = 'a-9'".replace('value', value),
      'assessments',
    ],
    [
      'an assessment that has come',
      `INSERT INTO assessments (assessment_id, trace_id, name, assessment_type, ${value}, created_timestamp, last_updated_timestamp, source_type, valid) SELECT 'new', trace_id, name, assessment_type, ${value}, 1, 1, source_type, valid FROM assessments WHERE assessment_id = 'a-1'`,
      'assessments',
    ],
    ['a cost that has gone', `DELETE FROM span_metrics WHERE span_id = 's-1'`, 'span_metrics'],
    [
      'the time of a trace',
      `UPDATE trace_info SET timestamp_ms = timestamp_ms + 1 WHERE request_id LIKE 'tr-00%'`,
      'trace_info',
    ],
    [
      'a category of an issue',
      `UPDATE issues SET categories = REPLACE(categories, 'NaN', 'MaN') WHERE issue_id = 'i-3'`,
      'issues',
    ],
  ];
  it.each(shareOf(kind, changes))('where rows changed since: %s', async (_what, change, table) => {
    database = await awkwardDatabase(kind);
    const script = await scriptOf(database);
    const before = await snapshot(database);
    await database.run(change);
    expect(await snapshot(database), 'the change is none').not.toEqual(before);
    await expectStop(script, new RegExp(`mltrack stopped.*rows of ${table} are not what they were`, 's'));
  });

  it('where rows changed that do not matter, it does not', async () => {
    database = await awkwardDatabase(kind);
    const script = await scriptOf(database);
    await database.run(
      `INSERT INTO trace_tags (request_id, ${key}, ${value}) SELECT request_id, 'mine', 'x' FROM trace_info`,
      'UPDATE issues SET severity = NULL, name = name',
    );
    const { code, output } = await runScript(database, script);
    expect(code, output).toBe(0);
  });

  it('where it was written without the database and meets rows that SQL cannot read', async () => {
    database = await awkwardDatabase(kind);
    const script = await scriptFrom(kind, '3.16');
    await expectStop(script, /mltrack stopped/, /(spans|assessments|trace_tags) holds rows/);
    for (const table of ['assessments', 'span_metrics', 'spans', 'trace_metrics', 'trace_request_metadata'])
      await database.run(`DELETE FROM ${table}`);
    await expectStop(script, /trace_tags holds rows/);
    await database.run('DELETE FROM trace_tags');
    await expectStop(script, /issues holds rows/);
    await database.run('DELETE FROM issues');
    const { code, output } = await runScript(database, script);
    expect(code, output).toBe(0);
  });

  it('where another run of mltrack is at work', async () => {
    database = await databaseAt(kind, 60);
    const script = await scriptOf(database);
    const { session } = await openSession(database);
    const before = await snapshot(database);
    try {
      await session.begin();
      // Nothing may read the file here: closing it would take this process's lock off it (POSIX).
      const { code, output } = await runScript(database, script);
      expect(code, output).not.toBe(0);
      expect(output).toMatch(/another run of mltrack|database is locked/);
      await session.rollback();
    } finally {
      await session.close();
    }
    expect(await snapshot(database)).toEqual(before);
    const { code, output } = await runScript(database, script);
    expect(code, output).toBe(0);
  });

  it('at the first error, and the database is as it was or goes on with an upgrade', async () => {
    database = await databaseOf(kind, '3.10');
    await database.run(...refuseUpdates[kind]);
    const script = await scriptOf(database);
    if (transactional) return expectStop(script, /not today/);
    const { code, output } = await runScript(database, script);
    expect(code).not.toBe(0);
    expect(output).toMatch(/not today/);
    expect(await database.rows('SELECT version_num FROM alembic_version')).toEqual([
      { version_num: '75868b020152' },
    ]);
    await database.run('DROP TRIGGER no');
    // A second script goes on from there as well as an upgrade does.
    const rest = await runScript(database, await scriptOf(database, '+1'));
    expect(rest.code, rest.output).toBe(0);
    await upgradeDatabase(database);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(stateCount - 1, kind));
  });

  it('and writing one changes nothing', async () => {
    database = await awkwardDatabase(kind);
    const before = await snapshot(database);
    const script = await scriptOf(database);
    expect(await snapshot(database)).toEqual(before);
    expect(script).toMatch(/End of the script\.\n$/);
    expect(script).not.toContain(database.uri.split('@')[0]?.split(':').at(-1) ?? 'no password');
  });
});

it('SQLite: without the database, where a table is not as MLflow made it', async () => {
  const script = await scriptFrom('sqlite', '3.16');
  for (const added of [
    'ALTER TABLE assessments ADD COLUMN mine TEXT',
    'CREATE INDEX mine ON assessments (trace_id)',
    'CREATE TRIGGER mine AFTER DELETE ON assessments BEGIN SELECT 1; END',
  ]) {
    database = await databaseAt('sqlite', ordinalOf('b7e2c1a4d9f3'));
    await database.run(added);
    await expectStop(script, /table assessments has/);
  }
});

it.each([
  'ALTER TABLE assessments ADD COLUMN mine TEXT',
  'CREATE INDEX mine ON assessments (trace_id)',
  'CREATE TRIGGER mine AFTER DELETE ON assessments BEGIN SELECT 1; END',
])('SQLite: where a table that is replaced is another by now: %s', async (added) => {
  database = await databaseAt('sqlite', ordinalOf('b7e2c1a4d9f3'));
  const script = await scriptOf(database);
  await database.run(added);
  await expectStop(script, /were changed since this script was written/);
});

it.runIf(availableServers().includes('mysql'))('MySQL: a script for MariaDB', async () => {
  database = await databaseAt('mysql', 60);
  await expectStop(await scriptFrom('mariadb', 'a8b9c0d1e2f3'), /this script is for MariaDB/);
});
