import { readdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Item } from './eligible-rules.js';
import { codeOf, type FileStore, idShape, kindOf, modelsFolder, staging, trash } from './file-store.js';
import { type FileKind, foldersNamed } from './file-store-find.js';
import { inOtherHands, ownerMark } from './file-store-owner.js';
import { removeTree } from './file-store-tree.js';

/** Ids hold no `@`. */
const between = '@';
/** Behind the name of what was judged for the last time, before a part that makes it one of its kind. */
export const finalMark = '@gone@';

/** How an item is called on its way out, before the name of the process that moved it. */
export const stagedName = ({ kind, id, experimentId }: Item): string =>
  [kind, experimentId ?? id, id].join(between);

export interface Leftovers {
  /** What an earlier run had decided to delete, and did not get to the end of. */
  readonly finished: number;
  /** What it had moved and not yet judged, or whose artifacts elsewhere were not all gone: it is where it was. */
  readonly putBack: number;
  readonly failures: readonly string[];
}

/** What earlier runs left on its way out: the names. */
export async function leftoversOf({ root }: FileStore): Promise<string[]> {
  const folder = join(root, staging);
  return (await kindOf(folder)) === 'directory' ? (await readdir(folder)).sort() : [];
}

/**
 * Ends what a run that died had begun, before anything is chosen, and once more at the end, when it takes the directory
 * along. What another process works on is left to it.
 *
 * @param which `undecided` puts back, and deletes nothing
 */
export async function finishLeftovers(
  store: FileStore,
  which: 'all' | 'undecided' = 'all',
): Promise<Leftovers> {
  const folder = join(store.root, staging);
  let [finished, putBack] = [0, 0];
  const failures: string[] = [];
  for (const name of await leftoversOf(store)) {
    const path = join(folder, name);
    try {
      const what = await kindOf(path);
      if (what === null) continue;
      if (what !== 'directory') throw new Error('it is no directory');
      const decided = name.includes(finalMark);
      if (decided ? which === 'undecided' : await inOtherHands(path, name)) continue;
      if (decided) {
        await removeTree(path);
        finished++;
      } else {
        await rename(path, await placeOf(store, name));
        putBack++;
      }
    } catch (error) {
      // Another process may have done the same.
      if ((await kindOf(path).catch(codeOf)) !== null)
        failures.push(`${path} stays: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (which === 'all')
    await rmdir(folder).catch((error: unknown) => {
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EACCES', 'EPERM'].includes(codeOf(error)))
        throw error;
    });
  return { finished, putBack, failures };
}

/** Where something came from that was moved and not judged. */
async function placeOf(store: FileStore, name: string): Promise<string> {
  const [item = ''] = name.split(ownerMark);
  const [kind, experiment = '', id = '', ...more] = item.split(between) as [FileKind, ...string[]];
  const known = kind === 'run' || kind === 'model' || kind === 'experiment';
  if (!known || more.length > 0 || !idShape.test(experiment) || !idShape.test(id))
    throw new Error('it is not mltrack’s');
  const folder = (await foldersNamed(store, experiment)).find((one) => !one.link);
  if (kind !== 'experiment' && !folder) throw new Error(`experiment ${experiment} is gone`);
  const place =
    kind === 'experiment'
      ? join(store.root, trash, id)
      : join(folder?.path as string, ...(kind === 'model' ? [modelsFolder] : []), id);
  if ((await kindOf(place)) !== null) throw new Error(`${place} is there again`);
  return place;
}
