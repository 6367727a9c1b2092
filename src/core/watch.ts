import type { Session } from '../dialects/dialect.js';
import type { ProgressModule } from '../dialects/progress.js';
import type { Listener } from './events.js';
import type { Heartbeat, Progress } from './progress.js';

/** Milliseconds until the next sign of life, by those that the step has taken: a long one needs fewer. */
const pause = (passed: number): number => (passed < 30_000 ? 1000 : passed < 300_000 ? 2000 : 5000);

/** An answer that takes longer, in milliseconds, is waited for no more, and nothing is asked again. */
const patience = 3000;

/**
 * While a step runs: after a second, and then again and again, looks from a second connection how far the server is,
 * and has the progress told. Nothing that goes wrong with it reaches the upgrade; it is said once.
 */
export class Watch implements Heartbeat {
  private module: ProgressModule | null = null;
  private id = 0;
  private second: Promise<Session> | null = null;
  private closed = false;

  /** @param open opens a second connection that only reads; without it there is only the clock */
  constructor(
    private readonly listen: Listener,
    private readonly open?: () => Promise<Session>,
  ) {}

  /** Learns what the session is known by, before it is busy. */
  async start(session: Session): Promise<void> {
    if (!this.open) return;
    this.module = await session.dialect.progress();
    if (this.module) this.id = await this.module.identify(session);
  }

  async during<T>(progress: Progress, run: () => Promise<T>): Promise<T> {
    const since = performance.now();
    let over = false;
    let timer: NodeJS.Timeout | undefined;
    const beat = async (): Promise<void> => {
      const told = await this.ask();
      if (over) return;
      progress.server(told);
      progress.tick();
      arm();
    };
    const arm = (): void => {
      timer = setTimeout(() => void beat(), pause(performance.now() - since));
      timer.unref();
    };
    arm();
    try {
      return await run();
    } finally {
      over = true;
      clearTimeout(timer);
    }
  }

  private async ask() {
    const { module, open } = this;
    if (!module || !open || this.closed) return null;
    try {
      this.second ??= open();
      const { second } = this;
      return await inTime(second.then((session) => module.read(session, this.id)));
    } catch (error) {
      if (this.closed) return null;
      this.module = null;
      const reason = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0];
      const message = `how far the server is cannot be seen from a second connection, and the upgrade goes on without: ${reason}`;
      this.listen({ event: 'warning', message });
      await this.close();
      return null;
    }
  }

  /** Closes the second connection, if there is one; what does not close in time is left to the server. */
  async close(): Promise<void> {
    this.closed = true;
    const { second } = this;
    this.second = null;
    if (second) await inTime(second.then((session) => session.close())).catch(() => undefined);
  }
}

/** @throws when `work` is not through in time; it is then left alone */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error('it does not answer in time')), patience);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
