import { afterEach, describe, expect, it } from 'vitest';
import { Artifacts } from '../../src/core/gc/artifacts.js';
import { RowDeleter } from '../../src/core/gc/delete-rows.js';
import { readRegistered } from '../../src/core/gc/eligible-registered.js';
import { loadLinks } from '../../src/core/gc/links.js';
import { findOrphanArtifacts } from '../../src/core/gc/orphan-artifacts.js';
import { removeOrphans } from '../../src/core/gc/orphan-artifacts-remove.js';
import type { OrphanSearch } from '../../src/core/gc/orphan-artifacts-types.js';
import { knownOf } from '../../src/core/gc/plan-known.js';
import { protectIn } from '../../src/core/gc/plan-protect.js';
import { rulesOf } from '../../src/core/gc/selection.js';
import { Stop } from '../../src/core/stop.js';
import { openSession } from '../support/databases.js';
import { momentBetween, orphanRun } from './orphan-world.js';
import { type GcWorld, gcWorld, idOf } from './plan-world.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Scene {
  readonly world: GcWorld;
  readonly search: OrphanSearch;
  readonly warnings: string[];
}

async function scene(make: (world: GcWorld) => Promise<void>, stopAfterGroup = false): Promise<Scene> {
  const world = await gcWorld('sqlite');
  ends.push(world.drop);
  await world.experiment(1);
  await make(world);
  const olderThan = await momentBetween();
  const { session } = await openSession(world.database);
  const stop = new Stop();
  const known = await knownOf(session);
  const artifacts = new Artifacts({ concurrency: 4 }, stop);
  ends.push(
    () => artifacts.close(),
    () => session.close(),
  );
  await protectIn(known, artifacts);
  const { walk } = await RowDeleter.open(session, known.schema, await loadLinks());
  const warnings: string[] = [];
  const search: OrphanSearch = {
    ...{ walk, artifacts, stop, delete: true, planned: null, missingGone: false },
    rules: rulesOf({ olderThan }, {}, Date.now()),
    registered: await readRegistered(session),
    listen: (event) => {
      if (event.event === 'warning') warnings.push(event.message);
      if (event.event === 'progress' && stopAfterGroup) stop.request('SIGINT');
    },
  };
  return { world, search, warnings };
}

describe('an orphan that was found', () => {
  it('stays when its item, a reference to it, or a file came since, or its experiment moved', async () => {
    const { world, search } = await scene(async (made) => {
      for (const short of ['free', 'item', 'host', 'file']) orphanRun(made, 1, short);
      await made.experiment(2);
      orphanRun(made, 2, 'moved');
    });
    const found = await findOrphanArtifacts(search);
    expect(found.orphans.map(({ id, keep }) => [id, keep]).sort()).toEqual(
      ['free', 'item', 'host', 'file', 'moved'].map((short) => [idOf(short), null]).sort(),
    );
    await world.run('item', { files: 0 });
    await world.insert('runs', {
      ...{ run_uuid: idOf('guest'), name: 'guest', experiment_id: 1, lifecycle_stage: 'active' },
      ...{ source_type: 'LOCAL', status: 'FINISHED' },
      artifact_uri: `${world.place(1, idOf('host'))}/artifacts`,
    });
    world.files(world.place(1, idOf('file'), 'artifacts', 'new'), 1);
    await world.database.run(
      `UPDATE experiments SET artifact_location = '/elsewhere/2' WHERE experiment_id = 2`,
    );
    const removed = await removeOrphans(found, search);
    expect(removed).toMatchObject({ gone: [{ id: idOf('free') }], files: 2, bytes: 6, failed: [] });
    expect(removed.kept.map(({ id }) => id).sort()).toEqual(
      ['item', 'host', 'file', 'moved'].map(idOf).sort(),
    );
    for (const short of ['item', 'host', 'file'])
      expect(world.has(1, idOf(short), 'artifacts', 'a')).toBe(true);
    expect([world.has(1, idOf('free')), world.has(2, idOf('moved'), 'artifacts', 'a')]).toEqual([
      false,
      true,
    ]);
  });

  it('is warned of where a place looks like another database’s, and a stop ends after the group in hand', async () => {
    const shorts = Array.from({ length: 70 }, (_, i) => `r${i}`);
    const { world, search, warnings } = await scene(async (made) => {
      for (const short of shorts) orphanRun(made, 1, short);
      await made.run('mine');
    }, true);
    const found = await findOrphanArtifacts(search);
    expect(warnings).toEqual([
      `${world.place(1)}: 70 folders belong to nothing in this database, and 1 to it: does another database keep its runs there too?`,
    ]);
    await expect(removeOrphans(found, search)).rejects.toMatchObject({
      exitCode: 130,
      message: expect.stringMatching(/64 of 70 folders that belong to nothing are gone/),
    });
    expect(shorts.filter((short) => world.has(1, idOf(short)))).toHaveLength(6);
  });
});
