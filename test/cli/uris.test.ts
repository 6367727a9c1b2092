import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { dbUpgrade, expectDone, expectRefusal, otherPassword } from '../support/cli.js';
import { type Database, databaseAt } from '../support/databases.js';
import { stateCount } from '../support/fixtures.js';
import { digest } from '../support/snapshot.js';

const head = stateCount - 1;
const folder = mkdtempSync(join(tmpdir(), 'mltrack-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('SQLite URIs', () => {
  let cwd: string;
  let count = 0;
  beforeEach(() => {
    cwd = join(folder, String(count++));
    mkdirSync(cwd);
  });

  it.each([
    ['sqlite:///plain.db', 'plain.db'],
    ['sqlite:///./dir/../plain.db', 'plain.db'],
    ['sqlite+pysqlite:///plain.db', 'plain.db'],
    ['sqlite:///with space.db', 'with space.db'],
    ['sqlite:///with%20space.db', 'with space.db'],
    ['sqlite:///größe-模型-🚀.db', 'größe-模型-🚀.db'],
    ['sqlite:///gr%C3%B6%C3%9Fe.db', 'größe.db'],
    ['sqlite:///100%.db', '100%.db'],
    ['sqlite:///it\'s "quoted".db', 'it\'s "quoted".db'],
    ['sqlite:///plain.db?timeout=5', 'plain.db'],
    ['sqlite:///file:plain.db?uri=true', 'plain.db'],
    ['sqlite:///file:plain.db', 'file:plain.db'],
    ['sqlite:///user@host.db', 'user@host.db'],
  ])('%s is the file %s', async (uri, name) => {
    mkdirSync(join(cwd, 'dir'));
    expectDone(await dbUpgrade([uri, '--to', '+1'], { cwd }));
    expect(digest(join(cwd, name))).not.toBe('not there');
  });

  it('a file whose name really holds %41 is taken under that name', async () => {
    writeFileSync(join(cwd, 'run%41.db'), '');
    expectDone(await dbUpgrade(['sqlite:///run%41.db', '--to', '+1'], { cwd }));
    expect(digest(join(cwd, 'runA.db'))).toBe('not there');
  });

  it('four slashes make an absolute path', async () => {
    expectDone(await dbUpgrade([`sqlite:///${cwd}/absolute.db`, '--to', '+1']));
    expect(digest(join(cwd, 'absolute.db'))).not.toBe('not there');
  });

  it.each([
    ['sqlite:///:memory:', /in-memory/],
    ['sqlite:///file::memory:?uri=true', /in-memory/],
    ['sqlite:///file:name?mode=memory&uri=true', /in-memory/],
    ['sqlite:///plain.db?timeout=soon', /timeout= .* not a number/],
    ['sqlite:///plain.db?timeout=-1', /timeout= .* not a number/],
    ['sqlite:///plain.db?colour=red', /unknown option "colour"/],
    ['databricks', /Databricks/],
    ['databricks-uc', /Databricks/],
    ['C:\\mlruns', /file store/],
    ['mlruns', /file store/],
    ['mysql', /file store/],
  ])('%s is refused, and no file is made', async (uri, says) => {
    expectRefusal(await dbUpgrade([uri], { cwd }), 2, says);
    expect(digest(join(cwd, 'plain.db'))).toBe('not there');
  });

  it('the argument wins over MLFLOW_BACKEND_STORE_URI, that over MLFLOW_TRACKING_URI', async () => {
    const env = {
      MLFLOW_BACKEND_STORE_URI: 'sqlite:///backend.db',
      MLFLOW_TRACKING_URI: 'sqlite:///tracking.db',
    };
    expectDone(await dbUpgrade(['sqlite:///argument.db', '--to', '+1'], { cwd, env }));
    expect(digest(join(cwd, 'backend.db'))).toBe('not there');
    expectDone(await dbUpgrade(['--to', '+1'], { cwd, env }));
    expect(digest(join(cwd, 'backend.db'))).not.toBe('not there');
    expect(digest(join(cwd, 'tracking.db'))).toBe('not there');
  });
});

describe('PostgreSQL URIs that cannot be right', () => {
  // Parts of a raw password land in the host, the port, the database or an option; none may be printed.
  it.each([
    ['@ in it', 'hunter2@x', /%40/],
    ['@ and / in it', 'x@hunter2/y', /%40/],
    ['@ and ? in it', 'x@y?hunter2=', /%40/],
    ['@ and : in it', 'x@y:hunter2', /port/],
    ['all of them in it', 'p@ss:w/rd#1%', /port|%40/],
  ])('a raw password with %s', async (_name, raw, says) => {
    expectRefusal(await dbUpgrade([`postgresql://u:${raw}@127.0.0.1/d`]), 2, says);
  });

  it.each([
    ['?connect_timeout=soon', /connect_timeout .*whole number/],
    ['?port=five', /port .*whole number/],
    ['?sslrootcert=/no/such/file', /sslrootcert .*\/no\/such\/file/],
    [`?password=${otherPassword}&sslmode=x`, /invalid sslmode "x"/],
  ])('%s', async (query, says) => {
    expectRefusal(await dbUpgrade([`postgresql://u@127.0.0.1:1/d${query}`]), 2, says);
  });
});

describe.skipIf(!inject('postgresql'))('PostgreSQL URIs', () => {
  const server = inject('postgresql');
  let database: Database;
  afterEach(() => database.drop());

  it('take other names of the scheme, TLS where it is not needed, and options', async () => {
    database = await databaseAt('postgresql', head);
    const rest = database.uri.replace(/^[^:]+:/, '');
    const name = rest.split('/').at(-1);
    const secret = encodeURIComponent(server?.password ?? '');
    for (const uri of [
      `postgres:${rest}`,
      `postgresql:${rest}?sslmode=disable`,
      `postgresql:${rest}?sslmode=prefer`,
      `postgresql:${rest}?sslmode=allow&connect_timeout=3&application_name=a+b`,
      `postgresql:///?host=127.0.0.1&port=${server?.port}&user=mlflow&dbname=${name}&password=${secret}`,
    ])
      expectDone(await dbUpgrade([uri]));
  });

  it('on IPv6, where nothing listens', async () => {
    database = await databaseAt('postgresql', head);
    const run = await dbUpgrade([database.uri.replace('127.0.0.1', '[::1]')]);
    expectRefusal(run, 9, new RegExp(`postgresql://mlflow@\\[::1\\]:${server?.port}/`));
  });

  it('with a search_path that does not exist are refused at once', async () => {
    database = await databaseAt('postgresql', head);
    const run = await dbUpgrade([`${database.uri}?options=-csearch_path%3Dnowhere`]);
    expectRefusal(run, 10, /no schema of the search_path exists .*CREATE SCHEMA/);
  });
});
