import { stoppedError } from '../errors.js';

type Signal = 'SIGINT' | 'SIGTERM';

/** A request to stop, asked for from outside and honoured between statements. */
export class Stop {
  private signal: Signal | null = null;
  /** How the database is left when the upgrade stops now; null: as it was. */
  private left: string | null = null;
  private readonly listeners = new Set<() => void>();

  /** Something has changed that cannot be rolled back; `left` says how far it is. */
  cannotUndo(left: string): void {
    this.left = left;
  }

  get stands(): string | null {
    return this.left;
  }

  get requested(): boolean {
    return this.signal !== null;
  }

  request(signal: Signal): void {
    if (this.signal) return;
    this.signal = signal;
    for (const listener of this.listeners) listener();
  }

  onRequest(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @throws exit 130 or 143 once a stop was asked for. */
  check(): void {
    if (this.signal)
      throw stoppedError(
        this.signal,
        `stopped by ${this.signal}; ${this.left ?? 'everything was rolled back, nothing has changed'}`,
      );
  }
}
