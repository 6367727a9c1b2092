import { afterEach, describe, expect, it } from 'vitest';
import { dbUpgrade, expectDone, start } from '../support/cli.js';
import { availableDialects, createDatabase, type Database, databaseAt } from '../support/databases.js';
import { goldenAt, stateCount } from '../support/fixtures.js';
import { goldenOf } from '../support/golden.js';
import { allRows } from '../support/rows.js';
import { schemaOf } from '../support/upgrade.js';

const head = stateCount - 1;
const metricRows = 200_000;

/** Enough rows at state 5 that every step of the upgrade takes a moment. */
const fill = {
  sqlite: `INSERT INTO metrics WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${metricRows - 1})
    SELECT 'm' || (i % 20), i * 0.5, i, printf('%032d', i / 2000), i % 100, 0 FROM n`,
  postgresql: `INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
    SELECT 'm' || (i % 20), i * 0.5, i, lpad((i / 2000)::text, 32, '0'), i % 100, false FROM generate_series(0, ${metricRows - 1}) i`,
};

async function oldDatabase(dialect: 'sqlite' | 'postgresql'): Promise<Database> {
  const database = await databaseAt(dialect, 5);
  const runs = Array.from({ length: metricRows / 2000 }, (_, i) => `('${String(i).padStart(32, '0')}', 0)`);
  await database.run(
    "INSERT INTO experiments (experiment_id, name) VALUES (0, 'Default')",
    `INSERT INTO runs (run_uuid, experiment_id) VALUES ${runs.join(', ')}`,
    fill[dialect],
  );
  return database;
}

describe.each(availableDialects())('%s: all or nothing', (dialect) => {
  let database: Database;
  afterEach(() => database.drop());

  const untouched = async () => {
    expect(await database.rows('SELECT version_num FROM alembic_version')).toEqual([
      { version_num: '7ac759974ad8' },
    ]);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(5, dialect));
  };
  const finished = async () => {
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, dialect));
    const [row] = await database.rows('SELECT count(*) AS n, sum(value) AS total FROM metrics');
    expect([Number(row?.n), Number(row?.total)]).toEqual([metricRows, (metricRows * (metricRows - 1)) / 4]);
    const [latest] = await database.rows('SELECT count(*) AS n FROM latest_metrics');
    expect(Number(latest?.n)).toBe(metricRows / 100);
  };

  it('SIGKILL at several moments leaves the old database, and the next run finishes', async () => {
    database = await oldDatabase(dialect);
    let killed = 0;
    for (const delay of [0, 150, 400, 800]) {
      const run = start([...['db', 'upgrade', database.uri]]);
      await run.until('7ac759974ad8 to').catch(() => undefined);
      await new Promise((done) => setTimeout(done, delay));
      run.child.kill('SIGKILL');
      const { code } = await run.ended;
      if (code === 0) break;
      killed++;
      await untouched();
    }
    expect(killed).toBeGreaterThan(0);
    expectDone(await dbUpgrade([database.uri]));
    await finished();
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s rolls back and says so', async (signal, code) => {
    database = await oldDatabase(dialect);
    const before = await allRows(database);
    const run = start(['db', 'upgrade', database.uri]);
    await run.until('7ac759974ad8 to');
    run.child.kill(signal);
    const ended = await run.ended;
    expect(ended.code, ended.stderr).toBe(code);
    expect(ended.stderr).toMatch(/rolled back/);
    await untouched();
    expect(await allRows(database)).toEqual(before);
  });

  it.each([
    ['an empty database', () => createDatabase(dialect)],
    ['an old one', () => databaseAt(dialect, 16)],
  ])('8 runners on %s: 8 succeed, one does the work', async (_name, make) => {
    database = await make();
    const runs = await Promise.all(Array.from({ length: 8 }, () => dbUpgrade([database.uri])));
    for (const run of runs) expectDone(run);
    const worked = runs.filter((run) => !run.stdout.includes('already at'));
    expect(worked.length).toBe(1);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, dialect));
    expect(await database.rows('SELECT name FROM workspaces')).toEqual([{ name: 'default' }]);
  });
});
