import { afterEach, describe, expect, it } from 'vitest';
import { Stop } from '../../../src/core/stop.js';
import { upgrade } from '../../../src/core/upgrade.js';
import type { Session } from '../../../src/dialects/dialect.js';
import { type Database, databaseAt, openSession } from '../../support/databases.js';

/** MLflow 2.0: metrics have an index on their run. */
const state = 19;
const many = 50_000;

let database: Database;
afterEach(() => database.drop());

async function withMetrics(...more: readonly string[]): Promise<void> {
  database = await databaseAt('sqlite', state);
  await database.run(
    "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
    "INSERT INTO runs (run_uuid, experiment_id) VALUES ('a', 1), ('c', 1)",
    `INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
     WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${many - 1})
     SELECT 'm', 1, i, iif(i % 2, 'a', 'c'), 0, 0 FROM n`,
    ...more,
  );
}

/** A session, and the tables that it reads row by row for dangling ones. */
async function watched(): Promise<{ session: Session; read: string[] }> {
  const { session } = await openSession(database);
  const read: string[] = [];
  const query = session.query.bind(session);
  session.query = (sql, params) => {
    if (/DISTINCT parent, fkid FROM pragma_foreign_key_check/.test(sql)) read.push(String(params?.[0]));
    return query(sql, params);
  };
  return { session, read };
}

async function looked() {
  const { session, read } = await watched();
  const orphans = await session.orphans();
  await session.close();
  return { orphans, read };
}

const dangling = (run: string) =>
  `INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('m', 1, -1, '${run}', 0, 0)`;

describe('the dangling rows of an SQLite file', () => {
  it('are known of a big table with few parents without reading all its rows', async () => {
    await withMetrics();
    const { orphans, read } = await looked();
    expect(orphans).toEqual([]);
    expect(read).toContain('params');
    expect(read).not.toContain('metrics');
  });

  it.each(['', 'b', 'd'])('are found there too: %j', async (run) => {
    await withMetrics(dangling(run));
    const { orphans } = await looked();
    expect(orphans).toEqual([{ table: 'metrics', refTable: 'runs', values: [run] }]);
  });

  it('are found without an index that begins with the column', async () => {
    await withMetrics('DROP INDEX index_metrics_run_uuid', dangling('b'));
    expect((await looked()).orphans).toHaveLength(1);
  });

  it('are told after an upgrade, and looked for again only where rows were written', async () => {
    await withMetrics(
      dangling('b'),
      "INSERT INTO experiment_tags (key, value, experiment_id) VALUES ('k', 'v', 9)",
    );
    const { session, read } = await watched();
    const warnings: string[] = [];
    await upgrade(session, {
      ...{ yes: true, stop: new Stop() },
      listen: (event) => event.event === 'warning' && warnings.push(event.message),
    });
    await session.close();
    expect(warnings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/1 missing key in metrics → runs/),
        expect.stringMatching(/1 missing key in experiment_tags → experiments/),
      ]),
    );
    // The experiments got another unique constraint; the runs another text at most.
    const times = (table: string) => read.filter((name) => name === table).length;
    expect([times('metrics'), times('experiment_tags')]).toEqual([1, 2]);
  });
});
