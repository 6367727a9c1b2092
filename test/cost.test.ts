import { afterEach, describe, expect, it } from 'vitest';
import { deedsOf, estimate } from '../src/core/estimate.js';
import { loadChain, operationsOf } from '../src/core/revisions.js';
import { stepsOf } from '../src/core/steps.js';
import type { Cost, TableSize } from '../src/dialects/cost.js';
import type { Session } from '../src/dialects/dialect.js';
import { sizer } from '../src/dialects/sizes.js';
import { type Database, databaseAt, openSession } from './support/databases.js';
import { manyMetrics, metricsState } from './support/metrics.js';
import { longRunners } from './support/share.js';

const metrics = 102_000;

describe.each(longRunners())('%s: what a plan says of cost', (kind) => {
  let database: Database;
  let session: Session;
  afterEach(async () => {
    await session.close();
    await database.drop();
  });

  const open = async (made: Promise<Database>): Promise<Cost> => {
    database = await made;
    ({ session } = await openSession(database));
    await session.beginReadOnly();
    return (await session.dialect.cost()).costOf(session);
  };

  const deeds = async (cost: Cost, from: number) => {
    const { revisions } = await loadChain();
    const { dialect } = session;
    const remaining = new Map(
      revisions.slice(from + 1).map((revision, i) => [from + 1 + i, operationsOf(revision, dialect.name)]),
    );
    const steps = stepsOf(dialect, remaining, await session.introspect(), 'row');
    return deedsOf(cost, steps, dialect.transactionalDdl);
  };

  const sizeOf = (sizes: readonly TableSize[], name: string) => sizes.find(({ table }) => table === name);

  it('is read in a read-only transaction, and counts', async () => {
    const cost = await open(manyMetrics(kind, metrics));
    const tables = await session.tableNames();
    const sizes = await cost.storage(tables);
    expect(sizes.map(({ table }) => table)).toEqual(tables);
    expect(sizeOf(sizes, 'metrics')).toMatchObject({ rows: metrics, exact: true });
    expect(sizeOf(sizes, 'runs')).toMatchObject({ rows: metrics / 2000, exact: true });
    // A row of metrics takes some fifty bytes, and as many in its key.
    expect(sizeOf(sizes, 'metrics')?.bytes).toBeGreaterThan(metrics * 50);
    expect(sizeOf(sizes, 'metrics')?.bytes).toBeLessThan(metrics * 500);

    const since = performance.now();
    const probe = await cost.measure(sizes);
    expect(performance.now() - since).toBeLessThan(8000);
    expect(probe.roundTripSeconds).toBeGreaterThan(0);
    const [sample] = probe.samples;
    expect(sample?.table).toBe('metrics');
    expect(sample?.rows).toBeGreaterThanOrEqual(2000);
    expect(Math.min(sample?.scanSeconds ?? 0, sample?.sortSeconds ?? 0)).toBeGreaterThan(0);

    const all = await deeds(cost, metricsState);
    const found = estimate(cost, all, sizes, probe);
    expect(found.high).toBeCloseTo(found.low * 4, 6);
    expect(found.basis).toMatch(/metrics [\d,]+ read and [\d,]+ sorted/);
    const bare = estimate(cost, all, [], { ...probe, samples: [], checkedRows: 0 });
    expect(found.low).toBeGreaterThan(bare.low);
    expect(bare.basis).toContain('no table has rows enough');

    const disk = await cost.disk(all, sizes);
    expect(disk.needed).toBeGreaterThan(metrics * 50);
    if (kind === 'sqlite') expect(disk.free).toBeGreaterThan(1e6);
    else expect(disk.free).toBeNull();
    expect(disk.where).not.toBe('');
  });

  it('counts no table for longer than it may, and then says so', async () => {
    await open(manyMetrics(kind, metrics));
    const forever = sizer(session, {
      bounded: (count, table) => `SELECT 1 FROM ${table} LIMIT ${count}`,
      estimates: async (tables) => new Map(tables.map((table) => [table, 1e12])),
      bytes: async () => new Map(),
    });
    expect(await forever(['metrics', 'runs'])).toEqual([
      { table: 'metrics', rows: 1e12, exact: false, bytes: null },
      { table: 'runs', rows: metrics / 2000, exact: true, bytes: null },
    ]);
  });

  it('knows an empty database, and says whether MLflow may keep running', async () => {
    const cost = await open(databaseAt(kind, 64));
    const sizes = await cost.storage(await session.tableNames());
    expect(sizes.every(({ exact }) => exact)).toBe(true);
    const all = await deeds(cost, 64);
    expect((await cost.disk(all, sizes)).needed).toBeLessThan(3e6);
    const filling = all.find(({ of }) => 'run' in of && of.locksOut);
    expect(cost.meanwhile(filling?.claims ?? [])).toMatch(
      kind === 'postgresql' ? /only reads may keep running; writes to / : /must be stopped/,
    );
    if (kind !== 'sqlite') expect(cost.meanwhile([])).toMatch(/may keep running/);
  });
});
