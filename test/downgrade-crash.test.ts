import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { downgrade } from '../src/core/downgrade.js';
import { Stop } from '../src/core/stop.js';
import { upgrade } from '../src/core/upgrade.js';
import type { Session } from '../src/dialects/dialect.js';
import { availableServers, createDatabase, type Database, kinds, openSession } from './support/databases.js';
import { goldenAt, ordinalOf, revisionAt, stateCount } from './support/fixtures.js';
import { goldenOf } from './support/golden.js';
import { allRows } from './support/rows.js';

const head = stateCount - 1;
const options = () => ({ yes: true, stop: new Stop(), listen: () => undefined });
const changes = /^\s*(ALTER|CREATE|DROP|INSERT|UPDATE|DELETE)\b/i;

/** The session of a process that dies before its statement number `at`; with Infinity it only counts them. */
function dyingAt(session: Session, at: number): { session: Session; done: () => number } {
  let count = 0;
  const query: Session['query'] = (sql, params) => {
    if (changes.test(sql) && ++count >= at) throw new Error('the process died');
    return session.query(sql, params);
  };
  return { session: having(session, query), done: () => count };
}

/** A session with another `query`. */
const having = (session: Session, query: Session['query']): Session =>
  new Proxy(session, {
    get: (target, name) => {
      if (name === 'query') return query;
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

const everywhere = process.env.MLTRACK_CRASH_POINTS === 'all';

/** Every place of a short way and some of a long one; all of them with MLTRACK_CRASH_POINTS=all. */
function pointsOf(statements: number): number[] {
  const all = Array.from({ length: statements }, (_, i) => i + 1);
  const every = everywhere ? 1 : Math.ceil(statements / 3);
  return all.filter((at) => at === 2 || at === statements || at % every === 0);
}

/** MySQL and MariaDB, which leave the same behind; the second with MLTRACK_CRASH_POINTS=all. */
const committing = availableServers()
  .filter((kind) => !kinds[kind].transactional)
  .slice(0, everywhere ? 2 : 1);

describe.each(committing)('%s: a downgrade that dies', (kind) => {
  let database: Database;
  let session: Session;
  beforeAll(async () => {
    database = await createDatabase(kind);
    ({ session } = await openSession(database));
  });
  afterAll(async () => {
    await session.close();
    await database.drop();
  });

  /** The rows are of no concern where there are none. */
  let withRows = false;
  const state = async () => ({
    schema: goldenOf(await session.introspect()),
    rows: withRows ? await allRows(database) : null,
  });
  const up = (to = revisionAt(head) as string) => upgrade(session, { ...options(), to });

  /** Undoes `revision` and dies at every statement of it; each time it is finished by one or the other. */
  async function dieEverywhere(revision: string, rows: readonly string[]): Promise<void> {
    const ordinal = ordinalOf(revision);
    const below = revisionAt(ordinal - 1) as string;
    await up(revision);
    withRows = rows.length > 0;
    if (rows.length > 0) await database.run(...rows);
    const above = await state();
    const counted = dyingAt(session, Number.POSITIVE_INFINITY);
    await downgrade(counted.session, { ...options(), to: below });
    expect(counted.done()).toBeGreaterThan(1);
    const under = await state();
    expect(under.schema).toEqual(goldenAt(ordinal - 1, kind));
    await up(revision);
    expect(await state()).toEqual(above);
    let goesOn = false;
    for (const at of pointsOf(counted.done())) {
      const death = downgrade(dyingAt(session, at).session, { ...options(), to: below });
      await expect(death, `statement ${at}`).rejects.toThrow('the process died');
      if (goesOn) {
        await downgrade(session, { ...options(), to: below });
        expect(await state(), `going on after ${at}`).toEqual(under);
      }
      goesOn = !goesOn;
      await up(revision);
      expect(await state(), `up after ${at}`).toEqual(above);
    }
  }

  it('in the key and the checks of runs and metrics', async () => {
    await dieEverywhere('181f10493468', [
      "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
      "INSERT INTO runs (run_uuid, experiment_id, status) VALUES ('r', 1, 'FINISHED')",
      "INSERT INTO metrics (`key`, value, timestamp, run_uuid) VALUES ('m', 0.5, 1, 'r')",
    ]);
    await dieEverywhere('cfd24bdc0731', []);
  });

  it('in the index that a foreign key stands on, in foreign keys and their columns', async () => {
    await dieEverywhere('bd07f7e963c5', []);
    await dieEverywhere('0584bdc529eb', []);
    await dieEverywhere('d0e1f2a3b4c5', []);
  });

  it('in the keys of the workspaces', async () => {
    await dieEverywhere('1b5f0d9ad7c1', [
      "INSERT INTO registered_models (name) VALUES ('m')",
      "INSERT INTO model_versions (name, version) VALUES ('m', 1)",
      "INSERT INTO model_version_tags (`key`, value, name, version) VALUES ('k', 'v', 'm', 1)",
    ]);
  });

  it('in the trace analytics and in versions that tell case apart', async () => {
    await dieEverywhere('75868b020152', []);
    await dieEverywhere('f4a9b2c7d1e6', []);
  });

  it('goes on with the same revision when it was told --to=-1', async () => {
    await up();
    const death = downgrade(dyingAt(session, 2).session, { ...options(), to: '-1' });
    await expect(death).rejects.toThrow(`(--to ${revisionAt(head - 1)})`);
    expect((await downgrade(session, { ...options(), to: '-1' })).undone).toEqual([revisionAt(head)]);
    expect((await state()).schema).toEqual(goldenAt(head - 1, kind));
  });

  it('stops before a revision for which rows came meanwhile', async () => {
    await up();
    const add = () =>
      database.run("INSERT INTO skills (name, created_at, last_updated_at) VALUES ('late', 1, 1)");
    const query: Session['query'] = async (sql, params) => {
      // The first stamp on the way: every revision has been asked already.
      if (sql.includes(`version_num = '${revisionAt(head - 1)}'`)) await add();
      return session.query(sql, params);
    };
    const late = downgrade(having(session, query), { ...options(), to: 'dc11669786a5' });
    await expect(late).rejects.toThrow(
      /somebody has written meanwhile:\n.*e7d1f4b2a9c6 .*1 row of skills .*name=late/,
    );
    expect(await database.rows('SELECT name FROM skills')).toEqual([{ name: 'late' }]);
    expect((await state()).schema).toEqual(goldenAt(ordinalOf('e7d1f4b2a9c6'), kind));
    await database.run('DELETE FROM skills');
    expect((await downgrade(session, { ...options(), to: 'dc11669786a5' })).undone).toEqual(['e7d1f4b2a9c6']);
  });

  it('is of no concern to a database that stands where it should', async () => {
    await up();
    const before = await state();
    expect((await downgrade(session, { ...options(), to: '-1' })).undone).toEqual([revisionAt(head)]);
    expect((await downgrade(session, { ...options(), to: revisionAt(head - 1) as string })).undone).toEqual(
      [],
    );
    await up();
    expect(await state()).toEqual(before);
  });
});
