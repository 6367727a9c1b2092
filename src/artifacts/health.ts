import type { ArtifactError } from './failure.js';

/** So many requests in a row, each after all its tries, make a store count as down. */
const most = 5;
/** After so long, milliseconds, one request may look whether it is back. */
const pauseMs = 60_000;

interface Run {
  count: number;
  last: ArtifactError;
  /** When it last failed, or was last looked at. */
  at: number;
}

/**
 * Whether one store answers at all. Without it ten thousand runs in a store that is down would each be tried to the
 * end. What lists and what removes is counted apart: a store may answer the one and never the other.
 */
export class Health {
  private readonly runs = new Map<string, Run>();

  /** @param now milliseconds; a test's own clock */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @returns how often in a row it failed and what it last said, where it is not worth a further try */
  down(doing: string): { readonly count: number; readonly last: ArtifactError } | null {
    const run = this.runs.get(doing);
    return run && run.count >= most ? run : null;
  }

  /** As `down`; but now and then, once, it lets one look. */
  mayAsk(doing: string): ReturnType<Health['down']> {
    const down = this.down(doing) as Run | null;
    if (!down || this.now() - down.at < pauseMs) return down;
    down.at = this.now();
    return null;
  }

  answered(doing: string): void {
    this.runs.delete(doing);
  }

  failed(doing: string, last: ArtifactError): void {
    const count = (this.runs.get(doing)?.count ?? 0) + 1;
    this.runs.set(doing, { count, last, at: this.now() });
  }
}
