import { afterEach, describe, expect, it } from 'vitest';
import { loadDialect, parseUri } from '../../src/dialects/index.js';
import { ExitCode } from '../../src/errors.js';
import { seed } from '../support/additions.js';
import { expectDone, expectRefusal, mltrack, start } from '../support/cli.js';
import { availableServers, type Database, databaseAt, openSession } from '../support/databases.js';
import { otherSession } from '../support/other-session.js';
import { bundled, longRunners } from '../support/share.js';
import { snapshot } from '../support/snapshot.js';
import { damage, goldenHead, head, repairWith, rowsOf, shapeOf } from './repair.js';

const index = 'index_metrics_run_uuid';
const repair = (database: Database, ...args: string[]) => ['db', 'repair', database.uri, ...args];

describe.each(bundled())('%s: the command db repair', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it('--dry-run says what and how and changes nothing; --only takes one rule; 3 while something is left, then 0', async () => {
    database = await databaseAt(kind, head);
    await database.run(
      ...damage(kind, 'drop foreign key', 'tags').statements,
      ...damage(kind, 'drop index', 'metrics', index).statements,
      ...damage(kind, 'type', 'params', 'value').statements,
      ...seed(kind),
    );
    const before = await snapshot(database);
    const plan = await mltrack(repair(database, '--dry-run', '--json'));
    expectDone(plan);
    const [event] = plan.events;
    expect(event).toMatchObject({ event: 'repair-plan', version: 1, left: [] });
    const repairs = event?.repairs as { id: string; sql: string[] }[];
    expect(repairs.map(({ id }) => id)).toEqual(
      expect.arrayContaining([`index-missing:metrics.${index}`, 'column-type:params.value']),
    );
    for (const { id, sql } of repairs) expect(sql.join(), id).toMatch(/ALTER TABLE|CREATE/);
    const text = await mltrack(repair(database, '--dry-run'));
    expect(text.stdout).toMatch(/CREATE INDEX|ADD KEY/);
    expect(text.stdout).toMatch(/findings would be repaired, 0 left alone; nothing was changed/);
    expect(await snapshot(database)).toEqual(before);

    const asked = await mltrack(repair(database), { env: { MLTRACK_CONFIRM: '' } });
    expectRefusal(asked, 6, /params\.value.*rows are converted/, /--confirm 'column-type:params\.value'/);
    const mistyped = await mltrack(repair(database, '--confirm', 'column-type:param.value'));
    expectRefusal(mistyped, 6, /Did you mean --confirm 'column-type:params\.value'\?/);
    expect(await snapshot(database)).toEqual(before);

    const one = await mltrack(repair(database, '--only', 'index-missing'));
    expectRefusal(one, 3, /✔ index metrics\.index_metrics_run_uuid/, /left alone: not asked for/);
    const rest = await mltrack(repair(database, '--confirm', 'column-type:params.value', '--json'));
    expectDone(rest);
    expect(rest.events.at(-1)).toMatchObject({ event: 'repaired', version: 1, left: [] });
    expect(await shapeOf(database)).toEqual(goldenHead(kind));
    const again = await mltrack(repair(database));
    expectDone(again);
    expect(again.stdout).toMatch(/nothing to repair/);
  });

  it('waits for whoever has the lock, and is waited for', async () => {
    database = await databaseAt(kind, head);
    await database.run(...damage(kind, 'drop index', 'metrics', index).statements);
    const { session } = await openSession(database);
    await session.begin();
    expectRefusal(await mltrack(repair(database, '--lock-wait', '0s')), 7);
    const waiting = start(repair(database, '--lock-wait', '60s'));
    await waiting.until('waiting');
    await session.rollback();
    await session.close();
    expectDone(await waiting.ended);
    expect(await shapeOf(database)).toEqual(goldenHead(kind));
  });
});

/** A session that waits for no lock. */
const sessionAtOnce = async (database: Database) =>
  (await loadDialect(database.dialect)).connect(parseUri(database.uri), { lockWaitMs: 0 });

/** What holds the repair of an index up, so that it can be killed in it. */
describe.each(availableServers().filter((kind) => kind !== 'sqlite' && longRunners().includes(kind)))(
  '%s: a repair that is killed',
  (kind) => {
    let database: Database;
    afterEach(() => database.drop());

    it('is finished by the next one', async () => {
      database = await databaseAt(kind, head);
      await database.run(
        ...damage(kind, 'drop foreign key', 'tags').statements,
        ...damage(kind, 'drop index', 'metrics', index).statements,
        ...seed(kind),
      );
      const before = await rowsOf(database);
      const other = await otherSession(database);
      // PostgreSQL's index waits for whoever could still look at the table as it was before.
      await other.run(kind === 'postgresql' ? 'BEGIN ISOLATION LEVEL REPEATABLE READ' : 'BEGIN');
      await other.run('SELECT * FROM metrics');
      const killed = start(repair(database, '--lock-timeout', '60s'));
      await killed.until('repairing');
      const isWaiting =
        kind === 'postgresql'
          ? "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND state = 'active' AND datname = current_database()"
          : "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER TABLE%metrics%' AND DB = DATABASE()";
      await expect.poll(() => database.rows(isWaiting), { timeout: 20_000 }).not.toEqual([]);
      // Nobody else upgrades meanwhile, though the transaction is through.
      const late = await sessionAtOnce(database);
      await expect(late.begin()).rejects.toMatchObject({ exitCode: ExitCode.locked });
      await late.close();
      killed.child.kill('SIGKILL');
      await killed.ended;
      // PostgreSQL would go on with the index until it looks for its client; so the server process ends here too.
      if (kind === 'postgresql')
        await database.rows(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND datname = current_database()",
        );
      await other.run('ROLLBACK');
      await other.end();
      const next = await mltrack(repair(database));
      expectDone(next);
      expect(await shapeOf(database)).toEqual(goldenHead(kind));
      expect(await rowsOf(database)).toEqual(before);
    });
  },
);

describe.skipIf(!availableServers().includes('sqlite'))('sqlite: a repair that is killed', () => {
  let database: Database;
  afterEach(() => database.drop());

  it('leaves everything as it was, whichever statement it dies at', async () => {
    database = await databaseAt('sqlite', head);
    await database.run(
      ...damage('sqlite', 'drop foreign key', 'tags').statements,
      ...damage('sqlite', 'drop index', 'metrics', index).statements,
      ...seed('sqlite'),
    );
    const damaged = await shapeOf(database);
    for (let at = 1; ; at++) {
      const { session } = await openSession(database);
      let count = 0;
      const query = session.query.bind(session);
      session.query = (sql, params) => {
        if (/^(ALTER|CREATE|DROP|INSERT)/.test(sql) && ++count === at)
          throw Object.assign(new Error('the process died'), { exitCode: 1 });
        return query(sql, params);
      };
      // What dies here is no refusal of the server, so that it is not left alone but thrown.
      const result = await repairWith(session, { listen: () => undefined }).catch((error: Error) => error);
      await session.close();
      if (!(result instanceof Error) && result.left.length === 0) break;
      expect(at).toBeLessThan(30);
      if (result instanceof Error) expect(await shapeOf(database)).toEqual(damaged);
    }
    expect(await shapeOf(database)).toEqual(goldenHead('sqlite'));
  });
});

describe.skipIf(!availableServers().includes('postgresql'))('postgresql: rights', () => {
  let database: Database;
  afterEach(() => database.drop());

  it('10 where the role owns nothing, with what to grant, and no password is printed', async () => {
    database = await databaseAt('postgresql', head);
    const role = `reader_${process.pid}`;
    await database.run(
      ...damage('postgresql', 'drop index', 'metrics', index).statements,
      `CREATE ROLE ${role} LOGIN PASSWORD 'hunter2'`,
      `GRANT USAGE ON SCHEMA public TO ${role}`,
      `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`,
    );
    const before = await snapshot(database);
    const uri = database.uri.replace(/\/\/[^@]*@/, `//${role}:hunter2@`);
    expectRefusal(await mltrack(['db', 'repair', uri]), 10, /left alone: .*must own the tables/);
    expectRefusal(await mltrack(['db', 'repair', uri, '--dry-run']), 10, /GRANT/);
    expect(await snapshot(database)).toEqual(before);
    await database.run(`DROP OWNED BY ${role}`, `DROP ROLE ${role}`);
  });
});
