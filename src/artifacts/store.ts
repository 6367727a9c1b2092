/**
 * The contract of an artifact store: where MLflow keeps the files of runs, logged models and traces.
 *
 * To add one: write `<name>.ts` here with an `open` of type `OpenStore`, name its schemes in `open.ts`, its canonical
 * place in `location.ts`. What lists and deletes objects by key needs only an `ObjectBucket` (`object-bucket.ts`): the
 * guards, the batches, the retries and the counting are `object-store.ts`'s. Then let `test/artifacts/contract.ts`
 * loop over a real server of it. An SDK is an optional peer dependency, loaded by `optional-package.ts`.
 *
 * Every method takes the whole URI of one item's artifacts (a run's `artifact_uri`), never a fragment, and works only
 * below it. Errors are `ArtifactError`s: their `kind` says why the item is kept.
 */
export interface ArtifactStore {
  /** What is there; nothing there is no error. */
  measure(uri: string, options?: ReadOptions): Promise<Measure>;
  /** Every file below, in no order, in constant memory. */
  list(uri: string, options?: ReadOptions): AsyncIterable<ArtifactFile>;
  /** The names directly below: what a search for orphans compares with the database. */
  children(uri: string, options?: ReadOptions): AsyncIterable<Child>;
  /**
   * Removes all that is below the location, and says how much that was. Nothing there is done, not an error. Of a
   * bucket that keeps versions the current one goes, as with `mlflow gc`: the bucket's own rules keep or expire the rest.
   * @throws ArtifactError `refused` before anything is touched; later, what was already removed stays removed and a
   * repeated call goes on. A stop by the signal waits for the batches in hand and throws the signal's reason.
   */
  remove(uri: string, options?: RemoveOptions): Promise<Removed>;
  /** Ends connections. */
  close(): Promise<void>;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface RemoveOptions extends ReadOptions {
  /**
   * The id of the run, model or trace. MLflow makes every location of one itself, with the id as a part of the path;
   * where it is not, the location was written by somebody (a trace's is a tag anybody may set) and is refused.
   */
  readonly owner?: string | undefined;
  /** After each batch. */
  readonly onRemoved?: ((batch: Removed) => void) | undefined;
}

export interface Measure extends Removed {
  /** When the newest file was last written, or came here; null where there is none or the store does not say. */
  readonly newest: Date | null;
}

export interface Removed {
  readonly files: number;
  readonly bytes: number;
}

export interface ArtifactFile {
  /** Below the location, parted by `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly modified: Date | null;
}

export interface Child {
  readonly name: string;
  readonly directory: boolean;
}

export interface ArtifactOptions {
  /** Default: the process's. The SDKs' own credential chains read the process's in any case. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Requests under way at once, over all items of one store. Default 16. */
  readonly concurrency?: number;
  /** Where `mlflow server --artifacts-destination` points: `mlflow-artifacts:` and http(s) roots are read there. */
  readonly artifactsDestination?: string | undefined;
  /** An http(s) tracking server: the other way to reach those roots. */
  readonly trackingUri?: string | undefined;
  /** Locations that must survive: experiments' roots, the database's file. Neither they nor what holds them ever goes. */
  readonly never?: readonly string[];
  /** What relative paths are read against. Default: the process's. */
  readonly cwd?: string;
  readonly retry?: Partial<RetryPolicy>;
}

export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number;
  /** The first pause, in milliseconds; it doubles each time, and a random part of it is waited. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** How long one try may take, in milliseconds. */
  readonly timeoutMs: number;
}
