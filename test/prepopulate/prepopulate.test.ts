import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { UpgradeEvent } from '../../src/core/events.js';
import { prepopulate } from '../../src/core/prepopulate.js';
import { Stop } from '../../src/core/stop.js';
import { dbUpgrade, expectDone, expectRefusal, mltrack, refusedUnchanged, start } from '../support/cli.js';
import { type Database, databaseAt, openSession } from '../support/databases.js';
import { goldenAt, revisionAt, stateCount } from '../support/fixtures.js';
import { goldenOf } from '../support/golden.js';
import { otherSession } from '../support/other-session.js';
import { allRows } from '../support/rows.js';
import { bundled, longRunners } from '../support/share.js';
import { snapshot } from '../support/snapshot.js';
import { schemaOf, upgradeDatabase } from '../support/upgrade.js';
import { changes, seeded, trace } from './traces.js';

/** MLflow 3.16's head, b7e2c1a4d9f3. */
const before = 65;
const preload = new URL('../support/dies-at.mjs', import.meta.url).href;

const databases: Database[] = [];
const folder = mkdtempSync(join(tmpdir(), 'mltrack-prepopulate-'));
const state = join(folder, 'state.json');
afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop();
  rmSync(state, { force: true });
});

const made = async (kind: Database['kind'], ordinal = before, rows = true) => {
  const database = await databaseAt(kind, ordinal);
  databases.push(database);
  if (rows) await database.run(...seeded(kind));
  return database;
};

const ahead = (database: Database, ...args: string[]) => [
  ...['--prepopulate', database.uri, '--batch-size', '7', '--json'],
  ...args,
];

/** The traces whose columns hold something. */
const filled = async (database: Database) =>
  (await database.rows('SELECT request_id AS id FROM trace_info WHERE trace_name IS NOT NULL')).map(
    ({ id }) => id as string,
  );

describe.each(bundled())('%s: filled ahead of the upgrade', (kind) => {
  it('beside a writer, killed and resumed, is in the end what an upgrade alone makes', async () => {
    const [one, direct] = [await made(kind), await made(kind)];
    // Three tables of columns, then three pieces of traces.
    const env = {
      NODE_OPTIONS: `--import ${preload}`,
      MLTRACK_TEST_DIES: kind === 'mysql' || kind === 'mariadb' ? 'committed:3' : 'committed:6',
    };
    const died = await dbUpgrade(ahead(one, '--state', state), { env });
    expect(died.code, died.stdout + died.stderr).toBeNull();
    const reached = (await filled(one)).sort().at(-1) as string;
    expect(await filled(one)).toHaveLength(21);
    for (const database of [one, direct]) await database.run(...changes(kind, 0));

    const run = start(['db', 'upgrade', ...ahead(one, '--state', state)]);
    let came = 0;
    await run.until('fill spans');
    for (let ended = false; !ended && came < 10; came++) {
      await one.run(...trace(kind, 100 + came, `tr-${(came * 389) % 1000}-w`));
      ended = run.child.exitCode !== null;
    }
    const again = await run.ended;
    expectDone(again);
    // The state file is written after the commit: of the last piece it may know nothing.
    const { from } = again.events.find(({ event }) => event === 'prepopulate-start') as {
      from: { after: string[] };
    };
    expect(from).toMatchObject({ table: 'trace_info', after: [expect.stringMatching(/^tr-/)] });
    expect((from.after[0] as string) <= reached).toBe(true);
    expect(existsSync(state)).toBe(false);
    for (let i = 0; i < came; i++) await direct.run(...trace(kind, 100 + i, `tr-${(i * 389) % 1000}-w`));
    expect(await one.rows('SELECT version_num FROM alembic_version')).toEqual([
      { version_num: revisionAt(before) },
    ]);

    for (const database of [one, direct]) await database.run(...changes(kind, 1));
    for (const database of [one, direct]) await upgradeDatabase(database);
    expect(goldenOf(await schemaOf(one))).toEqual(goldenAt(stateCount - 1, kind));
    expect(await allRows(one)).toEqual(await allRows(direct));
  });
});

describe.each(bundled())('%s: an upgrade that comes by while it fills', (kind) => {
  /** Fills, and does something after the first piece of a table. */
  const disturbed = async (step: string, ...statements: string[]) => {
    const database = await made(kind);
    const { session } = await openSession(database);
    const came: Promise<void>[] = [];
    const listen = (event: UpgradeEvent) => {
      if (event.event === 'progress' && event.step === step && came.length === 0)
        came.push(database.run(...statements));
    };
    const options = { batchRows: 7, lockWaitMs: 5000, stop: new Stop(), listen };
    const done = await prepopulate(session, options).finally(() => session.close());
    await Promise.all(came);
    return { ...done, database };
  };

  it('ends it, where the stamp has moved', async () => {
    const moved = `UPDATE alembic_version SET version_num = '${revisionAt(before + 1)}'`;
    const { why, tables } = await disturbed('fill spans', moved);
    expect(why).toMatch(/was taken to 75868b020152 meanwhile/);
    expect(tables[2]).toEqual({ table: 'assessments', rows: 0, written: 0 });
  });

  it('and has deleted what it reads, takes nothing from the rows', async () => {
    // As MLflow's own upgrade, which heeds no lock of ours, leaves it where DDL commits by itself.
    const begun = ['CREATE TABLE sql_trace_metric_daily_rollups (id INTEGER)', 'DELETE FROM trace_tags'];
    const { database, why } = await disturbed(
      'fill trace_info',
      ...begun,
      `UPDATE trace_info SET trace_name = 'kept'`,
    );
    expect(why).toMatch(/75868b020152 was begun meanwhile/);
    expect(await database.rows('SELECT DISTINCT trace_name AS name FROM trace_info')).toEqual([
      { name: 'kept' },
    ]);
    const again = await dbUpgrade(ahead(database));
    expectRefusal(again, 10, /an upgrade was begun in 75868b020152/, /run mltrack db upgrade/);
  });
});

describe.each(bundled())('%s: filling ahead', (kind) => {
  it('without a state file a second run writes what is missing, and db check has nothing to say', async () => {
    const database = await made(kind);
    const first = await dbUpgrade(ahead(database));
    expect(first.events.at(-1)).toMatchObject({
      event: 'prepopulated',
      columns: expect.arrayContaining(['trace_info.trace_name', 'spans.model_provider']),
      tables: [
        { table: 'trace_info', rows: 24, written: 24 },
        { table: 'spans', rows: 48, written: 48 },
        { table: 'assessments', rows: 24, written: 24 },
      ],
    });
    const check = await mltrack(['db', 'check', database.uri]);
    expect(check.stdout).toMatch(/0 errors, 0 warnings/);
    await database.run(...trace(kind, 99, 'tr-5-new'));
    expect((await dbUpgrade(ahead(database))).events.at(-1)).toMatchObject({
      columns: [],
      tables: [
        { rows: 25, written: 1 },
        { rows: 50, written: 2 },
        { rows: 24, written: 0 },
      ],
    });
  });
});

describe.each(bundled())('%s: filling ahead is refused', (kind) => {
  it('before its revision, and does nothing after it', async () => {
    const early = await made(kind, before - 1, false);
    await refusedUnchanged(early, ['--prepopulate', early.uri], 10, [
      /is at 17e22815139b.*prepared at b7e2c1a4d9f3 only, where MLflow 3\.16 works/,
      /mltrack db upgrade --to b7e2c1a4d9f3/,
    ]);
    const late = await made(kind, before + 1, false);
    const found = await snapshot(late);
    const run = await dbUpgrade(['--prepopulate', late.uri]);
    expectDone(run);
    expect(run.stdout).toMatch(/past 75868b020152: nothing is left to prepare/);
    expect(await snapshot(late)).toEqual(found);
  });

  it('where rows or a column stand in the way of the upgrade', async () => {
    const database = await made(kind);
    await database.run(`UPDATE spans SET dimension_attributes = '{"colour": "red"}' WHERE span_id = 'b'`);
    await refusedUnchanged(database, ['--prepopulate', database.uri], 10, [/unknown key "colour"/]);
    const other = await made(kind, before, false);
    await other.run('ALTER TABLE spans ADD COLUMN model_name INTEGER');
    await refusedUnchanged(other, ['--prepopulate', other.uri], 10, [/spans\.model_name/]);
  });

  it('with --dry-run nothing is changed', async () => {
    const database = await made(kind);
    const found = await snapshot(database);
    const run = await dbUpgrade(ahead(database, '--dry-run'));
    expectDone(run);
    expect(run.events.at(-1)).toMatchObject({
      event: 'prepopulate-plan',
      revision: '75868b020152',
      statements: expect.arrayContaining([
        { sql: expect.stringMatching(/ADD COLUMN/), locks: expect.any(Array) },
      ]),
      tables: [{ table: 'trace_info', rows: 24 }, { rows: 48 }, { rows: 24 }],
    });
    expect(await snapshot(database)).toEqual(found);
  });
});

describe.each(longRunners().filter((kind) => kind !== 'sqlite'))(
  '%s: a table that somebody holds',
  (kind) => {
    it('is waited for in short turns', async () => {
      const database = await made(kind);
      const other = await otherSession(database);
      const hold = ['BEGIN', 'SELECT * FROM trace_info'];
      for (const sql of hold) await other.run(sql);
      const run = start([...['db', 'upgrade'], ...ahead(database, '--lock-timeout', '1s')]);
      await run.until('trying again');
      await other.run('COMMIT');
      expectDone(await run.ended);
      await other.end();
    });
  },
);

describe('the command line of --prepopulate', () => {
  it('says how it is left when it is stopped', async () => {
    const database = await made('sqlite');
    const run = start(['db', 'upgrade', ...ahead(database, '--batch-size', '1', '--state', state)]);
    await run.until('fill spans');
    run.child.kill('SIGTERM');
    expectRefusal(await run.ended, 143, /what is filled stays, and the stamp is as it was/);
    expect(await filled(database)).toHaveLength(24);
    expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ table: 'spans' });
  });

  const uri = `sqlite:///${folder}/none.db`;
  it.each([
    [['--prepopulate', '--to', 'head'], /does not go with --to/],
    [['--prepopulate', '--backup', folder], /does not go with --backup/],
    [['--prepopulate', '--online'], /does not go with --online/],
    [['--prepopulate', '--batch-size', '0'], /--batch-size 0 is not a number of rows/],
    [['--state', state], /--state goes with --prepopulate only/],
  ])('%j', async (args, says) => {
    expectRefusal(await dbUpgrade([uri, ...args]), 2, says);
  });

  it('makes no database', async () => {
    expectRefusal(await dbUpgrade([uri, '--prepopulate']), 10, /has no revision of MLflow/);
    expect(existsSync(`${folder}/none.db`)).toBe(false);
  });

  it('takes no file that is not its own, nor that of another database', async () => {
    const database = await made('sqlite', before, false);
    const text = JSON.stringify({
      mltrack: 'prepopulate',
      version: 1,
      database: 'x',
      table: 'spans',
      after: null,
    });
    for (const [content, says] of [
      ['my notes', /is no state file/],
      [text, /is the state of x/],
    ] as const) {
      writeFileSync(state, content);
      await refusedUnchanged(database, ['--prepopulate', database.uri, '--state', state], 2, [says]);
      expect(readFileSync(state, 'utf8')).toBe(content);
    }
    const nowhere = join(folder, 'no', 'state.json');
    await refusedUnchanged(database, ['--prepopulate', database.uri, '--state', nowhere], 2, [/ENOENT/]);
  });
});
