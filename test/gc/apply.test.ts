import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { UpgradeEvent } from '../../src/core/events.js';
import { type Applying, collect } from '../../src/core/gc/apply.js';
import { Artifacts, type Place } from '../../src/core/gc/artifacts.js';
import { RowDeleter } from '../../src/core/gc/delete-rows.js';
import { loadLinks } from '../../src/core/gc/links.js';
import { knownOf } from '../../src/core/gc/plan-known.js';
import { protectIn } from '../../src/core/gc/plan-protect.js';
import { select } from '../../src/core/gc/plan-select.js';
import type { Report } from '../../src/core/gc/report.js';
import { rulesOf } from '../../src/core/gc/selection.js';
import { Stop } from '../../src/core/stop.js';
import type { Session } from '../../src/dialects/dialect.js';
import { openSession } from '../support/databases.js';
import { bundled } from '../support/share.js';
import { daysAgo, type GcWorld, gcWorld, idOf } from './plan-world.js';

const opened: { world: GcWorld; session: Session }[] = [];
afterEach(async () => {
  for (const { world, session } of opened.splice(0)) {
    await session.close();
    await world.drop();
  }
});

interface Between {
  /** Before a group is claimed. */
  readonly onGroup?: (stop: Stop, group: number) => Promise<void> | void;
  /** After the claim, before the first artifact goes. */
  readonly onClaimed?: (places: readonly Place[], stop: Stop) => Promise<void> | void;
  readonly holdMs?: number;
}

/** An open world, and a collection in it with something that happens in between. */
async function scene(kind: Parameters<typeof gcWorld>[0]) {
  const world = await gcWorld(kind);
  const { session } = await openSession(world.database);
  opened.push({ world, session });
  await world.experiment(1);
  const go = async ({ onGroup, onClaimed, holdMs = 1 }: Between = {}): Promise<Report> => {
    const stop = new Stop();
    const known = await knownOf(session);
    const rules = rulesOf({}, {}, Date.now());
    const selected = await select(known, rules, () => undefined);
    const deleter = await RowDeleter.open(session, known.schema, await loadLinks());
    const artifacts = new Artifacts({ concurrency: 4 }, stop);
    await protectIn(known, artifacts);
    const remove = artifacts.remove.bind(artifacts);
    artifacts.remove = async (places) => {
      await onClaimed?.(places, stop);
      return remove(places);
    };
    let groups = 0;
    const waiting: (Promise<void> | void)[] = [];
    const listen = (event: UpgradeEvent) => {
      if (event.event === 'progress') waiting.push(onGroup?.(stop, ++groups));
    };
    const applying: Applying = { known, deleter, rules, artifacts, orphans: false, stop, listen, holdMs };
    try {
      return await collect(selected, applying);
    } finally {
      await Promise.all(waiting);
      await artifacts.close();
    }
  };
  return { world, go };
}

const restore = (world: GcWorld, short: string) =>
  world.database.run(
    `UPDATE runs SET lifecycle_stage = 'active', deleted_time = NULL WHERE run_uuid = '${idOf(short)}'`,
  );

describe.each(bundled())('%s: carrying out a collection', (kind) => {
  it('stops after the group in hand, says how far it is, and goes on', async () => {
    const { world, go } = await scene(kind);
    for (let i = 0; i < 60; i++)
      await world.run(`r${i}`, { deletedAt: daysAgo(1), files: i % 2, metrics: i % 3 });
    const stopping = go({
      onGroup: (stop, group) => {
        if (group === 2) stop.request('SIGINT');
      },
    });
    await expect(stopping).rejects.toThrow(
      expect.objectContaining({
        exitCode: 130,
        message: expect.stringMatching(/stopped by SIGINT; \d+ of 60 items are gone whole; the next run/),
      }),
    );
    const left = new Set(await world.values('runs', 'run_uuid'));
    expect(left.size).toBeGreaterThan(0);
    expect(left.size).toBeLessThan(60);
    // An item is there whole, or gone whole.
    for (let i = 0; i < 60; i++) {
      const id = idOf(`r${i}`);
      if (i % 2 === 1) expect([id, world.has(1, id, 'artifacts', 'f0')]).toEqual([id, left.has(id)]);
    }
    const metrics = new Set(await world.values('metrics', 'run_uuid'));
    expect([...metrics].filter((id) => !left.has(id))).toEqual([]);
    const report = await go();
    expect([report.gone.run, report.kept, report.failed]).toEqual([left.size, [], []]);
    expect(await world.values('runs', 'run_uuid')).toEqual([]);
    expect(await world.values('metrics', 'run_uuid')).toEqual([]);
  });

  it('keeps a run whole that was restored before it was claimed', async () => {
    const { world, go } = await scene(kind);
    for (const short of ['a', 'b', 'c']) await world.run(short, { deletedAt: daysAgo(1) });
    await world.experiment(2, daysAgo(1));
    const inside = await world.run('in', { experiment: 2, deletedAt: daysAgo(1) });
    const selected: string[] = [];
    const report = await go({
      onClaimed: async (places) => {
        selected.push(...places.map(({ owner }) => owner));
        // The claim is over: another group or the experiment comes too late to be saved by it.
        await restore(world, 'b');
      },
    });
    expect(selected.sort()).toEqual(['a', 'b', 'c', 'in'].map(idOf).sort());
    // Restored in the window that remains: its rows stay, and the report says what it lost.
    expect(report.failed).toMatchObject([
      { item: { id: idOf('b') }, why: expect.stringMatching(/it is kept, but 2 of its files are gone/) },
    ]);
    expect(report.gone).toEqual({ run: 3, model: 0, experiment: 1, job: 0 });
    expect(await world.values('runs', 'run_uuid')).toEqual([idOf('b')]);
    expect(inside).toBe(idOf('in'));
    await world.database.run("UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = 5");
    world.files(world.place(1, idOf('b'), 'artifacts'), 2);

    // Restored after it was chosen and before its claim: nothing of it goes.
    for (let i = 0; i < 20; i++) await world.run(`q${i}`, { deletedAt: daysAgo(1) });
    let first = true;
    const second = await go({
      onClaimed: async (places) => {
        if (!first) return;
        first = false;
        const later = ['b', ...Array.from({ length: 20 }, (_, i) => `q${i}`)]
          .filter((short) => !places.some(({ owner }) => owner === idOf(short)))
          .slice(0, 2);
        await restore(world, later[0] as string);
        await world.database.run(
          `DELETE FROM metrics WHERE run_uuid = '${idOf(later[1] as string)}'`,
          `DELETE FROM runs WHERE run_uuid = '${idOf(later[1] as string)}'`,
        );
      },
    });
    expect(second.failed).toEqual([]);
    expect(second.kept.map(({ reason }) => reason).sort()).toEqual([
      'gone already, by another hand',
      'restored or changed since it was chosen',
    ]);
    const [kept] = await world.values('runs', 'run_uuid');
    expect(second.gone.run).toBe(19);
    expect(world.has(1, kept as string, 'artifacts', 'f1')).toBe(true);
  });

  it('holds the rows while the artifacts go, where others are not kept out by that', async () => {
    const { world, go } = await scene(kind);
    for (const short of ['a', 'b']) await world.run(short, { deletedAt: daysAgo(1) });
    await world.run('c');
    const order: string[] = [];
    let restoring: Promise<unknown> = Promise.resolve();
    const report = await go({
      holdMs: 60_000,
      onClaimed: async (places) => {
        if (places.length === 0) return;
        restoring = restore(world, 'b').then(() => order.push('restored'));
        // Other runs can be written to all the while.
        await world.insert('params', { key: 'p', value: 'v', run_uuid: idOf('c') });
        await sleep(300);
        order.push('removed');
      },
    });
    await restoring;
    const waits = kind !== 'sqlite';
    expect(order).toEqual(waits ? ['removed', 'restored'] : ['restored', 'removed']);
    expect([report.gone.run, report.failed.length]).toEqual(waits ? [2, 0] : [1, 1]);
    // It came too late: MLflow is told that no row was changed, and says so.
    expect(await world.values('runs', 'run_uuid')).toEqual((waits ? ['c'] : ['b', 'c']).map(idOf));
    expect(await world.values('params', 'run_uuid')).toEqual([idOf('c')]);
  });

  it('keeps an experiment whose runs stay, that was restored, or whose traces’ artifacts stay', async () => {
    const { world, go } = await scene(kind);
    await world.experiment(2, daysAgo(1));
    await world.run('two', { experiment: 2, deletedAt: daysAgo(1) });
    await world.experiment(3, daysAgo(1));
    await world.experiment(4, daysAgo(1));
    for (const id of [2, 3, 4]) {
      const trace = `tr-${id}`;
      const value = id === 3 ? 'nowhere://x/tr-3' : world.place(id, 'traces', trace, 'artifacts');
      await world.insert('trace_info', {
        request_id: trace,
        experiment_id: id,
        timestamp_ms: 7,
        status: 'OK',
      });
      await world.insert('trace_tags', { request_id: trace, key: 'mlflow.artifactLocation', value });
      if (id !== 3) world.files(value, 1);
    }
    const report = await go({
      onClaimed: async (places) => {
        if (places.some(({ owner }) => owner === idOf('two'))) await restore(world, 'two');
        if (places.some(({ owner }) => owner === 'tr-4'))
          await world.database.run(
            "UPDATE experiments SET lifecycle_stage = 'active' WHERE experiment_id = 4",
          );
      },
    });
    expect(report.gone).toEqual({ run: 0, model: 0, experiment: 0, job: 0 });
    expect(report.failed.map(({ item, why }) => [item.id, why])).toEqual([
      [idOf('two'), expect.stringContaining('restored while')],
      ['3', expect.stringContaining('cannot reach artifacts at nowhere://x/tr-3')],
    ]);
    expect(report.kept.map(({ item, reason }) => [item.id, reason])).toEqual([
      ['2', 'it still holds runs'],
      ['4', 'restored or changed since it was chosen'],
    ]);
    expect(world.has(2, 'traces', 'tr-2', 'artifacts', 'f0')).toBe(true);
    expect(await world.values('trace_info', 'request_id')).toEqual(['tr-2', 'tr-3', 'tr-4']);
  });
});
