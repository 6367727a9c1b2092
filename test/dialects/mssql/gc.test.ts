import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect } from '../../../src/core/gc/apply.js';
import { RowDeleter } from '../../../src/core/gc/delete-rows.js';
import { readRegistered } from '../../../src/core/gc/eligible-registered.js';
import type { Rules } from '../../../src/core/gc/eligible-rules.js';
import { keepHeld } from '../../../src/core/gc/held.js';
import { loadLinks } from '../../../src/core/gc/links.js';
import { planOf } from '../../../src/core/gc/plan.js';
import { identityOf } from '../../../src/core/gc/plan-identity.js';
import { select } from '../../../src/core/gc/plan-select.js';
import type { Report } from '../../../src/core/gc/report.js';
import { rulesOf, withRegistered } from '../../../src/core/gc/selection.js';
import { noStrangers } from '../../../src/core/gc/strangers.js';
import { expectedAt, loadChain } from '../../../src/core/revisions.js';
import { Stop } from '../../../src/core/stop.js';
import type { Session } from '../../../src/dialects/dialect.js';
import { loadDialect } from '../../../src/dialects/index.js';
import { gc } from '../../../src/dialects/mssql/gc.js';
import { sqlContext } from '../../../src/dialects/mssql/sql-context.js';
import { daysAgo, type GcWorld, gcWorld, idOf } from '../../gc/plan-world.js';
import { openSession } from '../../support/databases.js';
import { ordinalOf } from '../../support/fixtures.js';

interface Sent {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** T-SQL as SQLite can run it: it takes brackets and CAST as they are. */
const forSqlite = (sql: string): string =>
  sql
    .replace(/ WITH \([A-Z, ]+\)/g, '')
    .replace(/OFFSET 0 ROWS FETCH NEXT (\d+) ROWS ONLY/g, 'LIMIT $1')
    .replace(/AS VARCHAR\(\d+\)\)/g, 'AS TEXT)');

/** A collection in the words of SQL Server, whose statements are noted and carried out by SQLite. */
async function recorded(world: GcWorld, own: Partial<Rules>) {
  const { session: real } = await openSession(world.database);
  const dialect = await loadDialect('mssql');
  const sent: Sent[] = [];
  const note = (sql: string, params: readonly unknown[] = []): string => {
    sent.push({ sql, params });
    return forSqlite(sql);
  };
  const words: Pick<Session, 'query' | 'execute'> = {
    query: (sql, params) => real.query(note(sql, params), params),
    execute: (sql, params) => real.execute(note(sql, params), params),
  };
  const columnsOf = real.sql.columnsOf.bind(real.sql);
  const session: Session = Object.assign(Object.create(real) as Session, {
    ...{ dialect, sql: { ...sqlContext(words), columnsOf }, ...words },
    ...Object.fromEntries(
      (['beginWrite', 'commit', 'rollback', 'close'] as const).map((name) => [name, () => real[name]()]),
    ),
  });
  const ordinal = ordinalOf('f4a9b2c7d1e6');
  const schema = expectedAt(await loadChain(), ordinal, dialect);
  const known = { session, schema, revision: 'f4a9b2c7d1e6', strangers: noStrangers };
  const plain = { ...rulesOf({ olderThan: '30d', jobs: true }, {}, Date.now()), ...own };
  const rules = withRegistered(plain, await readRegistered(session));
  const deleter = await RowDeleter.open(session, schema, await loadLinks());
  const checkpoint = () => undefined;
  const selected = await keepHeld(deleter, await select(known, rules, checkpoint));
  const plan = await planOf({
    ...{ known, deleter, selected, checkpoint, artifacts: null, now: Date.now() },
    identity: await identityOf(known),
    choices: { orphans: true } as never,
    ...{ orphanArtifacts: null, missing: [] },
  } as unknown as Parameters<typeof planOf>[0]);
  const report = await collect(selected, {
    ...{ known, deleter, rules, artifacts: null, orphans: true, stop: new Stop(), listen: () => undefined },
  });
  await session.close();
  return { sent, plan, report };
}

describe('a collection in T-SQL', () => {
  let world: GcWorld;
  let sent: readonly Sent[];
  let report: Report;
  let planned: Readonly<Record<string, number>>;

  beforeAll(async () => {
    world = await gcWorld('sqlite');
    await world.experiment(1);
    await world.experiment(2, daysAgo(40));
    await world.run('in', { experiment: 2, deletedAt: daysAgo(40), files: 0 });
    await world.run('young', { deletedAt: daysAgo(1), files: 0 });
    await world.run('net', { deletedAt: daysAgo(40), files: 0 });
    await world.database.run(
      // More of them than a statement may bind, with rows in several tables.
      `INSERT INTO runs (run_uuid, name, source_type, status, experiment_id, lifecycle_stage, deleted_time, artifact_uri)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
       SELECT printf('%032x', i), 'many', 'LOCAL', 'FINISHED', 1, 'deleted', ${daysAgo(40)}, NULL FROM n`,
      "INSERT INTO tags (key, value, run_uuid) SELECT 'k', 'v', run_uuid FROM runs WHERE name = 'many'",
      "INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id, step) SELECT 'i' || substr(run_uuid, 2), 'DATASET', 'd', 'RUN', run_uuid, 0 FROM runs WHERE name = 'many'",
      "INSERT INTO input_tags (input_uuid, name, value) SELECT input_uuid, 'n', 'v' FROM inputs",
      "INSERT INTO input_tags (input_uuid, name, value) VALUES ('nowhere', 'n', 'v')",
    );
    await world.insert('registered_models', { name: 'net', workspace: 'default' });
    await world.insert('model_versions', {
      ...{ name: 'net', version: 1, run_id: idOf('net'), current_stage: 'None', workspace: 'default' },
    });
    await world.insert('jobs', {
      ...{
        id: 'j1',
        creation_time: daysAgo(40),
        job_name: 'j',
        params: '{}',
        workspace: 'default',
        status: 2,
      },
      ...{ retry_count: 0, last_update_time: daysAgo(40) },
    });
    const found = await recorded(world, {});
    ({ sent, report } = found);
    planned = found.plan.rows;
  }, 60_000);
  afterAll(() => world?.drop());

  it('deletes what it must, and no more', async () => {
    expect(report.gone).toEqual({ run: 2501, model: 0, experiment: 1, job: 1 });
    expect(Object.fromEntries(report.rows)).toEqual(planned);
    expect(Object.fromEntries(report.orphans ?? [])).toEqual({ input_tags: 1 });
    expect(await world.values('runs', 'name')).toEqual(['net', 'young']);
    for (const table of ['tags', 'inputs', 'input_tags', 'jobs'])
      expect(await world.database.rows(`SELECT * FROM ${table}`)).toEqual([]);
    expect(await world.values('experiments', 'experiment_id')).toEqual(['1']);
    expect(sent.length).toBeGreaterThan(50);
  });

  it('never binds more than the protocol takes, and binds all that it names', () => {
    const most = Math.max(...sent.map(({ params }) => params.length));
    expect(most).toBeGreaterThan(900);
    for (const { sql, params } of sent) {
      expect(params.length, sql).toBeLessThanOrEqual(2098);
      expect(sql.split('?').length - 1, sql).toBe(params.length);
    }
  });

  it('holds what it looks at again with UPDLOCK and ROWLOCK, and reads nothing else so', () => {
    const locking = sent.filter(({ sql }) => sql.includes('WITH ('));
    expect(locking.length).toBeGreaterThan(0);
    for (const { sql } of locking)
      expect(sql).toMatch(/^SELECT .* FROM (runs|experiments|jobs) WITH \(UPDLOCK, ROWLOCK\) WHERE /);
  });

  it('is T-SQL', () => {
    const foreign =
      /\bLIMIT\b|\bFOR UPDATE\b|\|\||::|"[a-z]|`|\bTRUE\b|\bFALSE\b|\bILIKE\b|\bUSING\b|\bRETURNING\b/;
    const reserved = /(?<![[\w@])(key|file|plan|index|user|percent|public|trigger|tran)(?![\]\w])/i;
    for (const { sql } of sent) {
      expect(sql).not.toMatch(foreign);
      expect(sql.replace(/'[^']*'/g, "''")).not.toMatch(reserved);
      // FETCH belongs to ORDER BY ("SELECT - ORDER BY clause", Transact-SQL); neither may stand in a derived table.
      if (sql.includes('OFFSET 0 ROWS'))
        expect(sql).toMatch(/ORDER BY [^()]+ OFFSET 0 ROWS FETCH NEXT \d+ ROWS ONLY$/);
      if (/^(DELETE|UPDATE)/.test(sql)) expect(sql).toMatch(/ WHERE .*(\?| NOT EXISTS )/);
    }
  });

  it('compares keys as VARCHAR, which their indexes hold', () => {
    const deletes = sent.filter(({ sql }) => /^DELETE FROM (runs|tags|metrics) /.test(sql));
    expect(deletes.length).toBeGreaterThan(4);
    for (const { sql } of deletes) expect(sql).toMatch(/run_uuid IN \(CAST\(\? AS VARCHAR\(8000\)\)/);
  });

  it('tells a foreign key’s no from other errors', () => {
    const told = (number: number, message: string) => Object.assign(new Error(message), { number });
    expect(
      gc.heldBy(
        told(
          547,
          'The DELETE statement conflicted with the REFERENCE constraint "FK_x". The conflict occurred in database "m", table "dbo.notes", column \'run\'.',
        ),
      ),
    ).toBe('dbo.notes');
    expect(gc.heldBy(told(1205, 'deadlock'))).toBeNull();
  });
});
