export interface GivingBack {
  /** Throws once a stop was asked for. */
  readonly checkpoint: () => void;
  /** How long one statement may wait for a lock; all who come after wait behind it. */
  readonly lockTimeoutMs: number;
}

/** What became of the space of deleted rows. */
export interface GivenBack {
  /** What was done, in a phrase; null: nothing. */
  readonly said: string | null;
  /** What could not be done, and why, a phrase each. */
  readonly failed: readonly string[];
}

export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/; everything was rolled back$/, '');

/** Does the work for each table; one that fails is noted, and the rest goes on. */
export async function eachTable(
  tables: readonly string[],
  checkpoint: () => void,
  work: (table: string) => Promise<void>,
): Promise<{ readonly done: readonly string[]; readonly failed: readonly string[] }> {
  const done: string[] = [];
  const failed: string[] = [];
  for (const table of tables) {
    checkpoint();
    try {
      await work(table);
      done.push(table);
    } catch (error) {
      checkpoint();
      failed.push(`${table}: ${reasonOf(error)}`);
    }
  }
  return { done, failed };
}

/** Bytes of some tables together, in KiB with commas. */
export const kibOf = (sizes: ReadonlyMap<string, number>, tables: readonly string[]): string =>
  kib(tables.reduce((sum, table) => sum + (sizes.get(table) ?? 0), 0));

export const kib = (bytes: number): string => `${Math.round(bytes / 1024).toLocaleString('en')} KiB`;

export const tablesOf = (n: number): string => `${n} table${n === 1 ? '' : 's'}`;
