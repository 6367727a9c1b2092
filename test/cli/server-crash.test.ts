import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dbUpgrade, expectDone, expectRefusal, start } from '../support/cli.js';
import { createOn } from '../support/create-mysql.js';
import type { Database } from '../support/databases.js';
import { ddlAt, goldenAt, stateCount } from '../support/fixtures.js';
import { goldenOf } from '../support/golden.js';
import { startProxy, through } from '../support/mysql-proxy.js';
import { type MysqlServer, startMariadb, startMysql } from '../support/mysql-server.js';
import { fewOf, longRunners } from '../support/share.js';
import { schemaOf } from '../support/upgrade.js';

const starts = { mysql: startMysql, mariadb: startMariadb };
const servers = longRunners().filter((kind): kind is keyof typeof starts => kind in starts);

describe.each(servers)('%s: a server of its own', (kind) => {
  let server: MysqlServer;
  let database: Database;
  beforeAll(async () => {
    server = await starts[kind]();
  });
  afterAll(() => server?.stop());
  afterEach(() => database.drop());

  it.each(fewOf([0.5, 0.2, 0.8], 1))(
    'that dies under an upgrade, at %f of it, comes back and is upgraded',
    async (share) => {
      const make = async () => {
        const made = await createOn(kind, server);
        await made.run(
          ...ddlAt(16, kind),
          "INSERT INTO experiments (experiment_id, name) VALUES (1, 'a')",
          "INSERT INTO runs (run_uuid, experiment_id) VALUES ('r', 1)",
          "INSERT INTO params (`key`, value, run_uuid) VALUES ('k', 'v', 'r')",
        );
        return made;
      };
      database = await make();
      const recorder = await startProxy(server);
      expectDone(await dbUpgrade([through(recorder, database.uri)]));
      await recorder.close();
      await database.drop();

      database = await make();
      const proxy = await startProxy(server);
      const run = start(['db', 'upgrade', through(proxy, database.uri), '--json']);
      let back: Promise<void> | undefined;
      proxy.arm({ statement: Math.round(recorder.statements.length * share), when: 'during' }, () => {
        back = server.crashAndRestart();
      });
      expectRefusal(await run.ended, 9, /connection to .* was lost/);
      await back;
      await proxy.close();
      expect(proxy.hit).toBe(true);
      expectDone(await dbUpgrade([database.uri]));
      expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(stateCount - 1, kind));
      expect(await database.rows('SELECT `key`, value, run_uuid FROM params')).toEqual([
        { key: 'k', value: 'v', run_uuid: 'r' },
      ]);
    },
  );
});
