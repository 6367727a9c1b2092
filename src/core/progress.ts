import type { Statement } from '../dialects/dialect.js';
import type { ServerProgress } from '../dialects/progress.js';
import type { RowWork } from '../schema/row-work.js';
import type { Listener } from './events.js';
import { Pace, secondsLeft } from './pace.js';
import type { Weight, Weights } from './weigh.js';

/** Told more often than this, in seconds, nobody can read it. */
const leastApart = 0.25;

interface Current {
  readonly title: string;
  readonly table: string;
  readonly weight: Weight;
  readonly since: number;
  pace: Pace;
  rows: number | null;
  total: number | null;
  exact: boolean;
  share: number | null;
  phase: string | null;
  source: 'client' | 'server';
  told: number;
}

/** Runs a step and says from time to time that it still does. */
export interface Heartbeat {
  during<T>(progress: Progress, run: () => Promise<T>): Promise<T>;
}

const silent: Heartbeat = { during: (_, run) => run() };

/**
 * Tells how far an upgrade is: its share by weights (`weigh.ts`), and of the step in hand what the work itself counts
 * or the server tells. What nobody knows is null: a share never goes back, and no time is told without a base.
 */
export class Progress {
  private weights: Weights = { of: () => ({ seconds: 0, rows: null }), keyCheck: 0, total: 0 };
  private done = 0;
  private highest = 0;
  private began: number | null = null;
  private current: Current | null = null;

  /** @param clock seconds, never going back */
  constructor(
    private readonly listen: Listener,
    private readonly clock: () => number = () => performance.now() / 1000,
    private readonly heartbeat: Heartbeat = silent,
  ) {}

  plan(weights: Weights): void {
    this.weights = weights;
  }

  /** Runs one statement. */
  statement<T>(statement: Statement, run: () => Promise<T>): Promise<T> {
    return this.step(statement.title, statement.table, this.weights.of(statement), run);
  }

  /** Runs one piece of row work; `rows` is for it to call. */
  rowWork<T>(work: RowWork, run: () => Promise<T>): Promise<T> {
    return this.step(work.title, work.reads[0] ?? '', this.weights.of(work), run);
  }

  /** Runs the check of all foreign keys, where the server does not keep them itself and it takes time. */
  keyCheck<T>(run: () => Promise<T>): Promise<T> {
    const seconds = this.weights.keyCheck;
    return seconds > 0 ? this.step('check the foreign keys', '', { seconds, rows: null }, run) : run();
  }

  /** Runs what has no weight beside the others, and may be silent for long all the same. */
  aside<T>(title: string, table: string, run: () => Promise<T>): Promise<T> {
    return this.step(title, table, { seconds: 0, rows: null }, run);
  }

  private async step<T>(title: string, table: string, weight: Weight, run: () => Promise<T>): Promise<T> {
    const since = this.clock();
    this.began ??= since;
    const total = weight.rows && Math.round(weight.rows);
    const unknown = { rows: null, total, exact: false, share: null, phase: null };
    this.current = {
      title,
      table,
      weight,
      since,
      pace: new Pace(),
      ...unknown,
      source: 'client',
      told: since,
    };
    this.tell();
    try {
      return await this.heartbeat.during(this, run);
    } finally {
      this.done += weight.seconds;
      this.current = null;
    }
  }

  /** The work in hand has looked at so many rows, of so many where it has counted them. */
  rows(done: number, total?: number): void {
    const { current } = this;
    if (!current) return;
    if (total !== undefined) [current.total, current.exact] = [total, true];
    // There are more than the server believed.
    else if (!current.exact && done > (current.total ?? 0)) current.total = null;
    current.rows = done;
    current.source = 'client';
    if (current.total) current.share = Math.max(Math.min(done / current.total, 1), current.share ?? 0);
    current.pace.note(this.clock(), done);
    if (this.clock() - current.told >= leastApart) this.tell();
  }

  /** What the server says of the step in hand; null: nothing. */
  server(told: ServerProgress | null): void {
    const { current } = this;
    if (!current || current.rows !== null) return;
    current.phase = told?.phase ?? null;
    if (told) current.source = 'server';
    if (typeof told?.share !== 'number') {
      current.pace = new Pace();
      return;
    }
    current.share = Math.max(told.share, current.share ?? 0);
    current.pace.note(this.clock(), current.share);
  }

  /** Time has passed. */
  tick(): void {
    const { current } = this;
    if (!current) return;
    if (current.rows !== null) current.pace.note(this.clock(), current.rows);
    this.tell();
  }

  private tell(): void {
    const { current } = this;
    if (!current) return;
    const now = this.clock();
    current.told = now;
    const { title: step, table, rows, total, exact, phase, source } = current;
    const seconds = now - current.since;
    const rate = current.pace.rate;
    const left = stepLeft(current, rate);
    const share = this.shareNow(current);
    // What is known to stand still has no end in sight.
    const stalled = rate === 0 && current.share !== null;
    const whole = stalled
      ? null
      : secondsLeft({
          ...{ total: this.weights.total, done: this.done, doneSeconds: current.since - (this.began ?? now) },
          ...{ step: current.weight.seconds, stepSeconds: seconds, stepShare: current.share, stepLeft: left },
        });
    const rowRate = rate === null || rows !== null ? rate : total && rate * total;
    this.listen({
      ...{ event: 'progress', step, table, rows, share: floor(share, 1000) },
      ...{
        ...{ total, exact },
        rate: rowRate && Math.round(rowRate),
        stepShare: current.share && floor(current.share, 1000),
      },
      ...{ seconds: floor(seconds, 10), stepEtaSeconds: left && Math.ceil(left) },
      ...{ etaSeconds: whole && Math.ceil(whole), phase, source },
    });
  }

  /** Up to 0.99: the rest is for the commit. */
  private shareNow({ weight, share }: Current): number {
    const { total } = this.weights;
    const now = total > 0 ? (this.done + weight.seconds * (share ?? 0)) / total : 0;
    this.highest = Math.max(this.highest, Math.min(now, 0.99));
    return this.highest;
  }
}

/** Seconds until the step is through, at its speed of late; null where that is not known or it stands still. */
function stepLeft({ rows, total, share }: Current, rate: number | null): number | null {
  if (!rate || share === null) return null;
  return rows === null ? (1 - share) / rate : total === null ? null : Math.max(total - rows, 0) / rate;
}

const floor = (value: number, parts: number): number => Math.floor(value * parts) / parts;
