import { asking } from './asking.js';
import type { Context } from './context.js';
import { ArtifactError, refused, shown } from './failure.js';
import { checkItem, keyPrefix, mayRemove } from './guard.js';
import { Batches } from './limit.js';
import { type Location, parseLocation } from './location.js';
import { measured } from './measured.js';
import type { NotRemoved, ObjectBucket, StoredObject } from './object-bucket.js';
import { isTransient } from './retry.js';
import type {
  ArtifactFile,
  ArtifactStore,
  Child,
  Measure,
  ReadOptions,
  Removed,
  RemoveOptions,
} from './store.js';

/**
 * An artifact store over objects by key. An object whose key is the location itself, without a `/`, is not MLflow's
 * (it puts every artifact below) and is left alone.
 */
export class ObjectStore implements ArtifactStore {
  constructor(
    private readonly bucket: ObjectBucket,
    private readonly home: Location,
    private readonly context: Context,
  ) {}

  measure(uri: string, options: ReadOptions = {}): Promise<Measure> {
    return measured(this.list(uri, options));
  }

  async *list(uri: string, options: ReadOptions = {}): AsyncIterable<ArtifactFile> {
    const prefix = this.prefixOf(uri);
    for await (const page of this.pages(prefix, uri, options.signal))
      for (const object of page)
        if (!object.folder)
          yield { path: object.key.slice(prefix.length), bytes: object.bytes, modified: object.modified };
  }

  async *children(uri: string, options: ReadOptions = {}): AsyncIterable<Child> {
    const { path } = this.locationOf(uri);
    // Here a bucket's root is allowed: an experiment may lie there, and nothing is removed.
    const prefix = /^\/*$/.test(path) ? '' : this.prefixOf(uri);
    let from: string | undefined;
    do {
      const answer = await this.ask('list', uri, options.signal, (signal) =>
        this.bucket.names(prefix, from, signal),
      );
      for (const name of answer.names.folders) yield { name, directory: true };
      for (const name of answer.names.files) if (name !== '') yield { name, directory: false };
      from = answer.next;
    } while (from !== undefined);
  }

  async remove(uri: string, options: RemoveOptions = {}): Promise<Removed> {
    checkItem(this.locationOf(uri), this.context.never, this.context.cwd, options.owner);
    const prefix = this.prefixOf(uri);
    const { signal } = options;
    const total = { files: 0, bytes: 0 };
    const folders: StoredObject[] = [];
    const batches = new Batches(this.context.limit);
    const removeAll = async (objects: readonly StoredObject[]): Promise<void> => {
      const size = this.bucket.batchSize;
      for (let i = 0; i < objects.length && !batches.failed && !signal?.aborted; i += size)
        await batches.add(() => this.removeBatch(objects.slice(i, i + size), prefix, uri, options, total));
    };
    try {
      for await (const page of this.pages(prefix, uri, signal)) {
        if (batches.failed) break;
        folders.push(...page.filter(({ folder }) => folder));
        await removeAll(page.filter(({ folder }) => !folder));
      }
    } finally {
      await batches.settle();
    }
    // The deepest first: a folder that holds something is not deleted.
    folders.sort((a, b) => b.key.split('/').length - a.key.split('/').length);
    for (const folder of folders) await this.removeBatch([folder], prefix, uri, options, null);
    signal?.throwIfAborted();
    return total;
  }

  close(): Promise<void> {
    return this.bucket.close();
  }

  /** One batch, tried again for those objects only that the store may still delete. */
  private async removeBatch(
    batch: readonly StoredObject[],
    prefix: string,
    uri: string,
    options: RemoveOptions,
    total: { files: number; bytes: number } | null,
  ): Promise<void> {
    for (const { key } of batch)
      if (!mayRemove(key, prefix)) throw refused(uri, `the object ${shown(key)} leads out of it`);
    let left = batch;
    await this.ask('remove', uri, options.signal, async (signal) => {
      // A try that took too long may have come through all the same.
      if (left.length === 0) return;
      const not = await this.bucket.remove(left, signal);
      const kept = new Set(not.map(({ key }) => key));
      const gone = left.filter(({ key }) => !kept.has(key));
      left = left.filter(({ key }) => kept.has(key));
      if (total && gone.length > 0) {
        const bytes = gone.reduce((sum, object) => sum + object.bytes, 0);
        total.files += gone.length;
        total.bytes += bytes;
        options.onRemoved?.({ files: gone.length, bytes });
      }
      if (not.length > 0) throw worst(not);
    });
  }

  private async *pages(
    prefix: string,
    uri: string,
    signal?: AbortSignal,
  ): AsyncIterable<readonly StoredObject[]> {
    let from: string | undefined;
    do {
      // A listing counts against `concurrency` too, and waits while batches do.
      const work = () => this.ask('list', uri, signal, (own) => this.bucket.page(prefix, from, own));
      const page = await (await this.context.limit.start(work)).done;
      // Never trust a listing: an old or broken server might answer beyond the prefix.
      yield page.items.filter(({ key }) => key.startsWith(prefix));
      from = page.next;
    } while (from !== undefined);
  }

  private ask<T>(
    doing: 'list' | 'remove',
    uri: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return asking({ doing, uri, place: this.bucket.title, signal }, this.context, work);
  }

  private prefixOf(uri: string): string {
    return keyPrefix(this.locationOf(uri));
  }

  private locationOf(uri: string): Location {
    const location = parseLocation(uri);
    if (location.authority !== this.home.authority || location.scheme !== this.home.scheme)
      throw new ArtifactError('refused', uri, `${shown(uri)} is not in ${this.bucket.title}`);
    return location;
  }
}

/** Of several errors one that no further try would change, if there is one. */
const worst = (not: readonly NotRemoved[]): unknown =>
  (not.find(({ error }) => !isTransient(error)) ?? not[0])?.error;
