import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { dbUpgrade, expectDone, expectRefusal, otherPassword, refusedUnchanged } from '../support/cli.js';
import { createMysql } from '../support/create-mysql.js';
import { availableServers, type Database, databaseAt } from '../support/databases.js';
import { goldenAt, stateCount } from '../support/fixtures.js';
import { goldenOf } from '../support/golden.js';
import type { ServerAddress } from '../support/server.js';
import { schemaOf } from '../support/upgrade.js';

const folder = mkdtempSync(join(tmpdir(), 'mltrack-'));
afterAll(() => rmSync(folder, { recursive: true }));

const servers = availableServers().filter((kind) => kind === 'mysql' || kind === 'mariadb');

describe.each(servers)('%s', (kind) => {
  const server = inject(kind) as ServerAddress & { socket: string };
  const at = (user: string, rest: string) =>
    `${kind}+pymysql://${user}@${server.host}:${server.port}/${rest}`;
  const secret = encodeURIComponent(server.password);
  let database: Database;
  const users: string[] = [];
  afterEach(async () => {
    for (const user of users.splice(0)) await database.run(`DROP USER IF EXISTS ${user}`);
    await database?.drop();
  });
  const nameOf = () => database.uri.split('/').at(-1) as string;

  it.each([
    [
      'a wrong password',
      () => at(`mlflow:${otherPassword}`, nameOf()),
      /refuses mlflow: the password is wrong/,
    ],
    ['no password', () => at('mlflow', nameOf()), /password is wrong or missing/],
    ['a missing database', () => at(`mlflow:${secret}`, 'nowhere'), /"nowhere" does not exist/],
    ['an unknown host', () => `mysql://u:${otherPassword}@no-such-host.invalid/d`, /no-such-host.invalid/],
    ['a closed port', () => `mysql://u:${otherPassword}@127.0.0.1:1/d`, /nothing listens/],
    [
      'a missing socket',
      () => `mysql://u:${otherPassword}@/d?unix_socket=${folder}/sock`,
      /no server socket/,
    ],
    [
      'TLS that the server lacks',
      () => at(`mlflow:${secret}`, `${nameOf()}?ssl_verify_cert=true`),
      /does not speak TLS/,
    ],
  ])('%s', async (_name, uri, says) => {
    database = await createMysql(kind);
    const since = Date.now();
    expectRefusal(await dbUpgrade([uri()]), 9, says);
    // Nothing is left open that the process would wait for.
    expect(Date.now() - since).toBeLessThan(30_000);
  });

  it('a password from a file, standard input or the environment', async () => {
    database = await databaseAt(kind, stateCount - 1);
    const uri = database.uri.replace(`:${secret}@`, '@');
    const path = join(folder, 'password');
    writeFileSync(path, `${server.password}\n`);
    expectDone(await dbUpgrade([uri, '--password-file', path]));
    expectDone(await dbUpgrade([uri, '--password-stdin'], { stdin: `${server.password}\n` }));
    expectDone(await dbUpgrade([], { env: { MLFLOW_TRACKING_URI: database.uri } }));
  });

  it('a Unix socket', async () => {
    database = await databaseAt(kind, 65);
    expectDone(await dbUpgrade([`mysql://mlflow:${secret}@/${nameOf()}?unix_socket=${server.socket}`]));
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(stateCount - 1, kind));
  });

  it('a user without rights is told which GRANT it lacks, and nothing changes', async () => {
    database = await databaseAt(kind, 48);
    const user = `u${Date.now()}`;
    users.push(user);
    await database.run(
      `CREATE USER ${user} IDENTIFIED BY '${otherPassword}'`,
      `GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER ON ${nameOf()}.* TO ${user}`,
    );
    const uri = database.uri.replace(`mlflow:${secret}`, `${user}:${otherPassword}`);
    await refusedUnchanged(database, [uri], 10, [
      new RegExp(`GRANT CREATE, .*INDEX, REFERENCES.* ON \`${nameOf()}\`\\.\\* TO '${user}'`),
    ]);
    await database.run(`GRANT ALL ON ${nameOf()}.* TO ${user}`);
    expectDone(await dbUpgrade([uri]));
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(stateCount - 1, kind));
  });

  it('a table of an engine without foreign keys is named', async () => {
    database = await databaseAt(kind, 5);
    // Its keys are at most 1000 bytes, which only a small character set keeps to.
    await database.run(
      'ALTER TABLE tags DROP FOREIGN KEY tags_ibfk_1',
      'ALTER TABLE tags CONVERT TO CHARACTER SET latin1, ENGINE = MyISAM',
    );
    await refusedUnchanged(database, [database.uri], 10, [
      /table tags is of the engine MyISAM.*ENGINE = InnoDB/,
    ]);
  });
});
