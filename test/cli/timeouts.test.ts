import { afterEach, describe, expect, it } from 'vitest';
import { dbUpgrade, expectDone, expectRefusal, start } from '../support/cli.js';
import { availableServers, type Database, databaseAt } from '../support/databases.js';
import { goldenAt, stateCount } from '../support/fixtures.js';
import { goldenOf } from '../support/golden.js';
import { type Other, otherSession } from '../support/other-session.js';
import { schemaOf } from '../support/upgrade.js';

// A file is locked as a whole: there these options have no meaning.
const servers = availableServers().filter((kind) => kind !== 'sqlite');

describe.each(servers)('%s: a table that somebody holds', (kind) => {
  let database: Database;
  let other: Other;
  afterEach(async () => {
    await other.end();
    await database.drop();
  });

  /** A transaction that has read a table which the upgrade changes. */
  const held = async () => {
    database = await databaseAt(kind, 48);
    other = await otherSession(database);
    await other.run('BEGIN');
    await other.run("SELECT count(*) AS n FROM experiments WHERE name <> 'a secret'");
  };
  const finished = async () =>
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(stateCount - 1, kind));

  it('makes the upgrade step back, name who it is, and try again until it is let', async () => {
    await held();
    const run = start(['db', 'upgrade', database.uri, '--lock-timeout', '1s', '--lock-wait', '60s']);
    await run.until('trying again');
    await other.run('COMMIT');
    const ended = await run.ended;
    expectDone(ended);
    expect(ended.stderr).toMatch(/others are connected to the database/);
    expect(ended.stderr).toMatch(
      /held by another session: .*; open: (process|connection) \d+ of mlflow from /,
    );
    expect(ended.stderr).not.toMatch(/a secret/);
    await finished();
  });

  it('ends an upgrade whose statement waits beyond --statement-timeout, and the next one finishes', async () => {
    await held();
    const run = await dbUpgrade([database.uri, '--statement-timeout', '1s', '--lock-timeout', '30s']);
    expectRefusal(run, 10, /ran longer than --statement-timeout/);
    await other.run('COMMIT');
    expectDone(await dbUpgrade([database.uri, '--statement-timeout', '60s']));
    await finished();
  });
});
