import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { file, momentBetween, orphanModel, orphanRun, orphansIn } from './orphan-world.js';
import { daysAgo, gc, gcWorlds, idOf } from './plan-world.js';

const world = gcWorlds();

const failed = (exitCode: number, message: RegExp) =>
  expect.objectContaining({ exitCode, message: expect.stringMatching(message) });

describe('the guards of --delete-orphan-artifacts', () => {
  it('want an age, a yes, and no more folders than --max-delete', async () => {
    const made = await world('sqlite');
    await made.experiment(1);
    const [one, two] = [orphanRun(made, 1, 'one'), orphanRun(made, 1, 'two')];
    const age = ['--older-than', await momentBetween()];
    const wanted = ['--delete-orphan-artifacts'];
    expect((await gc(made, [...wanted, '--yes'])).error).toEqual(failed(2, /needs --older-than/));
    expect((await gc(made, [...wanted, ...age, '--keep-artifacts'])).error).toEqual(failed(2, /exclude/));
    expect((await gc(made, ['--orphan-artifacts', '--apply-plan', 'x'])).error).toEqual(failed(2, /exclude/));
    expect((await gc(made, [...wanted, ...age])).error).toEqual(
      failed(6, /0 items and 2 folders that belong to nothing would be deleted/),
    );
    expect((await gc(made, [...wanted, ...age, '--max-delete', '1', '--yes'])).error).toEqual(
      failed(10, /more than --max-delete 1/),
    );
    const named = await gc(made, [...wanted, ...age, '--run-ids', one, '--yes']);
    expect(named.out).toMatch(/1 folder that belongs to nothing \(2 files, 6 bytes\) deleted/);
    expect([made.has(1, one), made.has(1, two)]).toEqual([false, true]);
    const all = await gc(made, [...wanted, ...age, '--max-delete', '1', '--yes']);
    expect([all.error, made.has(1, two)]).toEqual([null, false]);
    const again = await gc(made, [...wanted, ...age, '--yes']);
    expect(again.out).toMatch(/no folder that belongs to nothing deleted/);
  });

  it('let a plan remove what it lists and what is as it was', async () => {
    const made = await world('sqlite');
    await made.experiment(1);
    await made.experiment(2);
    const [gone, grown, back] = [
      orphanRun(made, 1, 'gone'),
      orphanRun(made, 1, 'grown'),
      orphanRun(made, 1, 'back'),
    ];
    const elsewhere = orphanRun(made, 2, 'elsewhere');
    const plan = join(made.root, 'gc.json');
    const moment = await momentBetween();
    const args = ['--delete-orphan-artifacts', '--older-than', moment, '--plan', plan];
    expect((await gc(made, args)).error).toBeNull();
    expect(JSON.parse(readFileSync(plan, 'utf8')).orphanArtifacts.found).toHaveLength(4);
    file(made.place(1, grown, 'artifacts', 'new'));
    await made.run('back', { files: 0 });
    const unlisted = orphanRun(made, 1, 'unlisted');
    await made.database.run(
      `UPDATE experiments SET artifact_location = '${made.place(3)}' WHERE experiment_id = 2`,
    );
    const kept = await gc(made, ['--apply-plan', plan, '--keep-artifacts', '--yes', '--json']);
    expect([kept.error, kept.event.orphanArtifacts, made.has(1, gone)]).toEqual([null, null, true]);
    const bad = join(made.root, 'bad.json');
    writeFileSync(bad, readFileSync(plan, 'utf8').replace(/"newest": \d+/, '"newest": null'));
    expect((await gc(made, ['--apply-plan', bad, '--yes'])).error).toEqual(failed(2, /an orphan lacks/));
    const done = await gc(made, ['--apply-plan', plan, '--yes', '--json']);
    expect(done.error).toBeNull();
    expect(done.event.orphanArtifacts).toMatchObject({ gone: 1, kept: [{ id: grown }], unlisted: [] });
    expect([gone, grown, back, unlisted].map((id) => made.has(1, id, 'artifacts', 'a'))).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect(made.has(2, elsewhere, 'artifacts', 'a')).toBe(true);

    const report = join(made.root, 'report.json');
    await gc(made, ['--orphan-artifacts', '--older-than', await momentBetween(), '--plan', report]);
    const nothing = await gc(made, ['--apply-plan', report, '--yes', '--json']);
    expect([nothing.error, nothing.event.orphanArtifacts, made.has(1, unlisted)]).toEqual([null, null, true]);
  });

  it('go on where a location cannot be listed, and end with 8', async () => {
    const made = await world('sqlite');
    await made.experiment(1);
    await made.experiment(2, undefined, { artifact_location: 'ftp://nobody:secret@host/2' });
    await made.experiment(3, undefined, { artifact_location: '/no/such/machine/3' });
    await made.run('elsewhere', { experiment: 3, files: 0 });
    // Where there never was a run nothing is missed.
    await made.experiment(4, undefined, { artifact_location: '/no/such/machine/4' });
    const run = orphanRun(made, 1, 'run');
    const age = ['--older-than', await momentBetween()];
    const report = await gc(made, ['--orphan-artifacts', ...age, '--dry-run', '--json']);
    expect(report.error).toBeNull();
    expect(report.warned + report.out).toMatch(
      /no orphans found in experiment 3: \/no\/such\/machine is not/,
    );
    expect(report.event.orphanArtifacts).toMatchObject({
      unlisted: [
        { experimentId: '2', place: 'ftp://host/2', reason: expect.stringContaining('FTP') },
        { experimentId: '3' },
      ],
    });
    const done = await gc(made, ['--delete-orphan-artifacts', ...age, '--yes', '--json']);
    expect(done.error).toEqual(
      failed(8, /not all .* could be read or removed: .*\(and 1 more\); folders that are gone: 1/),
    );
    expect([made.has(1, run), /secret/.test(done.out + report.out)]).toEqual([false, false]);
  });

  it('leave out a location in which an item’s own artifacts may lie, and say all that in words', async () => {
    const made = await world('sqlite');
    await made.experiment(1);
    const holder = await made.run('holder');
    const inside = `${made.place(1, holder)}/artifacts/more`;
    await made.experiment(2, undefined, { artifact_location: inside });
    file(inside, idOf('inner'), 'artifacts', 'a');
    await made.experiment(3);
    await made.insert('runs', {
      ...{ run_uuid: idOf('whole'), name: 'whole', experiment_id: 3, lifecycle_stage: 'active' },
      ...{ source_type: 'LOCAL', status: 'FINISHED', artifact_uri: made.place(3) },
    });
    orphanRun(made, 3, 'part');
    await made.experiment(4);
    await made.insert('runs', {
      ...{ run_uuid: idOf('half'), name: 'half', experiment_id: 4, lifecycle_stage: 'active' },
      ...{ source_type: 'LOCAL', status: 'FINISHED', artifact_uri: made.place(4, 'models') },
    });
    const part = orphanModel(made, 4, 'part');
    const gone = orphanRun(made, 1, 'gone');
    file(made.place(1, 'traces', `tr-${idOf('t')}`, 'artifacts', 'a'));
    const args = ['--delete-orphan-artifacts', '--older-than', await momentBetween()];
    const dry = await gc(made, [...args, '--dry-run']);
    expect([dry.error, dry.out]).toEqual([null, expect.stringContaining('nothing was deleted')]);
    expect(dry.out).toMatch(
      /\n1 folder that belongs to nothing \(2 files, 6 bytes\) would go\n {2}run \S+: 2 files/,
    );
    expect(dry.out).toMatch(
      /\(2 files, 6 bytes\) would stay\n {2}trace \S+: .*; folders of traces are only rep/,
    );
    expect(dry.out).toContain(`${made.place(4, 'models', part)}: 1 file, 3 bytes`);
    expect(dry.out).toContain(`; the artifacts of run ${idOf('half')} are there`);
    expect(dry.warned).toContain(`experiment 2: its location lies in the artifacts of ${holder}`);
    expect(dry.warned).toContain(`experiment 3: its location lies in the artifacts of run ${idOf('whole')}`);
    const done = await gc(made, [...args, '--yes', '--json']);
    expect([done.error, done.event.orphanArtifacts]).toEqual([null, expect.objectContaining({ gone: 1 })]);
    expect([
      made.has(1, gone),
      made.has(3, idOf('part'), 'artifacts', 'a') && made.has(4, 'models', part, 'artifacts', 'MLmodel'),
      made.has(1, holder, 'artifacts', 'more', idOf('inner'), 'artifacts', 'a'),
    ]).toEqual([false, true, true]);
  });

  it('find what lies in an experiment that goes, as long as it is there', async () => {
    const made = await world('sqlite');
    await made.experiment(1);
    await made.experiment(2, daysAgo(40));
    const run = orphanRun(made, 2, 'run');
    const late = orphanRun(made, 2, 'late');
    const mine = await made.run('mine', { experiment: 2, deletedAt: daysAgo(40) });
    const age = ['--older-than', await momentBetween()];
    file(made.place(2, late, 'artifacts', 'new'));
    const done = await gc(made, ['--delete-orphan-artifacts', ...age, '--yes', '--json']);
    expect(done.event).toMatchObject({
      ...{ gone: { run: 1, experiment: 1 }, artifacts: { files: 2 } },
      orphanArtifacts: { gone: 1, kept: [{ id: late }] },
    });
    expect([run, mine, late].map((id) => made.has(2, id, 'artifacts'))).toEqual([false, false, true]);
    const after = await gc(made, ['--orphan-artifacts', '--dry-run', '--json']);
    expect(orphansIn(after.event)).toEqual([]);
  });
});
