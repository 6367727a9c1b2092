import { afterEach, describe, expect, it } from 'vitest';
import { trace } from '../../prepopulate/traces.js';
import { type Database, databaseAt, kinds } from '../../support/databases.js';
import { longRunners } from '../../support/share.js';
import { upgradeDatabase } from '../../support/upgrade.js';

/**
 * MySQL and MariaDB keep nobody out between the filling of the columns of 75868b020152 and the deletion of what they
 * were filled from: what others write there must be in the columns all the same.
 */
const servers = longRunners().filter((kind) => kinds[kind].dialect === 'mysql');

describe.each(servers)('%s: traces written in the middle of 75868b020152', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  const [key, value] = ['key', 'value'].map(kinds[kind].quote);

  /** Upgrades, with `late` run between filling and deletion. */
  async function upgraded(late: readonly string[]): Promise<void> {
    database = await databaseAt(kind, 65);
    await database.run(
      "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
      ...[1, 2, 4].flatMap((i) => trace(kind, i)),
    );
    let asked = 0;
    await upgradeDatabase(database, undefined, false, ({ sql }) => {
      const { lockOut } = sql;
      Object.assign(sql, {
        lockOut: async (tables: readonly string[]) => {
          asked++;
          if (asked === 2) await database.run(...late);
          return lockOut(tables);
        },
      } satisfies Partial<typeof sql>);
    });
    expect(asked).toBe(2);
  }

  const columns = (table: string, names: string, where: string) =>
    database.rows(`SELECT ${names} FROM ${table} WHERE ${where} ORDER BY 1`);

  it('a new trace is filled', async () => {
    await upgraded(trace(kind, 7, 'tr-late'));
    expect(await columns('trace_info', 'trace_name, session_id', "request_id = 'tr-late'")).toEqual([
      { trace_name: 'name 7', session_id: 'session 7' },
    ]);
    expect(await columns('spans', 'model_name, total_cost', "trace_id = 'tr-late'")).toEqual(
      Array(2).fill({ model_name: 'model 7', total_cost: 0.8 }),
    );
  });

  // Each leaves as many rows as there were.
  it.each([
    [
      'a tag',
      `UPDATE trace_tags SET ${value} = 'NAME 1' WHERE ${value} = 'name 1'`,
      ['trace_info', 'trace_name', "session_id = 'session 1'"],
      { trace_name: 'NAME 1' },
    ],
    [
      'two tags changed for each other',
      `UPDATE trace_tags SET ${value} = IF(${value} = 'name 1', 'name 2', 'name 1') WHERE ${value} IN ('name 1', 'name 2')`,
      ['trace_info', 'trace_name', "session_id = 'session 1'"],
      { trace_name: 'name 2' },
    ],
    [
      'a metric',
      `UPDATE span_metrics SET ${value} = 0.21 WHERE ${key} = 'total_cost' AND ${value} = 0.2`,
      ['spans', 'DISTINCT total_cost', 'start_time_unix_nano = 1'],
      { total_cost: 0.21 },
    ],
    [
      'dimensions',
      `UPDATE spans SET dimension_attributes = '{"mlflow.llm.model": "Model 1"}' WHERE start_time_unix_nano = 1`,
      ['spans', 'DISTINCT model_name', 'start_time_unix_nano = 1'],
      { model_name: 'Model 1' },
    ],
    [
      'an assessment',
      `UPDATE assessments SET ${value} = '0.9' WHERE ${value} = '0.4'`,
      ['assessments', 'aggregate_value', `${value} = '0.9'`],
      { aggregate_value: 0.9 },
    ],
  ] as const)('%s: filled again', async (_, late, [table, names, where], wanted) => {
    await upgraded([late]);
    expect(await columns(table, names, where)).toEqual([wanted]);
  });
});
