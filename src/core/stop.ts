import { stoppedError } from '../errors.js';

type Signal = 'SIGINT' | 'SIGTERM';

/** A request to stop, asked for from outside and honoured between statements. */
export class Stop {
  private signal: Signal | null = null;
  private readonly listeners = new Set<() => void>();

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
        `stopped by ${this.signal}; everything was rolled back, nothing has changed`,
      );
  }
}
