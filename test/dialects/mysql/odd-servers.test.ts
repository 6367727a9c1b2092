import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dbUpgrade, expectDone, expectRefusal } from '../../support/cli.js';
import { createOn } from '../../support/create-mysql.js';
import { availableServers, type Database } from '../../support/databases.js';
import { ddlAt, goldenAt, stateCount } from '../../support/fixtures.js';
import { goldenOf } from '../../support/golden.js';
import { loadsOf } from '../../support/loads.js';
import { type MysqlServer, startMariadb, startMysql } from '../../support/mysql-server.js';
import { shareOf } from '../../support/share.js';
import { snapshot } from '../../support/snapshot.js';
import { schemaOf, upgradeDatabase } from '../../support/upgrade.js';

/** Everything at once that servers are set up with and MLflow did not think of. */
const odd = [
  '--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES',
  ...['--lower-case-table-names=1', '--log-bin=binary'],
];
const starts = {
  mysql: () =>
    startMysql(...odd, '--server-id=1', '--sql-require-primary-key=ON', '--auto-generate-certs=ON'),
  mariadb: () => startMariadb(...odd),
};
const servers = availableServers().filter((kind): kind is keyof typeof starts => kind in starts);
const head = stateCount - 1;

describe.each(servers)('%s: an odd server', (kind) => {
  let server: MysqlServer;
  let database: Database;
  beforeAll(async () => {
    server = await starts[kind]();
  });
  afterAll(() => server?.stop());
  afterEach(() => database.drop());

  /** A database whose text is of another character set; MLflow's own upgrade fails on it with error 1253. */
  const made = async (charset: string): Promise<Database> => {
    database = await createOn(kind, server);
    await database.run(`ALTER DATABASE ${database.uri.split('/').at(-1)} CHARACTER SET ${charset}`);
    return database;
  };
  /** The server tells a constant of a check with the character set of its column. */
  const plain = (schema: Record<string, unknown>) =>
    JSON.parse(JSON.stringify(schema).replace(/_(utf8mb4|utf8mb3|latin1)(?=\\\\')/g, ''));
  const finished = async () => {
    expect(plain(goldenOf(await schemaOf(database)))).toEqual(plain(goldenAt(head, kind)));
  };
  /** Makes a user who may do everything in the database, and nothing beside it. @returns the URI for that user */
  const ownedBy = async (user: string): Promise<string> => {
    const name = database.uri.split('/').at(-1) as string;
    await database.run(
      `CREATE USER IF NOT EXISTS ${user}@'%' IDENTIFIED BY 'hunter2'`,
      `GRANT ALL ON ${name}.* TO ${user}@'%'`,
    );
    return database.uri.replace(/\/\/[^@]*@/, `//${user}:hunter2@`);
  };
  const charsets = async (table: string) => {
    const rows = await database.rows(
      `SELECT DISTINCT CHARACTER_SET_NAME AS charset FROM information_schema.COLUMNS
       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '${table}' AND DATA_TYPE = 'varchar' ORDER BY 1`,
    );
    return rows.map(({ charset }) => charset);
  };

  it.each(shareOf(kind, ['latin1', 'utf8mb4', 'utf8mb3']))('gets a new database, in %s', async (charset) => {
    await made(charset);
    await upgradeDatabase(database);
    await finished();
    expect(await charsets('runs')).toEqual([charset]);
    expect(await charsets('mcp_server_versions')).toEqual([...new Set([charset, 'utf8mb4'])].sort());
  });

  it.each([
    ['latin1', 5],
    ['utf8mb3', 49],
    ['latin1', 65],
  ] as const)('upgrades a database in %s from state %i, with its rows', async (charset, ordinal) => {
    await made(charset);
    const ddl = ddlAt(ordinal, kind).map((sql) => sql.replace(/ ENGINE=InnoDB DEFAULT CHARSET=.*$/, ''));
    await database.run(
      ...ddl,
      "INSERT INTO experiments (experiment_id, name) VALUES (1, 'Äxpe''riment')",
      "INSERT INTO runs (run_uuid, experiment_id, user_id) VALUES ('r', 1, 'ünï')",
      "INSERT INTO metrics (`key`, value, timestamp, run_uuid, step, is_nan) VALUES ('mé', 0.1, 1, 'r', 2, 0)",
      ...(ordinal < 65
        ? []
        : [
            "INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('trä', 1, 2, 'OK'), ('b', 1, 3, 'OK')",
            "INSERT INTO trace_tags (`key`, value, request_id) VALUES ('mlflow.traceName', 'näme', 'trä'), ('mlflow.traceName', 'b', 'b')",
          ]),
    );
    await upgradeDatabase(database);
    await finished();
    expect(await database.rows('SELECT name FROM experiments')).toEqual([{ name: "Äxpe'riment" }]);
    if (ordinal < 49)
      expect(await database.rows('SELECT `key`, step FROM latest_metrics')).toEqual([{ key: 'mé', step: 2 }]);
    if (ordinal < 65) return;
    expect(await database.rows('SELECT request_id, trace_name FROM trace_info ORDER BY 1')).toEqual([
      { request_id: 'b', trace_name: 'b' },
      { request_id: 'trä', trace_name: 'näme' },
    ]);
  });

  it('with a binary log names what the trigger needs, before anything changes', async () => {
    await made('utf8mb4');
    const uri = await ownedBy('plain');
    await database.run('SET GLOBAL log_bin_trust_function_creators = 0');
    const before = await snapshot(database);
    expectRefusal(await dbUpgrade([uri]), 10, /error 1419.*log_bin_trust_function_creators = 1/);
    expect(await snapshot(database)).toEqual(before);
    expectDone(await dbUpgrade([uri, '--to', '3.5']));
    await database.run('SET GLOBAL log_bin_trust_function_creators = 1');
    expectDone(await dbUpgrade([uri]));
    await finished();
  });

  it('that greets in a character set of its own is understood, with TLS where it has it', async () => {
    await made('utf8mb4');
    const uri = await ownedBy('greeted');
    await database.run(
      // Who may do everything is not greeted.
      "SET GLOBAL init_connect = 'SET NAMES gbk'",
      'SET GLOBAL log_bin_trust_function_creators = 1',
    );
    const { builtins, chunks } = await loadsOf([
      ...['db', 'upgrade', kind === 'mysql' ? `${uri}?ssl_mode=REQUIRED` : uri],
    ]);
    await database.run("SET GLOBAL init_connect = ''");
    await finished();
    expect(builtins.includes('tls')).toBe(kind === 'mysql');
    expect(chunks).toContain('encodings.cjs');
  });
});
