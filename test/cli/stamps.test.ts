import { afterEach, describe, expect, it } from 'vitest';
import { dbUpgrade, expectDone, expectRefusal } from '../support/cli.js';
import { createDatabase, type Database, databaseAt } from '../support/databases.js';
import { ddlAt, goldenAt, stateCount } from '../support/fixtures.js';
import { goldenOf } from '../support/golden.js';
import { bundled } from '../support/share.js';
import { snapshot } from '../support/snapshot.js';
import { schemaOf } from '../support/upgrade.js';

const head = stateCount - 1;
const versionTable =
  'CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))';
const stamp = (revision: string) => `INSERT INTO alembic_version VALUES ('${revision}')`;
const tables = (...names: string[]) => names.map((name) => `CREATE TABLE ${name} (id INTEGER)`);

describe.each(bundled())('%s: whose database is it', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  const refused = async (code: number, ...says: RegExp[]) => {
    const before = await snapshot(database);
    expectRefusal(await dbUpgrade([database.uri]), code, ...says);
    expect(await snapshot(database)).toEqual(before);
  };

  it.each([
    ['Optuna', ['studies', 'trials'], /Optuna/],
    ['Airflow', ['dag', 'dag_run'], /Airflow/],
    ["MLflow's basic-auth", ['users', 'experiment_permissions'], /basic-auth/],
    ['a newer MLflow', ['experiments', 'runs'], /newer MLflow/],
    ['nobody known', ['things'], /another application/],
  ])('%s is named and refused', async (_name, owned, says) => {
    database = await createDatabase(kind);
    await database.run(versionTable, stamp('0123456789ab'), ...tables(...owned));
    await refused(5, /"0123456789ab"/, says);
  });

  it('two stamps are refused', async () => {
    database = await databaseAt(kind, 40);
    await database.run(stamp('0123456789ab'));
    await refused(5, /2 rows/);
  });

  it('a stamp without its tables is refused', async () => {
    database = await databaseAt(kind, 40);
    await database.run('DROP TABLE inputs');
    await refused(10, /inputs .*missing/);
  });

  it('tables of a later MLflow without a stamp are refused', async () => {
    database = await databaseAt(kind, 40);
    await database.run('DELETE FROM alembic_version');
    await refused(5, /no revision in alembic_version/);
  });

  it("other applications' tables alone need --yes, and stay", async () => {
    database = await createDatabase(kind);
    await database.run(...tables('orders', 'customers'), 'INSERT INTO orders VALUES (1)');
    await refused(6, /orders/, /--yes/);
    expectDone(await dbUpgrade([database.uri, '--yes']));
    expect(await database.rows('SELECT id FROM orders')).toEqual([{ id: 1 }]);
    const { orders: _o, customers: _c, ...ours } = goldenOf(await schemaOf(database));
    expect(ours).toEqual(goldenAt(head, kind));
  });

  it("the tables of MLflow's basic-auth beside it are named as not handled", async () => {
    database = await databaseAt(kind, 40);
    await database.run('CREATE TABLE alembic_version_auth (version_num VARCHAR(32) NOT NULL)');
    const run = await dbUpgrade([database.uri]);
    expectDone(run);
    expect(run.stderr).toMatch(/warning: alembic_version_auth/);
  });

  it('an empty alembic_version alone is a first run that died', async () => {
    database = await createDatabase(kind);
    await database.run(versionTable);
    expectDone(await dbUpgrade([database.uri]));
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, kind));
  });

  // SQLAlchemy creates the base tables parents first.
  it.each([1, 2, 3, 4])('%i tables of the base are completed', async (count) => {
    database = await createDatabase(kind);
    const order = ['experiments', 'runs', 'metrics', 'params', 'tags'];
    await database.run(...ddlAt(0, kind));
    for (const name of order.slice(count).reverse()) await database.run(`DROP TABLE ${name}`);
    expectDone(await dbUpgrade([database.uri]));
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, kind));
  });

  it('a base with half of the first revision is finished', async () => {
    database = await databaseAt(kind, 0);
    await database.run(
      "ALTER TABLE metrics ADD COLUMN step BIGINT DEFAULT '0' NOT NULL",
      'CREATE TABLE _alembic_tmp_metrics (a INTEGER)',
      versionTable,
    );
    const run = await dbUpgrade([database.uri]);
    expectDone(run);
    expect(run.stderr).toMatch(/dropped _alembic_tmp_metrics/);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, kind));
  });
});

describe.each(bundled())('%s: --to', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it.each([
    ['acf3f17fdcc7', 23],
    ['acf3', 23],
    ['2.9', 23],
    ['2.9.1', 23],
    ['3.1', 31],
    ['3.1.0', 30],
    ['+2', 18],
    ['head', head],
  ])('%s', async (target, ordinal) => {
    database = await databaseAt(kind, 16);
    expectDone(await dbUpgrade([database.uri, '--to', target]));
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(ordinal as number, kind));
  });

  it.each([
    ['1.0.0', /behind the database/],
    ['+99', /beyond the head/],
    ['2.99', /neighbours are/],
    ['a', /fits \d+ revisions/],
    ['2', /fits \d+ revisions|neither a revision/],
    ['zzz', /neither a revision/],
  ])('%s is refused', async (target, says) => {
    database = await databaseAt(kind, 16);
    const before = await snapshot(database);
    expectRefusal(await dbUpgrade([database.uri, '--to', target]), 2, says);
    expect(await snapshot(database)).toEqual(before);
  });

  it('already there writes nothing', async () => {
    database = await databaseAt(kind, 23);
    const before = await snapshot(database);
    const run = await dbUpgrade([database.uri, '--to', '2.9']);
    expectDone(run);
    expect(run.stdout).toMatch(/already at acf3f17fdcc7/);
    expect(await snapshot(database)).toEqual(before);
    const quiet = await dbUpgrade([database.uri, '--to', '2.9', '--quiet']);
    expect(quiet.stdout + quiet.stderr).toBe('');
  });
});
