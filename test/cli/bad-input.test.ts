import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { dbUpgrade, expectDone, expectRefusal, otherPassword, start } from '../support/cli.js';
import { type Database, databaseAt } from '../support/databases.js';
import { fileOf, fileSnapshot, snapshot } from '../support/snapshot.js';

const folder = mkdtempSync(join(tmpdir(), 'mltrack-'));
afterAll(() => rmSync(folder, { recursive: true }));
let database: Database | undefined;
afterEach(async () => {
  await database?.drop();
  database = undefined;
});

describe('what is not a database', () => {
  it.each([
    ['./mlruns', /file store/],
    ['file:///srv/mlruns', /file store/],
    ['http://mlflow.example:5000', /tracking server, not the database behind it/],
    ['databricks://profile', /Databricks/],
    ['mysql+pymysql://u@h', /names no database/],
    ['mysql+pymysql://u@h/d?colour=red', /unknown option "colour"/],
    ['mariadb://u@h/d?ssl_ca=/no/such/file', /ssl_ca names cannot be read/],
    [`mysql://u:${otherPassword}@x@h/d`, /%40/],
    ['redis://h', /not a database URI/],
    ['sqlite://', /in-memory/],
    ['sqlite://mlflow.db', /a slash is missing/],
    ['postgresql://u@h:99999/d', /port/],
    [`postgresql://u:${otherPassword}@x@h/d`, /%40/],
    ['postgresql://u@h/d?sslmode=perhaps', /invalid sslmode/],
    ['postgresql://u@h/d?colour=red', /invalid connection option/],
  ])('%s is refused with what it is', async (uri, says) => {
    expectRefusal(await dbUpgrade([uri]), 2, says);
  });

  it('nor is nothing at all', async () => {
    expectRefusal(await dbUpgrade([]), 2, /no database URI/, /MLFLOW_BACKEND_STORE_URI/);
  });
});

describe('SQLite files', () => {
  const file = (name: string, content: Buffer | string) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const refused = async (path: string, says: RegExp, code = 10) => {
    const before = fileSnapshot(path);
    expectRefusal(await dbUpgrade([`sqlite:///${path}`]), code, says);
    expect(fileSnapshot(path)).toEqual(before);
  };

  it('a text file', () =>
    refused(file('text.db', 'these are words, not a database\n'.repeat(9)), /not an SQLite database/));
  it('an encrypted file', () => refused(file('secret.db', randomBytes(8192)), /encrypted/));
  it('a directory', async () => {
    mkdirSync(join(folder, 'dir.db'));
    expectRefusal(await dbUpgrade([`sqlite:///${folder}/dir.db`]), 10, /is a directory/);
  });
  it('a missing directory', async () => {
    expectRefusal(await dbUpgrade([`sqlite:///${folder}/no/such/mlflow.db`]), 9, /no directory/);
  });
  it('a truncated file', async () => {
    database = await databaseAt('sqlite', 30);
    const path = file('short.db', readFileSync(fileOf(database)));
    truncateSync(path, 20_000);
    await refused(path, /truncated/);
  });
  it('a file that another process writes to', async () => {
    database = await databaseAt('sqlite', 30);
    const other = new sqlite3.Database(fileOf(database));
    await new Promise((done) => other.exec('BEGIN EXCLUSIVE', done));
    expectRefusal(await dbUpgrade([database.uri, '--lock-wait', '500ms']), 7, /locked/);
    const waiting = dbUpgrade([database.uri, '--lock-wait', '60s']);
    await new Promise((done) => setTimeout(done, 1500));
    await new Promise((done) => other.exec('COMMIT', () => other.close(done)));
    expectDone(await waiting);
  });
});

describe.skipIf(!inject('postgresql'))('PostgreSQL', () => {
  const server = inject('postgresql');
  const at = (user: string, rest: string) => `postgresql://${user}@${server?.host}:${server?.port}/${rest}`;
  const secret = encodeURIComponent(server?.password ?? '');

  it.each([
    ['a wrong password', at(`mlflow:${otherPassword}`, 'postgres'), /password of mlflow is wrong/],
    ['no password', at('mlflow', 'postgres'), /asks for a password/],
    ['a missing database', at(`mlflow:${secret}`, 'nowhere'), /"nowhere" does not exist/],
    ['an unknown host', `postgresql://u:${otherPassword}@no-such-host.invalid/d`, /no-such-host.invalid/],
    ['a closed port', `postgresql://u:${otherPassword}@127.0.0.1:1/d`, /nothing listens/],
    ['a missing socket', `postgresql://u:${otherPassword}@/d?host=${folder}`, /no server socket/],
    ['TLS that the server lacks', at(`mlflow:${secret}`, 'postgres?sslmode=require'), /does not speak TLS/],
  ])('%s', async (_name, uri, says) => {
    const since = Date.now();
    expectRefusal(await dbUpgrade([uri]), 9, says);
    // Nothing is left open that the process would wait for.
    expect(Date.now() - since).toBeLessThan(30_000);
  });

  it('a password from a file, standard input or the environment', async () => {
    database = await databaseAt('postgresql', 70);
    const uri = database.uri.replace(`:${secret}@`, '@');
    const path = join(folder, 'password');
    writeFileSync(path, `${server?.password}\n`);
    expectDone(await dbUpgrade([uri, '--password-file', path]));
    expectDone(await dbUpgrade([uri, '--password-stdin'], { stdin: `${server?.password}\n` }));
    expectDone(
      await dbUpgrade([], { env: { MLFLOW_BACKEND_STORE_URI: uri, PGPASSWORD: server?.password ?? '' } }),
    );
    expectDone(await dbUpgrade([], { env: { MLFLOW_TRACKING_URI: database.uri } }));
  });

  it('a Unix socket, and a search_path of its own', async () => {
    database = await databaseAt('postgresql', 70);
    const name = database.uri.split('/').at(-1);
    expectDone(
      await dbUpgrade([`postgresql://mlflow:${secret}@:${server?.port}/${name}?host=${server?.socket}`]),
    );
    await database.run('CREATE SCHEMA other');
    const other = `${database.uri}?options=-csearch_path%3Dother`;
    expectDone(await dbUpgrade([other]));
    const [row] = await database.rows("SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'other'");
    expect(row?.n).toBeGreaterThan(60);
    expect((await dbUpgrade([other])).stdout).toMatch(/already at/);
    await database.run('DROP SCHEMA other CASCADE');
  });

  it('a search_path whose schema has capitals and a space', async () => {
    database = await databaseAt('postgresql', 70);
    await database.run('CREATE SCHEMA "My Schema"');
    const path = encodeURIComponent('-csearch_path="My\\ Schema"');
    const uri = `${database.uri}?options=${path}`;
    expectDone(await dbUpgrade([uri, '--to', '2.9']));
    expectDone(await dbUpgrade([uri]));
    const [row] = await database.rows(
      "SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'My Schema'",
    );
    expect(row?.n).toBeGreaterThan(60);
    await database.run('DROP SCHEMA "My Schema" CASCADE');
  });

  it('a role without rights is told which GRANT it lacks, and nothing changes', async () => {
    database = await databaseAt('postgresql', 48);
    const role = `r${Date.now()}`;
    await database.run(
      `CREATE ROLE ${role} LOGIN PASSWORD '${otherPassword}'`,
      `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`,
      `GRANT USAGE ON SCHEMA public TO ${role}`,
    );
    const before = await snapshot(database);
    const uri = database.uri.replace(`mlflow:${secret}`, `${role}:${otherPassword}`);
    expectRefusal(
      await dbUpgrade([uri]),
      10,
      new RegExp(`GRANT CREATE ON SCHEMA "public" TO "${role}"`),
      /must own the tables/,
    );
    expect(await snapshot(database)).toEqual(before);
    await database.run(`REVOKE USAGE ON SCHEMA public FROM PUBLIC, ${role}`);
    expectRefusal(await dbUpgrade([uri]), 10, new RegExp(`open to role "${role}".*GRANT USAGE`));
    await database.run(`DROP OWNED BY ${role}`, `DROP ROLE ${role}`);
  });

  it('a read-only session', async () => {
    database = await databaseAt('postgresql', 48);
    expectRefusal(
      await dbUpgrade([`${database.uri}?options=-cdefault_transaction_read_only%3Don`]),
      10,
      /read-only/,
    );
  });

  it('a server that comes up late is waited for with --wait', async () => {
    database = await databaseAt('postgresql', 70);
    const probe = createServer();
    const port = await new Promise<number>((done) =>
      probe.listen(0, '127.0.0.1', () => done((probe.address() as { port: number }).port)),
    );
    await new Promise((done) => probe.close(done));
    const { connect } = await import('node:net');
    const late = database.uri.replace(`:${server?.port}/`, `:${port}/`);
    const waiting = start(['db', 'upgrade', late, '--wait', '60s']);
    await waiting.until('nothing listens');
    const proxy = createServer((client) => {
      const upstream = connect(server?.port ?? 0, '127.0.0.1');
      client.pipe(upstream).pipe(client);
      for (const end of [client, upstream]) end.on('error', () => undefined);
    });
    await new Promise<void>((done) => proxy.listen(port, '127.0.0.1', done));
    const run = await waiting.ended;
    proxy.close();
    expectDone(run);
    expect(run.stderr).toMatch(/waiting: .*nothing listens/);
  });
});
