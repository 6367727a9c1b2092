import { mkdirSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { availableServers } from '../support/server-kinds.js';
import { thorough } from '../support/share.js';
import { fates, file, momentBetween, orphanModel, orphanRun, orphansIn } from './orphan-world.js';
import { daysAgo, gc, gcWorlds, idOf } from './plan-world.js';

const world = gcWorlds();

const kinds = availableServers().filter((kind) => thorough || kind === 'sqlite');

describe.each(kinds)('artifacts that belong to nothing, on %s', (kind) => {
  it('are reported; removed are those of runs and models that are old enough, and nothing else', async () => {
    const made = await world(kind);
    await made.experiment(1);
    await made.experiment(2, daysAgo(40), { workspace: 'default' });
    const active = await made.run('active');
    const deleted = await made.run('deleted', { deletedAt: Date.now() + 60_000 });
    const [run, model] = [orphanRun(made, 1, 'lost'), orphanModel(made, 1, 'lost')];
    const other = orphanRun(made, 2, 'other');
    const trace = `tr-${idOf('trace')}`;
    file(made.place(1, 'traces', trace, 'artifacts', 'spans.json'));
    mkdirSync(made.place(1, idOf('empty'), 'artifacts'), { recursive: true });
    file(made.place(1, `${idOf('x')}0`, 'artifacts', 'a'));
    file(made.place(1, 'models', idOf('y'), 'artifacts', 'a'));
    file(made.place(1, 'notes', 'a'));
    // A model and a trace of the database, each in another experiment's folder.
    const mine = orphanModel(made, 1, 'mine');
    await made.insert('logged_models', {
      ...{ model_id: mine, experiment_id: 2, name: 'm', lifecycle_stage: 'active', status: 2 },
      ...{ creation_timestamp_ms: 1, last_updated_timestamp_ms: 1, artifact_location: made.place(2, mine) },
    });
    const traced = `tr-${idOf('traced')}`;
    file(made.place(1, 'traces', traced, 'artifacts', 'a'));
    await made.insert('trace_info', { request_id: traced, experiment_id: 2, timestamp_ms: 7, status: 'OK' });
    const moment = await momentBetween();
    const young = orphanRun(made, 1, 'young');

    const report = await gc(made, ['--orphan-artifacts', '--older-than', moment, '--dry-run', '--json']);
    expect(report.error).toBeNull();
    const ids = [run, model, other, trace, young].sort();
    expect(
      orphansIn(report.event)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(ids);
    expect(orphansIn(report.event).find(({ id }) => id === run)).toMatchObject({
      ...{ kind: 'run', experimentId: '1', place: made.place(1, run), files: 2, bytes: 6 },
      ...{ newest: expect.any(Number), goes: false, reason: null },
    });
    const only = await gc(made, ['--orphan-artifacts', '--older-than', '90d', '--yes', '--json']);
    expect(only.error).toBeNull();
    expect(only.event.orphanArtifacts).toMatchObject({ delete: false, gone: 0, failed: [] });
    for (const id of [run, other, young])
      expect(made.has(Number(id === other) + 1, id, 'artifacts')).toBe(true);

    const args = ['--delete-orphan-artifacts', '--older-than', moment, '--experiment-ids', '1'];
    const dry = await gc(made, [...args, '--dry-run', '--json']);
    expect(fates(dry.event)).toEqual({
      ...{ [run]: 'goes', [model]: 'goes' },
      [trace]: 'folders of traces are only reported',
      [young]: expect.stringContaining('younger than --older-than'),
    });
    const done = await gc(made, [...args, '--yes', '--json']);
    expect(done.error).toBeNull();
    expect(done.event.orphanArtifacts).toMatchObject({
      delete: true,
      gone: 2,
      files: 3,
      bytes: 9,
      failed: [],
    });
    expect([made.has(1, run), made.has(1, 'models', model)]).toEqual([false, false]);
    for (const kept of [
      [active, 'artifacts', 'f0'],
      [deleted, 'artifacts', 'f0'],
      [young, 'artifacts', 'below', 'b'],
      ['traces', trace, 'artifacts', 'spans.json'],
      ['models', mine, 'artifacts', 'MLmodel'],
      [`${idOf('x')}0`, 'artifacts', 'a'],
      ['models', idOf('y'), 'artifacts', 'a'],
      ['notes', 'a'],
    ])
      expect([kept, made.has(1, ...kept)]).toEqual([kept, true]);
    expect(made.has(2, other, 'artifacts', 'a')).toBe(true);
  });

  it('stay where anything of this database refers to their place', async () => {
    const made = await world(kind);
    await made.experiment(1);
    const lost = (short: string) => orphanRun(made, 1, short);
    const model = orphanModel(made, 1, 'm');
    // Runs of other experiments below the same location, or with artifacts inside of another's folder.
    await made.experiment(2, undefined, { artifact_location: `${made.place(1)}/` });
    await made.experiment(3, undefined, {
      artifact_location: made.place(1, lost('nested'), 'artifacts', 'e3'),
    });
    await made.run('theirs', { experiment: 2, files: 0 });
    file(made.place(1, idOf('theirs'), 'artifacts', 'a'));
    const row = { experiment_id: 1, lifecycle_stage: 'active', source_type: 'LOCAL', status: 'FINISHED' };
    await made.insert('runs', {
      ...{ ...row, run_uuid: idOf('guest'), name: 'guest' },
      artifact_uri: `file://${made.place(1, lost('host'), 'artifacts')}`,
    });
    await made.insert('logged_models', {
      ...{ model_id: `m-${idOf('g')}`, experiment_id: 1, name: 'g', lifecycle_stage: 'active', status: 2 },
      ...{ creation_timestamp_ms: 1, last_updated_timestamp_ms: 1 },
      artifact_location: `${made.place(1, lost('hostm'))}/artifacts/model`,
    });
    await made.insert('registered_models', { name: 'net', creation_time: 1, workspace: 'default' });
    await made.insert('model_versions', {
      ...{ name: 'net', version: 1, creation_time: 1, workspace: 'default', current_stage: 'None' },
      ...{ source: `models:/${model}`, storage_location: `${made.place(1, lost('stored'))}/artifacts/model` },
    });
    file(made.place(1, idOf('files'), 'meta.yaml'));
    file(made.place(1, idOf('files'), 'artifacts', 'a'));
    file(made.place(1, 'real', 'artifacts', 'a'));
    symlinkSync(made.place(1, 'real'), made.place(1, idOf('link')));
    const free = lost('free');
    const args = ['--delete-orphan-artifacts', '--older-than', await momentBetween()];

    const dry = await gc(made, [...args, '--include-registered', '--dry-run', '--json']);
    expect(dry.error).toBeNull();
    expect(fates(dry.event)).toEqual({
      [free]: 'goes',
      [model]: 'registered as net version 1',
      [idOf('stored')]: 'registered as net version 1',
      [idOf('nested')]: expect.stringMatching(/location of an experiment/),
      [idOf('host')]: `the artifacts of run ${idOf('guest')} are there`,
      [idOf('hostm')]: `the artifacts of logged model m-${idOf('g')} are there`,
      [idOf('files')]: expect.stringContaining('meta.yaml'),
    });
    const done = await gc(made, [...args, '--include-registered', '--yes', '--json']);
    expect(done.error).toBeNull();
    expect(done.event.orphanArtifacts).toMatchObject({ gone: 1, files: 2 });
    for (const short of ['nested', 'theirs', 'host', 'hostm', 'stored', 'files', 'link'])
      expect([short, made.has(1, idOf(short), 'artifacts')]).toEqual([short, true]);
    expect(made.has(1, free)).toBe(false);
  });
});
