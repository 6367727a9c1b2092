/** An object as a listing shows it. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  readonly modified: Date | null;
  /** A folder that goes only when it is empty (Azure with a hierarchical namespace): no file, removed last. */
  readonly folder?: boolean;
}

/** One page of a listing, and where the next begins. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** The names directly below a prefix: the last parts of keys, and of "folders". */
export interface Names {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** An object the store would not delete. */
export interface NotRemoved {
  readonly key: string;
  /** With the status or code that says whether another try may help. */
  readonly error: unknown;
}

/**
 * What a store of objects by key must be able to do; each call is one try. Retries, counting and guards are
 * `object-store.ts`'s.
 */
export interface ObjectBucket {
  /** How it is called in messages: `the bucket models`. */
  readonly title: string;
  /** How many objects one delete request takes. */
  readonly batchSize: number;
  /** All keys below the prefix, in pages. */
  page(prefix: string, from: string | undefined, signal: AbortSignal): Promise<Page<StoredObject>>;
  /** As `page`, but only one level. */
  names(
    prefix: string,
    from: string | undefined,
    signal: AbortSignal,
  ): Promise<{ names: Names; next?: string | undefined }>;
  /** Deletes them; one that is gone already counts as deleted. @returns those it would not delete */
  remove(objects: readonly StoredObject[], signal: AbortSignal): Promise<readonly NotRemoved[]>;
  close(): Promise<void>;
}
