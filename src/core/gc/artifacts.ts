import { ArtifactError } from '../../artifacts/failure.js';
import { ArtifactStores } from '../../artifacts/open.js';
import type { ArtifactFile, ArtifactOptions, Child, Measure, Removed } from '../../artifacts/store.js';
import type { Stop } from '../stop.js';

/** One item's artifacts. */
export interface Place {
  /** The id of the run, model or trace. */
  readonly owner: string;
  readonly uri: string;
}

/** What became of one item's artifacts: how many went, why not, or that a stop came before they were all gone. */
export type Removal =
  | ({ readonly owner: string; readonly outcome: 'gone' } & Removed)
  | { readonly owner: string; readonly outcome: 'failed'; readonly why: string }
  | { readonly owner: string; readonly outcome: 'stopped' };

/** What lies at a place, or why that cannot be told. */
export type Measured =
  | ({ readonly owner: string } & Measure)
  | { readonly owner: string; readonly why: string };

/** The artifacts of many items at once. */
export class Artifacts {
  private readonly stores: ArtifactStores;
  private readonly aborting = new AbortController();
  private readonly release: () => void;

  /** @param never roots of experiments, the database's file: neither they nor what holds them ever goes */
  constructor(
    options: ArtifactOptions,
    private readonly stop: Stop,
  ) {
    this.stores = new ArtifactStores(options);
    this.release = stop.onRequest(() => this.aborting.abort(new Error('stopped')));
    this.atOnce = options.concurrency ?? 16;
  }

  private readonly atOnce: number;

  protect(uri: string): void {
    this.stores.protect(uri);
  }

  /** One spelling for one place; null for what is no location. */
  placeOf(uri: string): string | null {
    try {
      return this.stores.placeOf(uri);
    } catch (error) {
      if (error instanceof ArtifactError) return null;
      throw error;
    }
  }

  /** Whether the place is protected or holds what is. What is no location is not. */
  survives(uri: string): boolean {
    return this.placeOf(uri) !== null && this.stores.survives(uri);
  }

  /** The names directly below a place. @throws what the store says; a stop: the abort's reason */
  async *children(uri: string): AsyncIterable<Child> {
    const store = await this.stores.of(uri);
    yield* store.children(uri, { signal: this.aborting.signal });
  }

  /** Whether anything lies directly below a place; true where that cannot be told, as its items will say why. */
  async holdsAnything(uri: string): Promise<boolean> {
    try {
      for await (const _ of this.children(uri)) return true;
      return false;
    } catch {
      return true;
    }
  }

  /** Every file below a place. @throws what the store says; a stop: the abort's reason */
  async *list(uri: string): AsyncIterable<ArtifactFile> {
    const store = await this.stores.of(uri);
    yield* store.list(uri, { signal: this.aborting.signal });
  }

  /** Removes what lies at each place, several at once. A stop finishes the requests in hand. */
  remove(places: readonly Place[]): Promise<Removal[]> {
    return this.each(places, async ({ owner, uri }): Promise<Removal> => {
      if (this.stop.requested) return { owner, outcome: 'stopped' };
      try {
        const store = await this.stores.of(uri);
        const removed = await store.remove(uri, { owner, signal: this.aborting.signal });
        return { owner, outcome: 'gone', files: removed.files, bytes: removed.bytes };
      } catch (error) {
        if (this.stop.requested) return { owner, outcome: 'stopped' };
        return { owner, outcome: 'failed', why: messageOf(error) };
      }
    });
  }

  /** Counts what lies at each place. @throws exit 130, 143 */
  async measure(places: readonly Place[]): Promise<Measured[]> {
    const measured = await this.each(places, async ({ owner, uri }): Promise<Measured> => {
      try {
        if (this.stop.requested) return { owner, why: 'stopped' };
        const store = await this.stores.of(uri);
        return { owner, ...(await store.measure(uri, { signal: this.aborting.signal })) };
      } catch (error) {
        return { owner, why: messageOf(error) };
      }
    });
    this.stop.check();
    return measured;
  }

  async close(): Promise<void> {
    this.release();
    await this.stores.close();
  }

  /** Does the work for each, several at once; it should not throw: the others go on. */
  async each<P, T>(places: readonly P[], work: (place: P) => Promise<T>): Promise<T[]> {
    const results = new Array<T>(places.length);
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let at = next++; at < places.length; at = next++) results[at] = await work(places[at] as P);
    };
    await Promise.all(Array.from({ length: Math.min(this.atOnce, places.length) }, worker));
    return results;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
