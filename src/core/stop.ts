import { stoppedError } from '../errors.js';

/** What asks: the process is told to end, or whoever called a function of the library aborts it. */
type Signal = 'SIGINT' | 'SIGTERM' | 'abort';

/** A request to stop, asked for from outside and honoured between statements. */
export class Stop {
  private signalled: Signal | null = null;
  /** How the database is left when the upgrade stops now; null: as it was. */
  private left: string | null = null;
  private readonly listeners = new Set<() => void>();

  /** The same request as the library takes it; its reason names the signal. */
  get signal(): AbortSignal {
    const controller = new AbortController();
    this.onRequest(() => controller.abort(this.signalled));
    if (this.signalled) controller.abort(this.signalled);
    return controller.signal;
  }

  /** Something has changed that cannot be rolled back; `left` says how far it is. */
  cannotUndo(left: string): void {
    this.left = left;
  }

  get stands(): string | null {
    return this.left;
  }

  get requested(): boolean {
    return this.signalled !== null;
  }

  request(signal: Signal): void {
    if (this.signalled) return;
    this.signalled = signal;
    for (const listener of this.listeners) listener();
  }

  onRequest(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @throws exit 130 or 143 once a stop was asked for. */
  check(): void {
    if (this.signalled)
      throw stoppedError(
        this.signalled,
        `stopped by ${this.signalled === 'abort' ? 'its caller' : this.signalled}; ${this.left ?? 'everything was rolled back, nothing has changed'}`,
      );
  }
}

/** Runs work that `signal` stops. A reason that names a signal of the system ends it with that signal's exit code. */
export async function withStop<T>(
  signal: AbortSignal | undefined,
  work: (stop: Stop) => Promise<T>,
): Promise<T> {
  const stop = new Stop();
  const onAbort = () => {
    const reason: unknown = signal?.reason;
    stop.request(reason === 'SIGINT' || reason === 'SIGTERM' ? reason : 'abort');
  };
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  try {
    return await work(stop);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
