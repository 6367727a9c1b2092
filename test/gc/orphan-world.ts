import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GcWorld, idOf } from './plan-world.js';

/** An orphan as `--json` lists it. */
export interface ListedOrphan {
  readonly kind: string;
  readonly id: string;
  readonly experimentId: string;
  readonly place: string;
  readonly files: number;
  readonly bytes: number;
  readonly newest: number | null;
  readonly goes?: boolean;
  readonly reason: string | null;
}

/** Makes a file of three bytes, and the directories above it. */
export function file(...parts: readonly string[]): void {
  const path = join(...parts);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, 'abc');
}

/** A moment between what was made before and what is made after, as `--older-than` takes it. */
export async function momentBetween(): Promise<string> {
  // Times of files may be coarser than the clock: Linux takes those of the last tick (inode_set_ctime_current).
  await sleep(30);
  const moment = new Date().toISOString();
  await sleep(30);
  return moment;
}

/** The folder of a run that no row knows, with two files. Its id is `idOf(short)`. */
export function orphanRun(world: GcWorld, experiment: number, short: string): string {
  const id = idOf(short);
  file(world.place(experiment, id, 'artifacts', 'a'));
  file(world.place(experiment, id, 'artifacts', 'below', 'b'));
  return id;
}

/** The folder of a logged model that no row knows, with one file. */
export function orphanModel(world: GcWorld, experiment: number, short: string): string {
  const id = `m-${idOf(short)}`;
  file(world.place(experiment, 'models', id, 'artifacts', 'MLmodel'));
  return id;
}

export const orphansIn = (event: Readonly<Record<string, unknown>>) =>
  (event.orphanArtifacts as { found: ListedOrphan[] }).found;

/** By id: why it stays, or `goes`. */
export const fates = (event: Readonly<Record<string, unknown>>): Record<string, string | null> =>
  Object.fromEntries(orphansIn(event).map(({ id, goes, reason }) => [id, goes ? 'goes' : reason]));
