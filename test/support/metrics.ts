import { expect } from 'vitest';
import { type Database, databaseAt, kinds, type ServerKind } from './databases.js';
import { goldenAt, revisionAt, stateCount } from './fixtures.js';
import { goldenOf } from './golden.js';
import { schemaOf } from './upgrade.js';

/** The state that `manyMetrics` makes. */
export const metricsState = 5;

const perRun = 2000;

/** Numbers from 0 to 999,999, made of digits: recursion is limited in MySQL. */
const numbers = `(SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n + 100000 * f.n AS i
  FROM digits a, digits b, digits c, digits d, digits e, digits f)`;
const digits = `WITH digits AS (${Array.from({ length: 10 }, (_, n) => `SELECT ${n} AS n`).join(' UNION ALL ')})`;
const mysqlFill = (count: number) => `INSERT INTO metrics (\`key\`, value, timestamp, run_uuid, step, is_nan)
  ${digits} SELECT CONCAT('m', i % 20), i * 0.5, i, LPAD(i DIV ${perRun}, 32, '0'), i % 100, 0 FROM ${numbers} n WHERE i < ${count}`;

const fill: Readonly<Record<ServerKind, (count: number) => string>> = {
  sqlite: (
    count,
  ) => `INSERT INTO metrics WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})
    SELECT 'm' || (i % 20), i * 0.5, i, printf('%032d', i / ${perRun}), i % 100, 0 FROM n`,
  postgresql: (count) => `INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
    SELECT 'm' || (i % 20), i * 0.5, i, lpad((i / ${perRun})::text, 32, '0'), i % 100, false FROM generate_series(0, ${count - 1}) i`,
  mysql: mysqlFill,
  mariadb: mysqlFill,
};

/** A database at state 5 with so many metrics (a multiple of 2000) that every step of the upgrade takes a moment. */
export async function manyMetrics(kind: ServerKind, count: number): Promise<Database> {
  const database = await databaseAt(kind, metricsState);
  const runs = Array.from({ length: count / perRun }, (_, i) => `('${String(i).padStart(32, '0')}', 0)`);
  await database.run(
    // MySQL makes a new key of a zero in an AUTO_INCREMENT column, unless told.
    ...(kinds[kind].dialect === 'mysql' ? ["SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'"] : []),
    "INSERT INTO experiments (experiment_id, name) VALUES (0, 'Default')",
    `INSERT INTO runs (run_uuid, experiment_id) VALUES ${runs.join(', ')}`,
    fill[kind](count),
  );
  return database;
}

/** The database is as `manyMetrics` made it. */
export async function expectUntouched(database: Database): Promise<void> {
  expect(await database.rows('SELECT version_num FROM alembic_version')).toEqual([
    { version_num: revisionAt(metricsState) },
  ]);
  expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(metricsState, database.kind));
}

/** The database is at the head, and every metric is there. */
export async function expectFinished(database: Database, count: number): Promise<void> {
  expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(stateCount - 1, database.kind));
  expect(await database.rows('SELECT version_num FROM alembic_version')).toEqual([
    { version_num: revisionAt(stateCount - 1) },
  ]);
  await expectMetrics(database, count);
  const [latest] = await database.rows('SELECT count(*) AS n FROM latest_metrics');
  expect(Number(latest?.n)).toBe(count / 100);
}

/** Where an upgrade is not all or nothing: the stamp is one of MLflow's, not the head, and no metric is lost. */
export async function expectOnTheWay(database: Database, count: number): Promise<void> {
  const [row] = await database.rows('SELECT version_num AS stamp FROM alembic_version');
  const known = Array.from({ length: stateCount - 1 - metricsState }, (_, i) => revisionAt(metricsState + i));
  expect(known).toContain(row?.stamp);
  await expectMetrics(database, count);
}

async function expectMetrics(database: Database, count: number): Promise<void> {
  const [row] = await database.rows('SELECT count(*) AS n, sum(value) AS total FROM metrics');
  expect([Number(row?.n), Number(row?.total)]).toEqual([count, (count * (count - 1)) / 4]);
}
