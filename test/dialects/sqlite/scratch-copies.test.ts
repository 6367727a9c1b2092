import { afterEach, describe, expect, it } from 'vitest';
import { ExitCode } from '../../../src/errors.js';
import { type Database, databaseAt } from '../../support/databases.js';
import { goldenAt, stateCount } from '../../support/fixtures.js';
import { goldenOf } from '../../support/golden.js';
import { snapshot } from '../../support/snapshot.js';
import { schemaOf, upgradeDatabase } from '../../support/upgrade.js';

const rows = [
  "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
  "INSERT INTO runs (run_uuid, experiment_id, status) VALUES ('r1', 1, 'FINISHED')",
  "INSERT INTO params (key, value, run_uuid) VALUES ('lr', '0.1', 'r1')",
];

describe('a copy that Alembic left', () => {
  let database: Database;
  afterEach(() => database.drop());

  const warnings = async () => {
    const { events } = await upgradeDatabase(database);
    return events.flatMap((event) => (event.event === 'warning' ? [event.message] : []));
  };
  const finished = async () => {
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(stateCount - 1, 'sqlite'));
    expect(await database.rows('SELECT key, value, run_uuid FROM params')).toEqual([
      { key: 'lr', value: '0.1', run_uuid: 'r1' },
    ]);
  };

  it.each([0, 17, 48])('beside its table goes, from state %i', async (ordinal) => {
    database = await databaseAt('sqlite', ordinal);
    await database.run(...rows, 'CREATE TABLE _alembic_tmp_params (key VARCHAR(250), half TEXT)');
    expect(await warnings()).toEqual([expect.stringMatching(/dropped _alembic_tmp_params/)]);
    await finished();
  });

  it.each([
    [16, 250],
    [17, 500],
    [48, 8000],
  ])('with the only rows takes the place of its table, from state %i', async (ordinal, length) => {
    database = await databaseAt('sqlite', ordinal);
    await database.run(
      ...rows,
      `CREATE TABLE _alembic_tmp_params (key VARCHAR(250) NOT NULL, value VARCHAR(${length}) NOT NULL, run_uuid VARCHAR(32) NOT NULL, CONSTRAINT param_pk PRIMARY KEY (key, run_uuid), FOREIGN KEY(run_uuid) REFERENCES runs (run_uuid))`,
      'INSERT INTO _alembic_tmp_params SELECT key, value, run_uuid FROM params',
      'DROP TABLE params',
    );
    expect(await warnings()).toEqual([expect.stringMatching(/_alembic_tmp_params.*took its place again/)]);
    await finished();
  });

  it('with other columns and no table is left for a person', async () => {
    database = await databaseAt('sqlite', 17);
    await database.run(
      ...rows,
      'CREATE TABLE _alembic_tmp_params (key VARCHAR(250), half TEXT)',
      'DROP TABLE params',
    );
    const before = await snapshot(database);
    await expect(upgradeDatabase(database)).rejects.toMatchObject({
      exitCode: ExitCode.blocked,
      message: expect.stringMatching(/params is missing, and _alembic_tmp_params/),
    });
    expect(await snapshot(database)).toEqual(before);
  });
});
