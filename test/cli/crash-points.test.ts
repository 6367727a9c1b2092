import { afterEach, describe, expect, inject, it } from 'vitest';
import { dbUpgrade, expectDone, start } from '../support/cli.js';
import { oldRelease } from '../support/copy-rows.js';
import { createDatabase, type Database, databaseAt } from '../support/databases.js';
import { goldenAt, revisionAt, stateCount } from '../support/fixtures.js';
import { goldenOf } from '../support/golden.js';
import { type Point, type StatementProxy, startProxy, through } from '../support/mysql-proxy.js';
import { allRows, type TableRows } from '../support/rows.js';
import type { ServerAddress } from '../support/server.js';
import { longRunners, thorough } from '../support/share.js';
import { schemaOf } from '../support/upgrade.js';

type Kind = 'mysql' | 'mariadb';
const servers = longRunners().filter((kind): kind is Kind => kind === 'mysql' || kind === 'mariadb');

/** Statements that change something; before and after all others nothing differs. */
const changes = /^\s*(ALTER|CREATE|DROP|INSERT|UPDATE|DELETE|RENAME)\b/i;
const whens = ['before', 'after'] as const;

/** `npm run crash`: every place instead of a sample, which takes hours. */
const everyPlace = process.env.MLTRACK_CRASH_POINTS === 'all';
const timeoutMs = everyPlace ? 6 * 3_600_000 : 240_000;

/** So many of the places before and after changing statements, spread evenly. */
function sample(statements: readonly string[], count: number): Point[] {
  const places = statements.flatMap((sql, statement) =>
    changes.test(sql) ? whens.map((when) => ({ statement, when })) : [],
  );
  if (everyPlace) return places;
  const chosen = new Set(
    Array.from({ length: count }, (_, i) => places[Math.round((i * (places.length - 1)) / (count - 1))]),
  );
  return [...chosen].flatMap((point) => (point ? [point] : []));
}

/** dc11669786a5 writes the moment of the upgrade. */
function settle(tables: Record<string, TableRows>): Record<string, TableRows> {
  const { jobs } = tables;
  if (!jobs) return tables;
  const at = jobs.columns.indexOf('last_update_time');
  const recent = (value: string | null) => Number(value?.slice(2)) > Date.now() - 3_600_000;
  const rows = jobs.rows.map((row) => row.map((value, i) => (i === at && recent(value) ? 'now' : value)));
  return { ...tables, jobs: { ...jobs, rows: rows.sort() } };
}

describe.each(servers)('%s: mltrack killed at a statement', (kind) => {
  const databases: Database[] = [];
  const proxies: StatementProxy[] = [];
  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.close();
    for (const database of databases.splice(0)) await database.drop();
  });
  const made = async (database: Promise<Database>) => {
    databases.push(await database);
    return database;
  };
  const proxied = async () => {
    const proxy = await startProxy(inject(kind) as ServerAddress);
    proxies.push(proxy);
    return proxy;
  };

  it.each([
    ['an empty database', thorough ? 4 : 2, () => createDatabase(kind)],
    ['the base', thorough ? 8 : 3, () => databaseAt(kind, 0)],
    ['a database of MLflow 3.10 with rows', thorough ? 8 : 2, () => oldRelease(kind, '3.10')],
  ] as const)(
    'on %s is healed by the next run, at %i places',
    async (name, count, make) => {
      const undisturbed = await made(make());
      const recorder = await proxied();
      expectDone(await dbUpgrade([through(recorder, undisturbed.uri)]));
      expect(goldenOf(await schemaOf(undisturbed))).toEqual(goldenAt(stateCount - 1, kind));
      const rows = settle(await allRows(undisturbed));

      const points = sample(recorder.statements, count);
      const report: string[] = [];
      let [tried, healed] = [0, 0];
      for (const point of points) {
        const database = await made(make());
        const proxy = await proxied();
        const run = start(['db', 'upgrade', through(proxy, database.uri)]);
        proxy.arm(point, () => run.child.kill('SIGKILL'));
        const { code } = await run.ended;
        const sql = recorder.statements[point.statement]?.replace(/\s+/g, ' ').slice(0, 70);
        const place = `${point.when} ${point.statement}: ${sql}`;
        if (!proxy.hit || code !== null) {
          report.push(`not hit  ${place}`);
          continue;
        }
        tried++;
        const again = await dbUpgrade([database.uri]);
        const fault = again.code === 0 ? await difference(database, rows) : `${again.stdout}${again.stderr}`;
        if (fault === null) healed++;
        report.push(
          `${fault === null ? 'healed  ' : 'NOT HEALED'} ${place}${fault === null ? '' : `\n${fault}`}`,
        );
        await databases.pop()?.drop();
      }
      console.log(`${kind}, ${name}: healed/tried ${healed}/${tried}\n  ${report.join('\n  ')}`);
      expect(tried).toBeGreaterThanOrEqual(points.length - 1);
      expect(`${healed}/${tried}`, report.join('\n')).toBe(`${tried}/${tried}`);
    },
    timeoutMs,
  );

  /** What differs from an undisturbed upgrade; null: nothing. */
  async function difference(database: Database, rows: Record<string, TableRows>): Promise<string | null> {
    try {
      expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(stateCount - 1, kind));
      const stamps = await database.rows('SELECT version_num FROM alembic_version');
      expect(stamps).toEqual([{ version_num: revisionAt(stateCount - 1) }]);
      expect(settle(await allRows(database))).toEqual(rows);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }
});
