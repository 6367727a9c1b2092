import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Item, Kept, Rules } from '../../src/core/gc/eligible-rules.js';
import { type FileStore, openFileStore } from '../../src/core/gc/file-store.js';
import { eligibleFiles } from '../../src/core/gc/file-store-eligible.js';
import type { FileKind } from '../../src/core/gc/file-store-find.js';

const fixture = fileURLToPath(new URL('../../fixtures/file-store/store.json', import.meta.url));
/** What real MLflow wrote: fixtures/tools/file_store.py. */
const { start, ids, files } = JSON.parse(readFileSync(fixture, 'utf8')) as {
  readonly start: number;
  readonly ids: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
};
const day = 24 * 3600 * 1000;
/** Between the deletions of day 10 and those of day 40. */
export const cutoff = start + 20 * day;

/** The id of what the fixture calls so. */
export function idOf(name: string): string {
  const id = ids[name];
  if (id === undefined) throw new Error(`the fixture has no ${name}`);
  return id;
}

export const nameOf = (id: string): string => Object.entries(ids).find(([, one]) => one === id)?.[0] ?? id;

/** Unpacks the fixture below a directory whose name a URI must encode. */
export function unpack(): { base: string; root: string } {
  const base = join(realpathSync(mkdtempSync(join(tmpdir(), 'mltrack-file-store-'))), 'a b ü');
  unpackInto(base, base);
  return { base, root: join(base, 'mlruns') };
}

/** @param written where its locations say that it lies */
export function unpackInto(base: string, written: string): void {
  const uri = written.split('/').map(encodeURIComponent).join('/');
  for (const [name, text] of Object.entries(files)) {
    const path = join(base, name);
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(path, text.replaceAll('file://__BASE__', `file://${uri}`));
  }
}

export const open = (root: string): Promise<FileStore> => openFileStore(root, '/');

export const rules = (more: Partial<Rules> = {}): Rules => ({
  ...{ cutoff: null, undated: false, ids: {}, workspace: 'default', jobs: false, registered: null },
  ...{ activeModels: 'hold' as const },
  ...more,
});

/** All pages in one. */
export async function everything(store: FileStore, kind: FileKind | 'job', which: Rules) {
  const all: { items: Item[]; kept: Kept[] } = { items: [], kept: [] };
  for await (const { items, kept } of eligibleFiles(store, kind, which)) {
    all.items.push(...items);
    all.kept.push(...kept);
  }
  return all;
}

/** By the names of the fixture. */
export async function named(store: FileStore, kind: FileKind | 'job', which: Rules) {
  const { items, kept } = await everything(store, kind, which);
  return {
    go: items.map(({ id }) => nameOf(id)).sort(),
    stay: Object.fromEntries(kept.map(({ item, reason }) => [nameOf(item.id), reason])),
  };
}

/** The item that the fixture calls so, as it is now. */
export async function itemOf(store: FileStore, kind: FileKind, name: string): Promise<Item> {
  const { items, kept } = await everything(store, kind, rules({ ids: { [kind]: [idOf(name)] } }));
  return (items[0] ?? kept[0]?.item) as Item;
}

/** Every entry below a directory with what is in it. */
export function treeOf(root: string): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(root.length + 1);
    if (entry.isDirectory()) tree[`${name}/`] = '';
    else tree[name] = entry.isSymbolicLink() ? `-> ${readlinkSync(path)}` : readFileSync(path, 'utf8');
  }
  return tree;
}
