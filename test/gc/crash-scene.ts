import { join } from 'node:path';
import { expectedAt, loadChain } from '../../src/core/revisions.js';
import { loadDialect } from '../../src/dialects/index.js';
import { expectDone, mltrack } from '../support/cli.js';
import type { ServerKind } from '../support/databases.js';
import { ordinalOf } from '../support/fixtures.js';
import { Ledger } from './crash-ledger.js';
import { fillItems, type Items, type Size } from './crash-rows.js';
import { type GcWorld, gcWorld } from './plan-world.js';

const worlds: GcWorld[] = [];

/** For afterEach. */
export async function dropScenes(): Promise<void> {
  for (const world of worlds.splice(0)) await world.drop();
}

export interface Scene {
  readonly world: GcWorld;
  readonly items: Items;
  readonly ledger: Ledger;
  /** A command line that collects what is to go. */
  readonly command: readonly string[];
  /** One that carries out the plan that was made at first. */
  readonly byPlan: readonly string[];
}

/** A database at the newest revision, filled, with a plan and a ledger of what there is. */
export async function scene(kind: ServerKind, size: Size): Promise<Scene> {
  const world = await gcWorld(kind);
  worlds.push(world);
  const chain = await loadChain();
  const dialect = await loadDialect(world.database.dialect);
  const items = await fillItems(world, expectedAt(chain, ordinalOf('f4a9b2c7d1e6'), dialect), size);
  const ledger = await Ledger.open(world, items);
  const base = ['gc', '--backend-store-uri', world.database.uri];
  const selection = [...base, '--jobs', '--older-than', '30d'];
  const file = join(world.root, 'plan.json');
  expectDone(await mltrack([...selection, '--plan', file]));
  return {
    ...{ world, items, ledger },
    command: [...selection, '--yes', '--json'],
    byPlan: [...base, '--apply-plan', file, '--yes', '--json'],
  };
}
