import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { ExitCode } from '../../../src/errors.js';
import { type Database, databaseAt, kinds } from '../../support/databases.js';
import { longRunners } from '../../support/share.js';
import { snapshot } from '../../support/snapshot.js';
import { upgradeDatabase } from '../../support/upgrade.js';

/** Where MLflow does what it did not mean, or crashes by accident: docs/differences.md, case by case. */
describe.each(longRunners())('%s: rows on which MLflow stumbles', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  const warnings = async (to?: string) => {
    const { events } = await upgradeDatabase(database, to);
    return events.flatMap((event) => (event.event === 'warning' ? [event.message] : []));
  };
  const { dialect, quote, strict } = kinds[kind];
  const no = kind === 'postgresql' ? 'false' : '0';
  const yes = kind === 'postgresql' ? 'true' : '1';

  it('90e64c465722 tags only the first run of each experiment that a scan reads, and none without an experiment', async () => {
    database = await databaseAt(kind, 1);
    await database.run(
      "INSERT INTO experiments (experiment_id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')",
      "INSERT INTO runs (run_uuid, experiment_id, user_id) VALUES ('z', 1, 'zoe'), ('a', 1, 'ann'), ('n', NULL, 'nil')",
      "INSERT INTO runs (run_uuid, experiment_id, user_id) VALUES ('e', 2, ''), ('f', 2, 'fay'), ('t', 3, 'tom')",
      `INSERT INTO tags (${quote('key')}, value, run_uuid) VALUES ('mlflow.user', 'kept', 't')`,
    );
    await upgradeDatabase(database, '90e64c465722');
    const tags = await database.rows('SELECT run_uuid, value FROM tags ORDER BY value');
    // InnoDB reads a table in the order of its primary key.
    const first = dialect === 'mysql' ? { run_uuid: 'a', value: 'ann' } : { run_uuid: 'z', value: 'zoe' };
    expect(tags).toHaveLength(2);
    expect(tags).toEqual(expect.arrayContaining([first, { run_uuid: 't', value: 'kept' }]));
  });

  // SQLite keeps no lengths, so nothing is too long there.
  if (strict)
    it('90e64c465722: a user longer than a tag is named beforehand', async () => {
      database = await databaseAt(kind, 1);
      await database.run(
        "INSERT INTO experiments (experiment_id, name) VALUES (1, 'a')",
        `INSERT INTO runs (run_uuid, experiment_id, user_id) VALUES ('long', 1, '${'u'.repeat(251)}')`,
      );
      const before = await snapshot(database);
      await expect(upgradeDatabase(database)).rejects.toMatchObject({
        exitCode: ExitCode.blocked,
        message: expect.stringMatching(/long/),
      });
      expect(await snapshot(database)).toEqual(before);
    });

  it('89d4b8295536 keeps one of a NaN and a number at the same step and time', async () => {
    database = await databaseAt(kind, 5);
    const rows = [
      ['above', 2.5, no],
      ['above', 0, yes],
      ['below', -1, no],
      ['below', 0, yes],
      ['equal', 0, no],
      ['equal', 0, yes],
    ];
    await database.run(
      "INSERT INTO experiments (experiment_id, name) VALUES (1, 'a')",
      "INSERT INTO runs (run_uuid, experiment_id) VALUES ('r', 1)",
      `INSERT INTO metrics (${quote('key')}, value, is_nan, timestamp, step, run_uuid) VALUES ${rows
        .map(([key, value, nan]) => `('${key}', ${value}, ${nan}, 7, 3, 'r')`)
        .join(', ')}, ('above', 99, ${no}, 7, 2, 'r')`,
    );
    expect(await warnings()).toEqual([expect.stringMatching(/^3 latest metrics had a NaN and a number/)]);
    const latest = await database.rows(
      `SELECT ${quote('key')} AS name, value, is_nan FROM latest_metrics ORDER BY 1`,
    );
    expect(latest.map((row) => [row.name, row.value, Number(row.is_nan)])).toEqual([
      ['above', 2.5, 0],
      ['below', 0, 1],
      ['equal', 0, 0],
    ]);
  });

  it.each([['with'], ['without']])(
    '89d4b8295536 takes the greatest step, then time, then value, %s an index of the runs',
    async (index) => {
      database = await databaseAt(kind, 5);
      const [least, most] = ['-9223372036854775808', '9223372036854775807'];
      const rows = [
        ...[`'step', 1, ${most}, 1`, `'step', 2, ${least}, 2`, `'step', 3, ${least}, ${least}`],
        ...[`'time', 4, ${least}, ${most}`, `'time', 5, ${most}, ${most}`, `'time', 6, ${most}, 0`],
        ...[`'low', 7, ${least}, ${least}`, `'low', 8, -1, ${least}`, `'low', 7.5, -1, ${least}`],
        ...["'value', -1e300, 5, 5", "'value', 1e-300, 5, 5", "'value', -2, 5, 5"],
      ];
      await database.run(
        "INSERT INTO experiments (experiment_id, name) VALUES (1, 'a')",
        "INSERT INTO runs (run_uuid, experiment_id) VALUES ('r', 1), ('s', 1)",
        ...['r', 's'].map(
          (run) =>
            `INSERT INTO metrics (${quote('key')}, value, timestamp, step, run_uuid, is_nan) VALUES ${rows
              .map((row) => `(${row}, '${run}', ${no})`)
              .join(', ')}`,
        ),
        // Both at once: neither goes while the other needs it.
        ...(index === 'without' && dialect === 'mysql'
          ? ['ALTER TABLE metrics DROP FOREIGN KEY metrics_ibfk_1, DROP INDEX run_uuid']
          : []),
      );
      await warnings('89d4b8295536');
      const latest = await database.rows(
        `SELECT run_uuid, ${quote('key')} AS name, value FROM latest_metrics ORDER BY 1, 2`,
      );
      const expected = { low: 8, step: 2, time: 5, value: 1e-300 };
      expect(latest.map((row) => [row.run_uuid, row.name, row.value])).toEqual(
        ['r', 's'].flatMap((run) => Object.entries(expected).map(([name, value]) => [run, name, value])),
      );
    },
  );

  it('8b6ad64cb8f5 leaves out categories that are no list of texts, and keeps the column', async () => {
    database = await databaseAt(kind, 68);
    const stored = ['["A b", " a B "]', '["x", 1]', 'not json', 'null', '"hi"', '["\\ud800"]', '[]'];
    // A backslash in a constant of MySQL's is written twice.
    const constant = (text: string) => (dialect === 'mysql' ? text.replaceAll('\\', '\\\\') : text);
    await database.run(
      "INSERT INTO experiments (experiment_id, name) VALUES (1, 'a')",
      `INSERT INTO issues (issue_id, experiment_id, name, description, status, categories, created_timestamp, last_updated_timestamp)
       VALUES ${stored.map((text, i) => `('i${i}', 1, 'n', 'd', 'open', '${constant(text)}', 5, 6)`).join(', ')}`,
    );
    expect(await warnings()).toEqual([expect.stringMatching(/: i1, i2, i3, i5$/)]);
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    const found = await database.rows(
      'SELECT issue_id, category, category_hash FROM issue_categories ORDER BY 1, 2',
    );
    expect(found).toEqual([
      { issue_id: 'i0', category: ' a B ', category_hash: hash('a b') },
      { issue_id: 'i4', category: 'h', category_hash: hash('h') },
      { issue_id: 'i4', category: 'i', category_hash: hash('i') },
    ]);
    const kept = await database.rows(
      'SELECT categories, last_seen_timestamp AS seen FROM issues ORDER BY issue_id',
    );
    expect(kept.map((row) => [row.categories, Number(row.seen)])).toEqual(stored.map((text) => [text, 5]));
  });

  it('75868b020152 names spans and assessments without a trace', async () => {
    database = await databaseAt(kind, 65);
    // Such rows cannot be written where foreign keys are kept, only where they were not.
    await database.run(
      ...(strict ? [`ALTER TABLE assessments DROP CONSTRAINT fk_assessments_trace_id`] : []),
      `INSERT INTO assessments (assessment_id, trace_id, name, assessment_type, value, created_timestamp, last_updated_timestamp, source_type, valid)
       VALUES ('a', 'lost', 'n', 't', '1', 0, 0, 's', ${yes})`,
    );
    const before = await snapshot(database);
    await expect(upgradeDatabase(database)).rejects.toMatchObject({
      exitCode: ExitCode.blocked,
      message: expect.stringMatching(/Assessments .*lost/),
    });
    expect(await snapshot(database)).toEqual(before);
  });
});
