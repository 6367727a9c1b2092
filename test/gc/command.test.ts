import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundled } from '../support/share.js';
import { daysAgo, type GcWorld, gc, gcWorlds, idOf, run } from './plan-world.js';

const world = gcWorlds();

const partly = (exitCode: number, message: string | RegExp) =>
  expect.objectContaining({ exitCode, message: expect.stringMatching(message) });

describe.each(bundled())('%s: mltrack gc', (kind) => {
  it('deletes what is deleted, with its files and rows, and nothing else', async () => {
    const made = await world(kind);
    await made.experiment(1);
    await made.experiment(2, daysAgo(40));
    const [old, young, active] = [
      await made.run('old', { deletedAt: daysAgo(40) }),
      await made.run('young', { deletedAt: daysAgo(1) }),
      await made.run('active'),
    ];
    const inside = await made.run('inside', { experiment: 2, deletedAt: daysAgo(40) });
    made.files(made.place(1, `${old}x`), 1);

    const dry = await gc(made, ['--older-than', '30d', '--dry-run', '--json']);
    expect(dry.error).toBeNull();
    expect(dry.event.event).toBe('gc-plan');
    expect((dry.event.items as { id: string }[]).map(({ id }) => id).sort()).toEqual(
      [inside, old, '2'].sort(),
    );
    expect(dry.event.rows).toMatchObject({ runs: 2, metrics: 6, experiments: 1 });
    expect(dry.event.artifacts).toEqual({ files: 4, bytes: 12, unknown: 0 });
    expect(dry.event.kept).toMatchObject([{ id: young, reason: expect.stringContaining('deleted') }]);
    expect(await made.values('runs', 'run_uuid')).toHaveLength(4);

    const done = await gc(made, ['--older-than', '30d', '--yes', '--json']);
    expect(done.error).toBeNull();
    expect(done.event).toMatchObject({
      ...{ event: 'gc', gone: { run: 2, model: 0, experiment: 1, job: 0 } },
      ...{ rows: dry.event.rows, artifacts: { files: 4, bytes: 12 }, failed: [] },
    });
    expect(await made.values('runs', 'run_uuid')).toEqual([active, young].sort());
    expect(await made.values('experiments', 'experiment_id')).toEqual(['1']);
    expect([made.has(1, old, 'artifacts'), made.has(2, inside, 'artifacts')]).toEqual([false, false]);
    expect([made.has(1, young, 'artifacts', 'f0'), made.has(1, `${old}x`, 'f0')]).toEqual([true, true]);

    const again = await gc(made, ['--older-than', '30d', '--yes']);
    expect([again.error, again.out]).toEqual([null, expect.stringContaining('nothing to collect')]);
  });

  it('works at the revision that brought deleted_time, where experiments have no age', async () => {
    const made = await world(kind, '0c779009ac13');
    await made.experiment(1);
    await made.experiment(2, null);
    const undated = await made.run('undated', { deletedAt: null });
    await made.run('old', { deletedAt: daysAgo(40) });
    const first = await gc(made, ['--older-than', '30d', '--yes', '--json']);
    expect(first.event).toMatchObject({ gone: { run: 1, experiment: 0 } });
    const reasons = (first.event.kept as { id: string; reason: string }[]).map(({ id, reason }) => [
      id,
      reason,
    ]);
    expect(Object.fromEntries(reasons)).toEqual({
      2: expect.stringContaining('--undated'),
      [undated]: expect.stringContaining('--undated'),
    });
    const second = await gc(made, ['--older-than', '30d', '--undated', '--yes', '--json']);
    expect(second.event).toMatchObject({ gone: { run: 1, experiment: 1 }, kept: [] });
  });

  it('takes an experiment with its traces, models and jobs, each as it was asked', async () => {
    const made = await world(kind);
    await made.experiment(1, daysAgo(40));
    const model = `m-${idOf('model')}`;
    const place = made.place(1, 'models', model, 'artifacts');
    await made.insert('logged_models', {
      ...{
        model_id: model,
        experiment_id: 1,
        name: 'net',
        artifact_location: place,
        lifecycle_stage: 'active',
      },
      ...{ creation_timestamp_ms: 1, last_updated_timestamp_ms: 1, status: 2 },
    });
    made.files(place, 2);
    const trace = `tr-${idOf('trace')}`;
    await made.insert('trace_info', { request_id: trace, experiment_id: 1, timestamp_ms: 7, status: 'OK' });
    const traced = made.place(1, 'traces', trace, 'artifacts');
    await made.insert('trace_tags', { request_id: trace, key: 'mlflow.artifactLocation', value: traced });
    made.files(traced, 1);
    await made.insert('jobs', {
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

    const held = await gc(made, ['--yes', '--json']);
    expect(held.event).toMatchObject({
      gone: { experiment: 0 },
      kept: [{ kind: 'experiment', reason: 'it holds 1 logged model that is not deleted' }],
    });
    expect(made.has(1, 'traces', trace, 'artifacts', 'f0')).toBe(true);

    const plan = await gc(made, ['--include-active-models', '--jobs', '--dry-run', '--json']);
    expect(plan.event.items).toMatchObject([
      { kind: 'experiment', traces: { count: 1, oldest: 7, newest: 7 }, artifacts: { files: 1, bytes: 3 } },
      { kind: 'model', name: 'net', inside: '1', artifacts: { files: 2, bytes: 6 } },
      { kind: 'job', id: 'j1' },
    ]);
    const done = await gc(made, ['--include-active-models', '--jobs', '--yes', '--json']);
    expect(done.event).toMatchObject({
      gone: { run: 0, model: 1, experiment: 1, job: 1 },
      artifacts: { files: 3, bytes: 9 },
    });
    expect([made.has(1, 'traces', trace, 'artifacts'), made.has(1, 'models', model, 'artifacts')]).toEqual([
      false,
      false,
    ]);
    for (const table of ['experiments', 'logged_models', 'trace_info', 'trace_tags', 'jobs'])
      expect(await made.database.rows(`SELECT * FROM ${table}`)).toEqual([]);
  });
});

describe.each(bundled().slice(0, 1))('%s: mltrack gc and its guards', (kind) => {
  async function small(n = 3): Promise<GcWorld> {
    const made = await world(kind);
    await made.experiment(1);
    for (let i = 0; i < n; i++) await made.run(`r${i}`, { deletedAt: daysAgo(40) });
    await made.run('active');
    return made;
  }

  it('asks: without a terminal --yes is needed', async () => {
    const made = await small();
    const asked = await gc(made, []);
    expect(asked.error).toEqual(partly(6, '3 items would be deleted for good'));
    expect(asked.error?.hints).toEqual([expect.stringContaining('--yes')]);
    expect(await made.values('runs', 'run_uuid')).toHaveLength(4);
  });

  it('stops a surprise', async () => {
    const made = await small();
    for (const args of [
      ['--max-delete', '2'],
      ['--max-fraction', '0.7'],
      ['--max-fraction', '70%'],
    ]) {
      expect((await gc(made, [...args, '--yes'])).error).toEqual(partly(10, 'would go, more than'));
      expect((await gc(made, [...args, '--dry-run'])).error).toEqual(partly(10, 'would go, more than'));
    }
    expect(await made.values('runs', 'run_uuid')).toHaveLength(4);
    const enough = await gc(made, ['--max-delete', '3', '--max-fraction', '0.75', '--yes']);
    expect(enough.error).toBeNull();
    expect(await made.values('runs', 'run_uuid')).toEqual([idOf('active')]);
  });

  it.each([
    [['--older-than', ''], 'is empty'],
    [['--older-than', '30'], 'no age and no date'],
    [['--run-ids', ''], 'empty id'],
    [['--run-ids', 'a,,b'], 'empty id'],
    [['--undated'], 'says nothing without'],
    [['--workspace', 'a', '--all-workspaces'], 'exclude each other'],
    [['--concurrency', '0'], 'no number from 1'],
    [['--max-delete', '-1'], 'no whole number'],
    [['--max-fraction', '1.5'], 'no part of a whole'],
    [['--apply-plan', 'x', '--jobs'], 'exclude each other'],
    [['--apply-plan', '/nowhere/x'], 'cannot be read'],
    [['--plan', '/nowhere/x'], 'cannot be written'],
  ])('refuses %j', async (args, says) => {
    const made = await small(0);
    expect((await gc(made, [...args, '--yes'])).error).toEqual(partly(2, says));
  });

  it('needs to know which database', async () => {
    expect((await run(['--yes'])).error).toEqual(partly(2, 'no backend store URI'));
    expect((await run(['--backend-store-uri', '', '--yes'])).error).toEqual(
      partly(2, 'no backend store URI'),
    );
  });

  it('keeps what is registered, here or elsewhere', async () => {
    const made = await small(2);
    const elsewhere = await world(kind);
    for (const [where, n] of [
      [made, 0],
      [elsewhere, 1],
    ] as const) {
      await where.insert('registered_models', { name: 'net', workspace: 'default' });
      const version = { name: 'net', version: 1, run_id: idOf(`r${n}`), current_stage: 'None' };
      await where.insert('model_versions', { ...version, workspace: 'default' });
    }
    const reasons = async (...args: string[]) => {
      const { event, error } = await gc(made, [...args, '--dry-run', '--json']);
      expect(error).toBeNull();
      return (event.kept as { id: string; reason: string }[]).map(({ id, reason }) => `${id} ${reason}`);
    };
    const kept = (n: number) =>
      `${idOf(`r${n}`)} registered as net version 1; --include-registered collects it all the same`;
    expect(await reasons()).toEqual([kept(0)]);
    expect(await reasons('--registry-store-uri', elsewhere.database.uri)).toEqual([kept(1)]);
    expect(await reasons('--include-registered')).toEqual([]);

    const nowhere = ['--registry-store-uri', `sqlite:///${join(made.root, 'no.db')}`];
    expect((await gc(made, [...nowhere, '--yes'])).error).toEqual(
      partly(10, 'registry cannot be read, so nothing goes'),
    );
    expect((await gc(made, ['--registry-store-uri', 'http://127.0.0.1:9', '--yes'])).error).toEqual(
      partly(10, 'registry cannot be read, so nothing goes'),
    );
    expect(await made.values('runs', 'run_uuid')).toHaveLength(3);
    expect(await reasons(...nowhere, '--ignore-registry')).toEqual([]);
  });

  it('keeps the run whose artifacts it may not remove, and goes on with the rest', async () => {
    const made = await small();
    const bad = idOf('r1');
    // A link leads out of the run: the store refuses it, for root too.
    const out = join(made.root, 'out');
    mkdirSync(out);
    writeFileSync(join(out, 'precious'), 'x');
    await made.database.run(
      `UPDATE runs SET artifact_uri = '${made.place(1, 'link')}/${bad}' WHERE run_uuid = '${bad}'`,
    );
    symlinkSync(out, made.place(1, 'link'));
    mkdirSync(join(out, bad));
    writeFileSync(join(out, bad, 'precious'), 'x');

    const { event, error } = await gc(made, ['--yes', '--json']);
    expect(error).toEqual(partly(8, '1 of the items stayed'));
    expect(event).toMatchObject({ gone: { run: 2 }, failed: [{ kind: 'run', id: bad, name: 'r1' }] });
    expect(await made.values('runs', 'run_uuid')).toEqual([bad, idOf('active')].sort());
    expect(existsSync(join(out, bad, 'precious'))).toBe(true);

    const rows = await gc(made, ['--yes', '--keep-artifacts']);
    expect(rows.error).toBeNull();
    expect(await made.values('runs', 'run_uuid')).toEqual([idOf('active')]);
    expect(existsSync(join(out, bad, 'precious'))).toBe(true);
  });

  it('refuses a schema that is older, half-applied or not whole', async () => {
    const old = await world(kind, '97727af70f4d');
    await old.database.run("UPDATE alembic_version SET version_num = 'bd07f7e963c5'");
    expect((await gc(old, ['--yes'])).error).toEqual(partly(10, /from before MLflow 1.28/));
    const cut = await world(kind);
    await cut.database.run('ALTER TABLE runs RENAME COLUMN deleted_time TO gone_time');
    expect((await gc(cut, ['--yes'])).error).toEqual(partly(10, 'runs.deleted_time missing'));
    const half = await world(kind, '97727af70f4d');
    await half.database.run("UPDATE alembic_version SET version_num = '0c779009ac13'");
    expect((await gc(half, ['--yes'])).error).toEqual(partly(10, 'an upgrade died half-way'));
    const foreign = await world(kind);
    await foreign.database.run("UPDATE alembic_version SET version_num = 'abcdef123456'");
    expect((await gc(foreign, ['--yes'])).error).toEqual(partly(5, 'not one of MLflow'));
  });

  it('says in words what would go and what went', async () => {
    const made = await small(2);
    await made.run('young', { deletedAt: daysAgo(1) });
    const dry = await gc(made, ['--older-than', '30d', '--dry-run']);
    expect(dry.out).toMatch(
      /2 runs would go\n {2}\w{32} r0: deleted \S+Z \(40 days ago\), 2 files, 6 bytes\n/,
    );
    expect(dry.out).toMatch(/\nrows: 8 \(metrics 6, runs 2\)\nartifacts: 4 files, 12 bytes\n/);
    expect(dry.out).toMatch(/1 item would stay\n {2}run \w{32} young: deleted \S+Z, after/);
    expect(dry.out).toMatch(/\nnothing was deleted\n$/);
    const done = await gc(made, ['--older-than', '30d', '--yes', '--vacuum']);
    expect(done.out).toMatch(/✔ 2 runs collected in .*: 8 rows, 4 files \(12 bytes\)\n/);
    expect(done.out).toMatch(
      /\nthe file has [\d,]+ KiB, before [\d,]+ KiB\n1 item not chosen; --dry-run says why\n$/,
    );
  });

  it('keeps to a workspace, and to the ids that are named', async () => {
    const made = await small(2);
    await made.insert('workspaces', { name: 'team', description: null, default_artifact_root: null });
    await made.experiment(2, undefined, { workspace: 'team' });
    const other = await made.run('other', { experiment: 2, deletedAt: daysAgo(40) });
    const chosen = async (...args: string[]) =>
      ((await gc(made, [...args, '--dry-run', '--json'])).event.items as { id: string }[]).map(
        ({ id }) => id,
      );
    const [first, second] = [idOf('r0'), idOf('r1')];
    expect(await chosen()).toEqual([first, second]);
    expect(await chosen('--workspace', 'team')).toEqual([other]);
    expect((await chosen('--all-workspaces')).sort()).toEqual([first, second, other].sort());
    expect(await chosen('--run-ids', `${second}, ${second}`)).toEqual([second]);
    expect(await chosen('--run-ids', other)).toEqual([]);
    const named = await gc(made, ['--run-ids', `${first},${idOf('active')},nobody`, '--yes', '--json']);
    expect(named.event).toMatchObject({ gone: { run: 1 } });
    expect((named.event.kept as { reason: string }[]).map(({ reason }) => reason)).toEqual([
      'the run is not deleted',
      'there is no such run in workspace default',
    ]);
    expect(await made.values('runs', 'run_uuid')).toEqual([second, idOf('active'), other].sort());
  });

  it('refuses where the artifacts are on another machine', async () => {
    const made = await small(1);
    await made.database.run(`UPDATE runs SET artifact_uri = '/nowhere/at/all/1/${idOf('r0')}/artifacts'`);
    const said = '/nowhere/at/all is not on this machine, and the artifacts of 1 item should be there';
    const plan = await gc(made, ['--dry-run', '--json']);
    expect(plan.error).toBeNull();
    expect(plan.warned).toContain(said);
    expect(plan.event.missingRoots).toEqual([{ root: '/nowhere/at/all', items: 1 }]);
    const { error } = await gc(made, ['--yes']);
    expect(error).toEqual(partly(10, said));
    expect(error?.hints?.join()).toMatch(/--keep-artifacts.*--missing-roots-gone/);
    expect(await made.values('runs', 'run_uuid')).toHaveLength(2);
    const kept = await gc(made, ['--dry-run', '--keep-artifacts', '--json']);
    expect([kept.warned, kept.event.missingRoots]).toEqual(['', []]);
    const gone = await gc(made, ['--yes', '--missing-roots-gone']);
    expect([gone.error, gone.warned]).toEqual([null, expect.stringContaining(said)]);
    expect(await made.values('runs', 'run_uuid')).toEqual([idOf('active')]);
  });

  it('deletes what earlier collections left', async () => {
    const made = await small(1);
    const input = { input_uuid: idOf('i'), source_type: 'DATASET', source_id: idOf('d'), step: 0 };
    await made.insert('inputs', { ...input, destination_type: 'RUN', destination_id: idOf('nobody') });
    const dry = await gc(made, ['--orphans', '--dry-run', '--json']);
    expect(dry.event.orphans).toEqual(
      expect.arrayContaining([{ link: 'inputs.destination_id (RUN) → runs', rows: 1 }]),
    );
    expect((await gc(made, ['--yes'])).error).toBeNull();
    expect(await made.values('inputs', 'input_uuid')).toHaveLength(1);
    const done = await gc(made, ['--orphans', '--yes', '--json']);
    expect(done.event.orphans).toEqual({ inputs: 1 });
    expect(await made.values('inputs', 'input_uuid')).toEqual([]);
  });

  it('writes a plan and deletes no more than it lists', async () => {
    const made = await small(3);
    const file = join(made.root, 'plan.json');
    const planned = await gc(made, ['--older-than', '30d', '--plan', file]);
    expect([planned.error, planned.out]).toEqual([null, expect.stringContaining('the plan is in')]);
    chmodSync(file, 0o600);
    const late = await made.run('late', { deletedAt: daysAgo(50) });
    await made.database.run(
      `UPDATE runs SET lifecycle_stage = 'active', deleted_time = NULL WHERE run_uuid = '${idOf('r0')}'`,
      `UPDATE runs SET deleted_time = ${daysAgo(35)} WHERE run_uuid = '${idOf('r1')}'`,
    );
    expect((await gc(made, ['--apply-plan', file])).error).toEqual(partly(6, '1 item would be deleted'));
    const { event, error } = await gc(made, ['--apply-plan', file, '--yes', '--json']);
    expect(error).toBeNull();
    expect(event).toMatchObject({ gone: { run: 1 } });
    expect((event.kept as { id: string; reason: string }[]).map(({ id, reason }) => [id, reason])).toEqual([
      [idOf('r1'), 'it was changed since the plan was made'],
      [idOf('r0'), 'the run is not deleted'],
    ]);
    expect(await made.values('runs', 'run_uuid')).toEqual(
      [idOf('active'), idOf('r0'), idOf('r1'), late].sort(),
    );
    const again = await gc(made, ['--apply-plan', file, '--yes']);
    expect([again.error, again.out]).toEqual([null, expect.stringContaining('nothing to collect')]);
  });

  it('refuses a plan of another database, revision or shape', async () => {
    const [made, other] = [await small(1), await small(1)];
    const file = join(made.root, 'plan.json');
    await gc(made, ['--plan', file]);
    expect((await gc(other, ['--apply-plan', file, '--yes'])).error).toEqual(
      partly(10, 'is a plan for another database'),
    );
    const plan = JSON.parse(readFileSync(file, 'utf8'));
    const refused = async (change: object, exitCode: number, says: string) => {
      writeFileSync(file, JSON.stringify({ ...plan, ...change }));
      expect((await gc(made, ['--apply-plan', file, '--yes'])).error).toEqual(partly(exitCode, says));
    };
    const { identity, choices } = plan;
    await refused({ identity: { ...identity, revision: '0c779009ac13' } }, 10, 'was made at revision');
    await refused(
      { identity: { ...identity, anchor: { ...identity.anchor, createdAt: '6' } } },
      10,
      'not here',
    );
    await refused({ identity: undefined }, 2, 'names no database');
    await refused({ version: 2 }, 2, 'in version 2');
    await refused({ choices: { ...choices, cutoff: undefined } }, 2, 'what it was made with');
    await refused({ items: [{ kind: 'run' }] }, 2, 'lacks its kind');
    await refused({ event: 'plan' }, 2, 'says so itself');
    writeFileSync(file, 'x');
    expect((await gc(made, ['--apply-plan', file, '--yes'])).error).toEqual(partly(2, 'no JSON object'));
    expect(await made.values('runs', 'run_uuid')).toHaveLength(2);
    writeFileSync(file, JSON.stringify(plan));
    expect((await gc(made, ['--apply-plan', file, '--yes'])).error).toBeNull();
    expect(await made.values('runs', 'run_uuid')).toEqual([idOf('active')]);
  });
});
