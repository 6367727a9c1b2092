/** Lets so many pieces of work be under way at once. */
export class Limit {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(size: number) {
    this.free = Math.max(1, Math.floor(size));
  }

  /**
   * Waits for a place, then starts the work.
   * @returns the work under way, wrapped, so that to wait for the start is not to wait for the end
   */
  async start<T>(work: () => Promise<T>): Promise<{ readonly done: Promise<T> }> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((go) => this.waiting.push(go));
    const done = work().finally(() => {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    });
    return { done };
  }
}

/**
 * Pieces of one whole, started as places get free. The first failure keeps more from starting; `settle` waits for what
 * is under way and throws it.
 */
export class Batches {
  private readonly under = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | null = null;

  constructor(private readonly limit: Limit) {}

  get failed(): boolean {
    return this.failure !== null;
  }

  async add(work: () => Promise<void>): Promise<void> {
    const { done } = await this.limit.start(work);
    const tracked = done
      .catch((error) => {
        this.failure ??= { error };
      })
      .finally(() => this.under.delete(tracked));
    this.under.add(tracked);
  }

  async settle(): Promise<void> {
    while (this.under.size > 0) await Promise.all(this.under);
    if (this.failure) throw this.failure.error;
  }
}
