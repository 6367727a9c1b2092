import { randomBytes } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Item, Rules } from './eligible-rules.js';
import { codeOf, type FileStore, kindOf, staging } from './file-store.js';
import { reasonOfItem, reasonToStay } from './file-store-eligible.js';
import { stillIn } from './file-store-experiments.js';
import { experimentsOf, type FileKind, locate, readItem } from './file-store-find.js';
import { finalMark, stagedName } from './file-store-leftovers.js';
import { removeTree, type Size, sizeOf, unsafeWay } from './file-store-tree.js';

/** What became of an item. */
export type FileRemoval =
  | ({ readonly outcome: 'gone' } & Size)
  | { readonly outcome: 'kept'; readonly reason: string }
  | { readonly outcome: 'failed'; readonly why: string };

const changed = 'restored or changed since it was chosen';

/** Whether an item that was chosen still goes, to be asked before its artifacts elsewhere are removed; null: it does. */
export async function reasonNow(store: FileStore, item: Item, rules: Rules): Promise<string | null> {
  const folders = await experimentsOf(store);
  const found = await locate(store, item.kind as FileKind, item.id, folders);
  if (!found) return 'gone already, by another hand';
  if (found.item.deletedAt !== item.deletedAt || found.item.artifactUri !== item.artifactUri) return changed;
  return reasonToStay(store, found, rules, folders);
}

/** What lies in an item's own directory. @throws as `sizeOf`, and where it is gone */
export async function sizeOfItem(store: FileStore, item: Item, signal?: AbortSignal): Promise<Size> {
  const found = await locate(store, item.kind as FileKind, item.id, await experimentsOf(store));
  if (!found) throw new Error(`${item.kind} ${item.id} is gone`);
  const why = await unsafeWay(store.root, found.path);
  if (why) throw new Error(why);
  return sizeOf(found.path, signal);
}

/**
 * Deletes an item: its directory is moved, in one step, to where MLflow does not look, judged once more there, where
 * no server finds it to restore it, marked as final, and emptied. So it is there whole or not at all, whenever this
 * dies; `finishLeftovers` does the rest. Its artifacts elsewhere are the caller's, and go before.
 */
export async function removeFiled(store: FileStore, item: Item, rules: Rules): Promise<FileRemoval> {
  try {
    return await remove(store, item, rules);
  } catch (error) {
    return { outcome: 'failed', why: error instanceof Error ? error.message : String(error) };
  }
}

async function remove(store: FileStore, item: Item, rules: Rules): Promise<FileRemoval> {
  const kind = item.kind as FileKind;
  const reason = await reasonNow(store, item, rules);
  if (reason !== null) return { outcome: 'kept', reason };
  const found = await locate(store, kind, item.id, await experimentsOf(store));
  if (!found) return { outcome: 'kept', reason: 'gone already, by another hand' };
  const why = await unsafeWay(store.root, found.path);
  if (why) return { outcome: 'failed', why };
  const size = await sizeOf(found.path);
  const folder = join(store.root, staging);
  await mkdir(folder).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  if ((await kindOf(folder)) !== 'directory')
    return { outcome: 'failed', why: `${folder} is no directory; remove it` };
  const staged = join(folder, stagedName(found.item));
  await rename(found.path, staged);
  const now = await judgeStaged(store, found.item, staged, rules);
  if (now !== null) {
    await rename(staged, found.path);
    return { outcome: 'kept', reason: now };
  }
  const last = `${staged}${finalMark}${randomBytes(4).toString('hex')}`;
  await rename(staged, last);
  try {
    await removeTree(last);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      outcome: 'failed',
      why: `MLflow no longer has it, but files of it are left in ${last}: ${message}; the next mltrack gc removes them`,
    };
  }
  return { outcome: 'gone', ...size };
}

/** Judges what was moved: nobody writes there any more, so this is the last word. */
async function judgeStaged(
  store: FileStore,
  item: Item,
  staged: string,
  rules: Rules,
): Promise<string | null> {
  const kind = item.kind as FileKind;
  const found = await readItem(store, kind, item.id, item.experimentId ?? item.id, staged);
  if (reasonOfItem(found, rules) !== null || found.item.deletedAt !== item.deletedAt) return changed;
  if (kind !== 'experiment') return null;
  return stillIn(store, { id: item.id, path: staged, inTrash: true, link: false }, rules);
}
