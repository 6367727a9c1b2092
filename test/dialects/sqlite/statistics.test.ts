import { afterEach, describe, expect, it } from 'vitest';
import { type Database, databaseAt } from '../../support/databases.js';
import { metricsState } from '../../support/metrics.js';
import { upgradeDatabase } from '../../support/upgrade.js';

let database: Database;
afterEach(() => database.drop());

/** So many that an upgrade writes more rows than it leaves without statistics elsewhere. */
const metrics = 12_000;

const statistics = async (): Promise<string[]> =>
  (await database.rows("SELECT name FROM sqlite_master WHERE name = 'sqlite_stat1'")).map(({ name }) =>
    String(name),
  );

async function withMetrics(): Promise<void> {
  database = await databaseAt('sqlite', metricsState);
  await database.run(
    "INSERT INTO experiments (experiment_id, name) VALUES (0, 'Default')",
    "INSERT INTO runs (run_uuid, experiment_id) VALUES ('r', 0)",
    `INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
     WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${metrics - 1})
     SELECT 'm' || i, i, i, 'r', 0, 0 FROM n`,
  );
}

describe('the statistics of an SQLite file', () => {
  it('do not come with an upgrade, as they do not with MLflow', async () => {
    await withMetrics();
    await upgradeDatabase(database);
    expect(await database.rows('SELECT COUNT(*) AS n FROM latest_metrics')).toEqual([{ n: metrics }]);
    expect(await statistics()).toEqual([]);
  });

  it('are brought up to date where they are', async () => {
    await withMetrics();
    await database.run('ANALYZE');
    await upgradeDatabase(database);
    expect(await statistics()).toEqual(['sqlite_stat1']);
    const rows = await database.rows("SELECT stat FROM sqlite_stat1 WHERE tbl = 'latest_metrics'");
    expect(rows.map(({ stat }) => String(stat).split(' ')[0])).toContain(String(metrics));
  });
});
