import { describe, expect, it, vi } from 'vitest';
import type { UpgradeEvent } from '../../src/core/events.js';
import { Progress } from '../../src/core/progress.js';
import type { Weight, Weights } from '../../src/core/weigh.js';
import type { Statement } from '../../src/dialects/dialect.js';
import { plainReporter } from '../../src/render/plain.js';
import { fitted, logged } from '../../src/render/progress-words.js';

type Told = Extract<UpgradeEvent, { event: 'progress' }>;

const statement = (title: string): Statement => ({ sql: '', table: 't', title });

/** A progress over steps of these weights, with a clock that is set by hand. */
function world(weights: Readonly<Record<string, Weight>>) {
  const told: Told[] = [];
  const clock = { now: 100 };
  const progress = new Progress(
    (event) => {
      if (event.event === 'progress') told.push(event);
    },
    () => clock.now,
  );
  const known: Weights = {
    of: (work) => weights[work.title] as Weight,
    keyCheck: 0,
    total: Object.values(weights).reduce((sum, { seconds }) => sum + seconds, 0),
  };
  progress.plan(known);
  const run = (title: string, during: () => void = () => undefined) =>
    progress.statement(statement(title), async () => during());
  const last = () => told.at(-1) as Told;
  return { progress, clock, run, told, last };
}

const heavy = (seconds: number, rows: number | null = null): Weight => ({ seconds, rows });

describe('what is told of a step', () => {
  it('rows, speed and time left, once there is a base for them', async () => {
    const { progress, clock, run, last } = world({ a: heavy(10, 1000) });
    await run('a', () => {
      expect(last()).toMatchObject({ rows: null, total: 1000, rate: null, etaSeconds: null, share: 0 });
      for (const rows of [0, 50, 100, 150, 200]) {
        progress.rows(rows);
        clock.now += 1;
      }
      progress.tick();
      expect(last()).toMatchObject({
        ...{ rows: 200, total: 1000, exact: false, rate: 40, stepShare: 0.2, share: 0.2, seconds: 5 },
        ...{ stepEtaSeconds: 20, etaSeconds: 20, source: 'client' },
      });
    });
  });

  it('a stall has no end, and more rows than the server believed have no total', async () => {
    const { progress, clock, run, last } = world({ a: heavy(10, 1000) });
    await run('a', () => {
      progress.rows(0);
      clock.now += 5;
      progress.rows(500);
      for (let i = 0; i < 30; i++) {
        clock.now += 1;
        progress.tick();
      }
      expect(last()).toMatchObject({
        rows: 500,
        rate: 0,
        etaSeconds: null,
        stepEtaSeconds: null,
        share: 0.5,
      });
      clock.now += 1;
      progress.rows(1500);
      expect(last()).toMatchObject({ rows: 1500, total: null, etaSeconds: null, stepEtaSeconds: null });
    });
  });

  it('a stall has no end either where the steps before would let expect one', async () => {
    const { progress, clock, run, last } = world({ a: heavy(10), b: heavy(100, 1000) });
    await run('a', () => {
      clock.now += 10;
    });
    await run('b', () => {
      for (const rows of [0, 500]) {
        progress.rows(rows);
        clock.now += 1;
      }
      for (let i = 0; i < 30; i++) {
        clock.now += 1;
        progress.tick();
      }
      expect(last()).toMatchObject({ rate: 0, stepShare: 0.5, etaSeconds: null });
    });
  });

  it('the server’s share never goes back, and its silence takes the time left away', async () => {
    const { progress, clock, run, last } = world({ a: heavy(10, 1000) });
    await run('a', () => {
      for (const share of [0.1, 0.2, 0.3, 0.25]) {
        progress.server({ phase: 'reads', share });
        clock.now += 1;
      }
      progress.tick();
      expect(last()).toMatchObject({ rows: null, phase: 'reads', stepShare: 0.3, source: 'server' });
      expect(last().etaSeconds).toBeGreaterThan(0);
      progress.server({ phase: 'waits for a lock', share: null });
      progress.tick();
      expect(last()).toMatchObject({ phase: 'waits for a lock', share: 0.3, etaSeconds: null, rate: null });
    });
  });

  it('a silent step is judged by the speed of those before, and not beyond that', async () => {
    const { progress, clock, run, last } = world({ a: heavy(10), b: heavy(10), c: heavy(20) });
    await run('a', () => {
      clock.now += 4;
      progress.tick();
      expect(last()).toMatchObject({ share: 0, stepShare: null, seconds: 4, etaSeconds: null });
    });
    await run('b', () => {
      clock.now += 1;
      progress.tick();
      expect(last()).toMatchObject({ share: 0.25, seconds: 1, etaSeconds: 11 });
      clock.now += 4;
      progress.tick();
      expect(last()).toMatchObject({ share: 0.25, etaSeconds: null });
    });
  });
});

describe('how it reads', () => {
  const event: Told = {
    ...{ event: 'progress', step: 'copy spans', table: 'spans', rows: 1200, share: 0.126, total: 8000 },
    ...{ exact: true, rate: 40, stepShare: 0.15, seconds: 30, stepEtaSeconds: 170, etaSeconds: 200 },
    ...{ phase: null, source: 'client' },
  };

  it('in a log', () => {
    expect(logged(event)).toBe(
      '12 % copy spans (1,200 of 8,000 rows, 40 rows/s, 30 s so far, about 3:20 min left)',
    );
    expect(logged({ ...event, rows: null, phase: 'sorts', rate: null, exact: false, etaSeconds: null })).toBe(
      '12 % copy spans (sorts, 15 % of about 8,000 rows, 30 s so far, about 2:50 min left of this step)',
    );
    expect(logged({ event: 'progress', step: 'x', table: '', rows: null, share: 1 })).toBe('100 % x');
  });

  it('in a log a long step has fewer and fewer lines', () => {
    const lines: string[] = [];
    const write = vi
      .spyOn(process.stderr, 'write')
      .mockImplementation((text) => lines.push(String(text)) > 0);
    try {
      const { listen } = plainReporter();
      for (let seconds = 0; seconds < 200; seconds++) listen({ ...event, seconds });
      for (const seconds of [0, 1]) listen({ ...event, seconds });
    } finally {
      write.mockRestore();
    }
    const told = lines.map((line) => /, (\S+( min)?( s)?) so far/.exec(line)?.[1]);
    expect(told).toEqual(['2 s', '10 s', '20 s', '40 s', '1:00 min', '2:00 min', '3:00 min']);
  });

  it('never wider than the terminal, what matters least goes first', () => {
    expect(fitted(event, 80)).toBe('copy spans, 1,200 of 8,000 rows, 40 rows/s, 30 s, about 3:20 min left');
    expect(fitted(event, 60)).toBe('copy spans, 1,200 of 8,000 rows, 30 s, about 3:20 min left');
    expect(fitted(event, 20)).toBe('copy spans, 30 s');
    expect(fitted(event, 8)).toBe('copy sp…');
    const long = { ...event, step: 'create index index_metrics_run_uuid_key_step' };
    expect(fitted(long, 50)).toBe('create index index_met…, 30 s, about 3:20 min left');
    for (let width = 1; width < 90; width++) expect(fitted(event, width).length).toBeLessThanOrEqual(width);
  });
});
