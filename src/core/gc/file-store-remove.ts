import { randomBytes } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Item, Rules } from './eligible-rules.js';
import { codeOf, type FileStore, kindOf, staging } from './file-store.js';
import { reasonOfItem, reasonToStay } from './file-store-eligible.js';
import { stillIn } from './file-store-experiments.js';
import { type FileKind, foldersNamed, locate, readItem } from './file-store-find.js';
import { finalMark, stagedName } from './file-store-leftovers.js';
import { ownerMark, ownName } from './file-store-owner.js';
import { canLeave, removeTree, type Size, type Sizing, sizeOf, unsafeWay } from './file-store-tree.js';

/** What became of an item. */
export type FileRemoval =
  | ({ readonly outcome: 'gone' } & Size)
  | { readonly outcome: 'kept'; readonly reason: string }
  | { readonly outcome: 'failed'; readonly why: string }
  /** It is where it was; some of its artifacts elsewhere may be gone. */
  | { readonly outcome: 'stopped' };

/** What became of an item's artifacts that lie elsewhere. */
export type Clearing =
  | ({ readonly outcome: 'gone' } & Size)
  | { readonly outcome: 'failed'; readonly why: string }
  | { readonly outcome: 'stopped' };

export interface Removing {
  /** Removes what lies elsewhere, while no server finds the item. @param path where its directory is then */
  readonly clear?: (path: string) => Promise<Clearing>;
  /** Logged models that are not deleted and go with their experiment; without it, all of them. */
  readonly along?: ReadonlySet<string>;
}

const changed = 'restored or changed since it was chosen';
const elsewhere = 'gone already, by another hand';

const foldersOf = (store: FileStore, { id, experimentId }: Item) => foldersNamed(store, experimentId ?? id);

/** Whether an item that was chosen still goes; null: it does. */
export async function reasonNow(store: FileStore, item: Item, rules: Rules): Promise<string | null> {
  const folders = await foldersOf(store, item);
  const found = await locate(store, item.kind as FileKind, item.id, folders);
  if (!found) return elsewhere;
  if (found.wrong !== null) return found.wrong;
  if (found.item.deletedAt !== item.deletedAt || found.item.artifactUri !== item.artifactUri) return changed;
  return reasonToStay(store, found, rules, folders);
}

/** What lies in an item's own directory. @throws as `sizeOf`, and where it is gone */
export async function sizeOfItem(store: FileStore, item: Item, sizing: Sizing = {}): Promise<Size> {
  const found = await locate(store, item.kind as FileKind, item.id, await foldersOf(store, item));
  if (!found) throw new Error(`${item.kind} ${item.id} is gone`);
  const why = await unsafeWay(store.root, found.path);
  if (why) throw new Error(why);
  return sizeOf(found.path, sizing);
}

/**
 * Deletes an item: its directory is moved, in one step, to where MLflow does not look, judged once more there, where
 * no server finds it to restore it; then its artifacts elsewhere go; then it is marked as final, and emptied. So it is
 * there whole or not at all, whenever this dies; `finishLeftovers` does the rest.
 */
export async function removeFiled(
  store: FileStore,
  item: Item,
  rules: Rules,
  removing: Removing = {},
): Promise<FileRemoval> {
  try {
    return await remove(store, item, rules, removing);
  } catch (error) {
    const gone = codeOf(error) === 'ENOENT' && !(await isThere(store, item));
    return gone ? { outcome: 'kept', reason: elsewhere } : { outcome: 'failed', why: messageOf(error) };
  }
}

/** Another run may take it while it is measured. */
const isThere = async (store: FileStore, item: Item): Promise<boolean> =>
  (await locate(store, item.kind as FileKind, item.id, await foldersOf(store, item))) !== null;

async function remove(store: FileStore, item: Item, rules: Rules, removing: Removing): Promise<FileRemoval> {
  const reason = await reasonNow(store, item, rules);
  if (reason !== null) return { outcome: 'kept', reason };
  const found = await locate(store, item.kind as FileKind, item.id, await foldersOf(store, item));
  if (!found) return { outcome: 'kept', reason: elsewhere };
  const why = await unsafeWay(store.root, found.path);
  if (why) return { outcome: 'failed', why };
  await canLeave(found.path);
  const size = await sizeOf(found.path, { removing: true });
  const staged = join(store.root, staging, `${stagedName(found.item)}${ownerMark}${ownName}`);
  if (!(await moveOut(store, found.path, staged))) return { outcome: 'kept', reason: elsewhere };
  const cleared = await decide(store, found.item, staged, rules, removing);
  if (cleared.outcome !== 'gone') {
    await rename(staged, found.path);
    return cleared;
  }
  const last = `${staged}${finalMark}${randomBytes(4).toString('hex')}`;
  await rename(staged, last);
  try {
    await removeTree(last);
  } catch (error) {
    return {
      outcome: 'failed',
      why: `MLflow no longer has it, but files of it are left in ${last}: ${messageOf(error)}; the next mltrack gc removes them`,
    };
  }
  return { outcome: 'gone', files: size.files + cleared.files, bytes: size.bytes + cleared.bytes };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** False where another hand was faster. The directory it goes to may vanish: another run that ends takes it along. */
async function moveOut(store: FileStore, from: string, to: string): Promise<boolean> {
  const folder = join(store.root, staging);
  for (let attempt = 1; ; attempt++) {
    await mkdir(folder).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    if ((await kindOf(folder)) === 'other' || (await kindOf(folder)) === 'link')
      throw new Error(`${folder} is no directory; remove it`);
    try {
      await rename(from, to);
      return true;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === 5) throw error;
      if ((await kindOf(from)) === null) return false;
    }
  }
}

/** The last word on what was moved, where nobody writes any more, and the end of its artifacts elsewhere. */
async function decide(
  store: FileStore,
  item: Item,
  staged: string,
  rules: Rules,
  { clear, along }: Removing,
): Promise<Clearing | { readonly outcome: 'kept'; readonly reason: string }> {
  try {
    const reason = await judgeStaged(store, item, staged, rules, along);
    if (reason !== null) return { outcome: 'kept', reason };
    return clear ? await clear(staged) : { outcome: 'gone', files: 0, bytes: 0 };
  } catch (error) {
    return { outcome: 'failed', why: messageOf(error) };
  }
}

async function judgeStaged(
  store: FileStore,
  item: Item,
  staged: string,
  rules: Rules,
  along: ReadonlySet<string> | undefined,
): Promise<string | null> {
  const found = await readItem(store, item.kind as FileKind, item.id, item.experimentId ?? item.id, staged);
  if (reasonOfItem(found, rules) !== null || found.item.deletedAt !== item.deletedAt) return changed;
  if (item.kind !== 'experiment') return null;
  return stillIn(store, { id: item.id, path: staged, inTrash: true, link: false }, rules, along);
}
