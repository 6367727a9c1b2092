import { afterEach, describe, expect, it } from 'vitest';
import { deleteDangling, edgeName, findDangling } from '../../src/core/gc/dangling.js';
import { RowDeleter } from '../../src/core/gc/delete-rows.js';
import { deleteExperiment } from '../../src/core/gc/delete-rows-experiment.js';
import { eligible } from '../../src/core/gc/eligible.js';
import { readRegistered } from '../../src/core/gc/eligible-registered.js';
import type { Page, Rules } from '../../src/core/gc/eligible-rules.js';
import type { Node } from '../../src/core/gc/graph.js';
import { loadLinks } from '../../src/core/gc/links.js';
import { expectedAt, loadChain } from '../../src/core/revisions.js';
import type { Session } from '../../src/dialects/dialect.js';
import type { Links } from '../../src/schema/link.js';
import type { Schema } from '../../src/schema/table.js';
import {
  availableServers,
  type Database,
  databaseAt,
  openSession,
  type ServerKind,
} from '../support/databases.js';
import { ordinalOf } from '../support/fixtures.js';
import { bundled, shareOf } from '../support/share.js';
import { cellOf, deletedAt, insertsOf, type World } from './world.js';

/** The one that brought deleted_time; logged models; workspaces; rollups; the head. */
const revisions = ['0c779009ac13', '400f98739977', '1b5f0d9ad7c1', '75868b020152', 'f4a9b2c7d1e6'];

const opened: { database: Database; session: Session }[] = [];
afterEach(async () => {
  for (const { session, database } of opened.splice(0)) {
    await session.close();
    await database.drop();
  }
});

/** Every row of every table of a schema; on one connection, which the driver alone would open for each question. */
async function snapshot(session: Session, schema: Schema): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const table of schema.keys()) {
    const rows = await session.query(`SELECT * FROM ${session.sql.quote(table)}`);
    tables[table] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return tables;
}

/** Two worlds in one database, and how it looked when there was only the second. */
async function twoWorlds(kind: ServerKind, revision: string) {
  const database = await databaseAt(kind, ordinalOf(revision));
  const { session } = await openSession(database);
  opened.push({ database, session });
  const chain = await loadChain();
  const schema = expectedAt(chain, chain.ordinalOf(revision) as number, session.dialect);
  const links = await loadLinks();
  const deleter = await RowDeleter.open(session, schema, links);
  const every = new Set([...schema.keys()].filter((name) => name !== 'alembic_version'));
  const b: World = { letter: 'b', tables: every, schema, links: links.softLinks };
  const a: World = { ...b, letter: 'a', tables: deletable(deleter) };
  const zero = kind === 'mysql' || kind === 'mariadb' ? ['SET foreign_key_checks = 0'] : [];
  await database.run(...zero, ...insertsOf(kind, b));
  const before = await snapshot(session, schema);
  await database.run(...zero, ...insertsOf(kind, a));
  return {
    database,
    session,
    schema,
    links,
    deleter,
    a,
    b,
    before,
    again: () => database.run(...zero, ...insertsOf(kind, a)),
  };
}

/** Every table whose rows go with an item of any kind. */
function deletable(deleter: RowDeleter): Set<string> {
  const tables = new Set<string>();
  const visit = ({ table, action, children }: Node): void => {
    if (action === 'delete') tables.add(table);
    for (const { node } of children) visit(node);
  };
  for (const kind of ['run', 'model', 'trace', 'job', 'experiment'] as const)
    if (
      deleter.walk.schema.has(
        { run: 'runs', model: 'logged_models', trace: 'trace_info', job: 'jobs', experiment: 'experiments' }[
          kind
        ],
      )
    )
      visit(deleter.node(kind));
  return tables;
}

const deleted = { sql: "lifecycle_stage = 'deleted'", params: [] };
const options = { condition: deleted, activeModels: 'hold' as const, checkpoint: () => undefined };
const id = (world: World, table: string, column: string) => String(cellOf(world, table, column));

/** Deletes every item of a world, children first. */
async function deleteWorld(
  deleter: RowDeleter,
  world: World,
  end: 'gone' | 'held' = 'gone',
): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  const add = (one: ReadonlyMap<string, number>) => {
    for (const [table, n] of one) rows.set(table, (rows.get(table) ?? 0) + n);
  };
  const aged = (column: string) => ({
    sql: `${deleted.sql} AND ${column} <= ${deleter.walk.session.sql.bind('bigint')}`,
    params: [deletedAt],
  });
  add(
    (await deleter.deleteItems('run', [id(world, 'runs', 'run_uuid')], { item: aged('deleted_time') })).rows,
  );
  if (world.schema.has('logged_models'))
    add(
      (
        await deleter.deleteItems('model', [id(world, 'logged_models', 'model_id')], {
          item: aged('last_updated_timestamp_ms'),
        })
      ).rows,
    );
  if (world.schema.has('jobs'))
    add(
      (
        await deleter.deleteItems('job', [id(world, 'jobs', 'id')], {
          item: { sql: 'status = 2', params: [] },
        })
      ).rows,
    );
  const last = await deleteExperiment(deleter, id(world, 'experiments', 'experiment_id'), options);
  const experiment = id(world, 'experiments', 'experiment_id');
  if (end === 'gone') expect([last.gone, last.held]).toEqual([[experiment], []]);
  else expect(last).toMatchObject({ gone: [], held: [{ key: experiment, table: 'guardrails' }] });
  add(last.rows);
  return rows;
}

const names = async (deleter: RowDeleter) =>
  (await findDangling(deleter)).map(({ edge, rows }) => `${edgeName(edge)}: ${rows}`);

describe.each(availableServers())('%s: collecting rows', (kind) => {
  it.each(shareOf(kind, revisions))('takes all of an item at %s and nothing else', async (revision) => {
    const { session, schema, links, deleter, a, before, again } = await twoWorlds(kind, revision);
    expect(await names(deleter)).toEqual([]);
    const full = await snapshot(session, schema);
    const rows = await deleteWorld(deleter, a);
    expect(await names(deleter)).toEqual([]);
    expect(await snapshot(session, schema)).toEqual(before);
    const gone = Object.entries(full).map(([table, all]): [string, number] => [
      table,
      all.length - (before[table]?.length ?? 0),
    ]);
    expect([...rows].sort()).toEqual(gone.filter(([, n]) => n !== 0).sort());
    expect([...rows.keys()].sort()).toEqual([...a.tables].sort());

    // What a collection by foreign keys alone leaves, as `mlflow gc` does, is found and taken afterwards.
    await again();
    const alone: Links = { softLinks: [], foreignKeyRules: links.foreignKeyRules };
    await deleteWorld(await RowDeleter.open(session, schema, alone), a);
    expect((await names(deleter)).length > 0).toBe(schema.has('inputs'));
    await deleteDangling(deleter, () => undefined);
    expect(await names(deleter)).toEqual([]);
    expect(await snapshot(session, schema)).toEqual(before);
  });
});

describe.each(bundled())('%s: what stays', (kind) => {
  it('keeps what was restored, what is still needed, and clears what outlives', async () => {
    const { database, session, deleter, schema, a, b, before } = await twoWorlds(kind, 'f4a9b2c7d1e6');
    const run = id(a, 'runs', 'run_uuid');
    const model = id(b, 'logged_models', 'model_id');
    const experiment = id(a, 'experiments', 'experiment_id');
    const other = id(b, 'experiments', 'experiment_id');
    const all = await snapshot(session, schema);

    await database.run(`UPDATE runs SET lifecycle_stage = 'active' WHERE run_uuid = '${run}'`);
    const restored = await deleter.deleteItems('run', [run, 'f'.repeat(32)], { item: deleted });
    expect([restored.gone, [...restored.changed].sort(), restored.rows.size]).toEqual([
      [],
      [run, 'f'.repeat(32)].sort(),
      0,
    ]);
    await database.run(`UPDATE runs SET lifecycle_stage = 'deleted' WHERE run_uuid = '${run}'`);

    // Runs hold an experiment as a whole, its traces too; and so does a guardrail.
    const held = await deleteExperiment(deleter, experiment, options);
    expect(held.held).toEqual([{ key: experiment, table: 'runs' }]);
    expect(await snapshot(session, schema)).toEqual(all);

    // What the dry run counts is what goes.
    const counted = await deleter.count('run', [run]);
    await database.run(`UPDATE logged_models SET source_run_id = '${run}' WHERE model_id = '${model}'`);
    // An assessment of this run on a trace that stays: its day is summed up again.
    const day = Date.UTC(2026, 0, 2);
    await database.run(
      `UPDATE assessments SET run_id = '${run}', experiment_id = ${other}, trace_timestamp_ms = ${day + 5} WHERE run_id = '${id(b, 'runs', 'run_uuid')}'`,
      `UPDATE sql_assessment_daily_rollups SET rollup_day = '2026-01-02' WHERE experiment_id = ${other}`,
    );
    const assessed = (await deleter.count('run', [run])).get('assessments') as number;
    expect(assessed).toBeGreaterThan(counted.get('assessments') as number);
    counted.set('assessments', assessed);
    const gone = await deleter.deleteItems('run', [run], { item: deleted });
    expect([...gone.rows].sort()).toEqual([...counted].sort());
    const queued = await session.query(
      `SELECT experiment_id AS e FROM sql_trace_rollup_rebuild_queue WHERE rollup_family = 'assessment' AND rollup_day = '2026-01-02'`,
    );
    expect(queued).toEqual([{ e: Number(other) }]);
    expect(
      await database.rows(`SELECT source_run_id AS r FROM logged_models WHERE model_id = '${model}'`),
    ).toEqual([{ r: null }]);
    await database.run(
      `UPDATE logged_models SET source_run_id = '${id(b, 'runs', 'run_uuid')}' WHERE model_id = '${model}'`,
    );

    const rules = {
      ...{ cutoff: null, undated: false, ids: {}, workspace: null, jobs: false, registered: null },
      activeModels: 'hold' as const,
    };
    const known = { session, schema };
    const pages: Page[] = [];
    for await (const page of eligible(known, 'experiment', rules)) pages.push(page);
    expect(pages.flatMap(({ items }) => items.map((item) => item.id))).toEqual([experiment]);
    expect(pages.flatMap(({ kept }) => kept)).toMatchObject([
      { item: { id: other }, reason: expect.stringMatching(/^guardrail \w+ uses one of its scorers$/) },
    ]);
    await deleteWorld(deleter, b, 'held');
    const after = await snapshot(session, schema);
    expect(after.trace_info).toEqual(all.trace_info);
    expect(after.guardrails).toEqual(before.guardrails);
    expect(await names(deleter)).toEqual([]);
  });

  it('chooses by age, workspace, name and registry, and says why the rest stays', async () => {
    const { session, schema, a, b } = await twoWorlds(kind, 'f4a9b2c7d1e6');
    const known = { session, schema };
    const rules: Rules = {
      ...{ cutoff: null, undated: false, ids: {}, workspace: null, jobs: false, registered: null },
      activeModels: 'hold',
    };
    const chosen = async (what: 'run' | 'model' | 'experiment' | 'job', more: Partial<Rules> = {}) => {
      const pages: Page[] = [];
      for await (const page of eligible(known, what, { ...rules, ...more })) pages.push(page);
      return {
        ids: pages.flatMap(({ items }) => items.map((item) => item.id)).sort(),
        reasons: pages.flatMap(({ kept }) => kept.map(({ reason }) => reason)),
      };
    };
    const runs = [a, b].map((world) => id(world, 'runs', 'run_uuid')).sort();
    const jobs = [a, b].map((world) => id(world, 'jobs', 'id')).sort();
    const [first = '', second = ''] = runs;
    expect(await chosen('run')).toEqual({ ids: runs, reasons: [] });
    expect(await chosen('run', { cutoff: deletedAt })).toEqual({ ids: runs, reasons: [] });
    const young = await chosen('run', { cutoff: deletedAt - 1 });
    expect(young.ids).toEqual([]);
    expect(young.reasons[0]).toBe('deleted 2023-11-14T22:13:20Z, after 2023-11-14T22:13:19Z');
    expect((await chosen('experiment', { cutoff: deletedAt - 1 })).ids).toEqual([]);
    expect(await chosen('job')).toEqual({ ids: [], reasons: [] });
    expect((await chosen('job', { jobs: true })).ids).toEqual(jobs);
    expect((await chosen('run', { workspace: 'elsewhere' })).ids).toEqual([]);
    expect((await chosen('run', { workspace: 'default' })).ids).toEqual(runs);
    // Naming runs is no word about experiments, as it is to `mlflow gc`.
    expect(await chosen('experiment', { ids: { run: [first] } })).toEqual({ ids: [], reasons: [] });
    expect(await chosen('run', { ids: { run: [first, 'none'] } })).toEqual({
      ids: [first],
      reasons: ['there is no such run'],
    });
    const inside = await chosen('run', { ids: { experiment: [id(a, 'experiments', 'experiment_id'), 'x'] } });
    expect(inside.ids).toEqual([id(a, 'runs', 'run_uuid')]);
    const registered = { runs: new Map([[second, 'm version 3']]), models: new Map<string, string>() };
    expect(await chosen('run', { registered })).toEqual({
      ids: [first],
      reasons: ['registered as m version 3; --include-registered collects it all the same'],
    });
    expect((await chosen('experiment', { registered })).reasons.join()).toContain(
      `it holds run ${second}, registered as m`,
    );
  });

  it('reads what a registry needs', async () => {
    const { session, database } = await twoWorlds(kind, 'f4a9b2c7d1e6');
    const [run, model, other] = ['1'.repeat(32), `m-${'2'.repeat(32)}`, '3'.repeat(32)] as const;
    await database.run(
      `UPDATE model_versions SET run_id = '${run}', source = 's3://b/1/models/${model}/artifacts', storage_location = 'runs:/${other}/x'`,
    );
    const { runs, models } = await readRegistered(session);
    expect([...runs.keys()].sort()).toEqual([run, other]);
    expect([...models.keys()]).toEqual([model]);
    expect(models.get(model)).toMatch(/^\w+ version \d+$/);
  });
});
