import { afterEach, describe, expect, it } from 'vitest';
import { dbUpgrade, expectDone, start } from '../support/cli.js';
import { createDatabase, type Database, databaseAt, kinds } from '../support/databases.js';
import { goldenAt, revisionAt, stateCount } from '../support/fixtures.js';
import { goldenOf } from '../support/golden.js';
import { expectFinished, expectOnTheWay, expectUntouched, manyMetrics } from '../support/metrics.js';
import { allRows } from '../support/rows.js';
import { bundled, turnsOf } from '../support/share.js';
import { schemaOf } from '../support/upgrade.js';

/** Said once an upgrade begins, whatever state it finds. */
const begun = ' to f4a9b2c7d1e6, ';

describe.each(bundled())('%s: an upgrade that is stopped', (kind) => {
  const { transactional } = kinds[kind];
  // One long transaction must last until it is killed; statement by statement there is always one to be killed in.
  const metricRows = transactional ? 200_000 : 40_000;
  let database: Database;
  afterEach(() => database.drop());

  /** What a stopped upgrade may leave: all or nothing, where the server can take DDL back. */
  const expectLeft = () => (transactional ? expectUntouched(database) : expectOnTheWay(database, metricRows));

  it('by SIGKILL at several moments is finished by the next run', async () => {
    database = await manyMetrics(kind, metricRows);
    let killed = 0;
    for (const delay of [0, 150, 400, 800]) {
      const run = start(['db', 'upgrade', database.uri]);
      await run.until(begun).catch(() => undefined);
      await new Promise((done) => setTimeout(done, delay));
      run.child.kill('SIGKILL');
      const { code } = await run.ended;
      if (code === 0) break;
      killed++;
      // It may have been through with its commit and not yet with its words.
      const [stamp] = await database.rows('SELECT version_num FROM alembic_version');
      if (transactional && stamp?.version_num === revisionAt(stateCount - 1)) break;
      await expectLeft();
    }
    expect(killed).toBeGreaterThan(0);
    expectDone(await dbUpgrade([database.uri]));
    await expectFinished(database, metricRows);
  });

  const signals = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const;

  it.each(turnsOf(kind, bundled(), signals))('by %s says how the database stands', async (signal, code) => {
    database = await manyMetrics(kind, metricRows);
    const before = await allRows(database);
    const run = start(['db', 'upgrade', database.uri]);
    await run.until(begun);
    run.child.kill(signal);
    const ended = await run.ended;
    expect(ended.code, ended.stderr).toBe(code);
    expect(ended.stderr).toMatch(
      transactional
        ? /rolled back/
        : /rolled back|the database stands (at \w+, \d+ revisions are left|between \w+ and the next revision)/,
    );
    await expectLeft();
    if (transactional) expect(await allRows(database)).toEqual(before);
    expectDone(await dbUpgrade([database.uri]));
    await expectFinished(database, metricRows);
  });

  it.each([
    ['an empty database', () => createDatabase(kind)],
    ['an old one', () => databaseAt(kind, 16)],
  ])('8 runners on %s: 8 succeed, one does the work', async (_name, make) => {
    database = await make();
    const runs = await Promise.all(Array.from({ length: 8 }, () => dbUpgrade([database.uri])));
    for (const run of runs) expectDone(run);
    const worked = runs.filter((run) => !run.stdout.includes('already at'));
    expect(worked.length).toBe(1);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(stateCount - 1, kind));
    expect(await database.rows('SELECT name FROM workspaces')).toEqual([{ name: 'default' }]);
  });
});
