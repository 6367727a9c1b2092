import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { findDangling } from '../../src/core/gc/dangling.js';
import { RowDeleter } from '../../src/core/gc/delete-rows.js';
import { loadLinks } from '../../src/core/gc/links.js';
import { knownOf } from '../../src/core/gc/plan-known.js';
import { openSession } from '../support/databases.js';
import { allRows } from '../support/rows.js';
import { type Items, itemIds } from './crash-rows.js';
import type { GcWorld } from './plan-world.js';

/** The table and the first column that say whether an item is there. */
const ownTables = ['runs', 'logged_models', 'trace_info', 'jobs', 'experiments'];

interface Found {
  /** Every row as text, with its table. */
  readonly rows: readonly string[];
  readonly files: readonly string[];
  /** Items whose own row is there. */
  readonly items: ReadonlySet<string>;
}

async function look(world: GcWorld): Promise<Found> {
  const tables = await allRows(world.database);
  const rows = Object.entries(tables).flatMap(([table, { rows: some }]) =>
    some.map((row) => `${table} ${JSON.stringify(row)}`),
  );
  const items = ownTables.flatMap((table) =>
    (tables[table]?.rows ?? []).flatMap((row) => row[0]?.match(itemIds)?.[0] ?? []),
  );
  const files = readdirSync(world.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'plan.json')
    .map((entry) => join(entry.parentPath, entry.name).slice(world.root.length + 1));
  return { rows, files: files.sort(), items: new Set(items) };
}

const namesAny = (text: string, ids: ReadonlySet<string>): boolean =>
  (text.match(itemIds) ?? []).some((id) => ids.has(id));

/** What there was before the first collection, against which every state after it is held. */
export class Ledger {
  private constructor(
    private readonly world: GcWorld,
    private readonly planned: ReadonlySet<string>,
    private readonly before: Found,
  ) {}

  static async open(world: GcWorld, { planned, kept }: Items): Promise<Ledger> {
    const before = await look(world);
    expect([...before.items].sort()).toEqual([...planned, ...kept].sort());
    return new Ledger(world, new Set(planned), before);
  }

  /**
   * A row is there exactly when nothing that it names is gone: so no item is half gone, and nothing else has changed.
   * A file is there unless what it belongs to was to go; of what is gone none is left.
   *
   * @returns the items that are still to go
   */
  async check(): Promise<string[]> {
    const now = await look(this.world);
    const gone = new Set([...this.before.items].filter((id) => !now.items.has(id)));
    expect([...gone].filter((id) => !this.planned.has(id))).toEqual([]);
    const wanted = this.before.rows.filter((row) => !namesAny(row, gone));
    expect(minus(wanted, now.rows), 'rows that are missing').toEqual([]);
    expect(minus(now.rows, wanted), 'rows that are too many').toEqual([]);
    const safe = this.before.files.filter((path) => !namesAny(path, this.planned));
    expect(minus(safe, now.files), 'files that are missing').toEqual([]);
    expect(
      now.files.filter((path) => namesAny(path, gone)),
      'files of what is gone',
    ).toEqual([]);
    return [...this.planned].filter((id) => !gone.has(id));
  }

  /** All that was planned is gone, with its files, and no row points nowhere. */
  async finished(): Promise<void> {
    expect(await this.check()).toEqual([]);
    const now = await look(this.world);
    expect(now.files).toEqual(this.before.files.filter((path) => !namesAny(path, this.planned)));
    expect(await dangling(this.world)).toEqual([]);
  }
}

/** Rows that point nowhere. */
export async function dangling(world: GcWorld): Promise<unknown[]> {
  const { session } = await openSession(world.database);
  try {
    const { schema } = await knownOf(session);
    return await findDangling(await RowDeleter.open(session, schema, await loadLinks()));
  } finally {
    await session.close();
  }
}

/** What is in the one and not in the other, each as often as it is there. */
function minus(some: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const one of others) counts.set(one, (counts.get(one) ?? 0) + 1);
  return some.filter((one) => {
    const n = counts.get(one) ?? 0;
    counts.set(one, n - 1);
    return n <= 0;
  });
}
