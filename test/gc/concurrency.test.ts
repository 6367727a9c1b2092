import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { expectDone, expectRefusal, mltrack, type Run, start } from '../support/cli.js';
import { availableServers, kinds, type ServerKind } from '../support/databases.js';
import { type Other, otherSession } from '../support/other-session.js';
import { bundled, thorough } from '../support/share.js';
import { dropScenes, scene } from './crash-scene.js';

const others: Other[] = [];
afterEach(async () => {
  for (const other of others.splice(0)) await other.end();
  await dropScenes();
});

async function beside(...args: Parameters<typeof otherSession>): Promise<Other> {
  const other = await otherSession(...args);
  others.push(other);
  return other;
}

const servers = (all = availableServers()): ServerKind[] => all.filter((kind) => kind !== 'sqlite');

interface Collected {
  readonly gone: Readonly<Record<'run' | 'model' | 'experiment' | 'job', number>>;
  readonly kept: readonly { readonly kind: string; readonly reason: string }[];
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
}

const collected = ({ events }: Run): Collected =>
  events.find(({ event }) => event === 'gc') as unknown as Collected;

/** In `npm test` one server, which comes with npm. */
const some = (): ServerKind[] => servers().filter((kind) => thorough || kind === 'postgresql');

describe.each(some())('%s: where a session keeps one run', (kind) => {
  it('that run stays whole, the others go, and the end is 7', async () => {
    const { world, items, command, ledger } = await scene(kind, { runs: 20, traces: 2, files: 1 });
    const kept = items.planned.filter((id) => id.startsWith('run'))[5] as string;
    const other = await beside(world.database);
    await other.run('BEGIN');
    await other.run(`SELECT run_uuid FROM runs WHERE run_uuid = '${kept}' FOR UPDATE`);
    const began = Date.now();
    const first = await mltrack([...command, '--lock-timeout', '200ms']);
    const waited = Date.now() - began;
    expectRefusal(first, 7, /1 of the items stayed, because another session keeps their rows/);
    expect(await ledger.check()).toEqual([kept]);
    expect(world.has(7700001, kept, 'artifacts', 'model', 'f0')).toBe(true);
    expect(collected(first).failed.map(({ id }) => id)).toEqual([kept]);
    // Four attempts for its group, four for itself, with pauses.
    expect(waited).toBeLessThan(60_000);
    await other.run('ROLLBACK');
    expectDone(await mltrack(command));
    await ledger.finished();
  });
});

describe.runIf(thorough).each(bundled())('%s: a collection beside others', (kind) => {
  it('two at once both end well, and together take all', async () => {
    const { items, command, byPlan, ledger } = await scene(kind, { runs: 160, traces: 20, files: 3 });
    const runs = await Promise.all([mltrack(command), mltrack(byPlan)]);
    for (const run of runs) {
      expectDone(run);
      expect(`${run.stdout}${run.stderr}`).not.toMatch(/deadlock/i);
    }
    await ledger.finished();
    const [a, b] = runs.map(collected) as [Collected, Collected];
    const wanted = { run: 'run', model: 'mod', job: 'job', experiment: '7700' } as const;
    for (const [name, prefix] of Object.entries(wanted)) {
      const key = name as keyof typeof wanted;
      const planned = items.planned.filter((id) => id.startsWith(prefix)).length;
      expect([name, a.gone[key] + b.gone[key]]).toEqual([name, planned]);
    }
    console.log(`two at once on ${kind}: ${a.gone.run} and ${b.gone.run} runs`);
    for (const { reason } of [...a.kept, ...b.kept])
      expect(reason).toMatch(
        /gone already, by another hand|holds 1 run that is not deleted|there is no such/,
      );
  });

  it('a writer of other runs loses nothing, and waits little', async () => {
    const { world, items, command } = await scene(kind, { runs: 160, traces: 40, files: 3 });
    const id = items.kept.find((one) => one.startsWith('run')) as string;
    const other = await beside(world.database);
    if (kind === 'sqlite') await other.run('PRAGMA busy_timeout = 20000');
    const collecting = mltrack(command);
    let [over, n, longest] = [false, 0, 0];
    void collecting.finally(() => {
      over = true;
    });
    while (!over) {
      const began = performance.now();
      const no = kinds[kind].dialect === 'postgresql' ? 'false' : '0';
      await other.run(
        `INSERT INTO metrics (${kinds[kind].quote('key')}, value, timestamp, run_uuid, step, is_nan) VALUES ('live', 1, 1, '${id}', ${n++}, ${no})`,
      );
      longest = Math.max(longest, performance.now() - began);
      await sleep(2);
    }
    expectDone(await collecting);
    const live = await world.database.rows(
      `SELECT COUNT(*) AS n FROM metrics WHERE run_uuid = '${id}' AND ${kinds[kind].quote('key')} = 'live'`,
    );
    expect(Number(live[0]?.n)).toBe(n);
    console.log(`beside a writer on ${kind}: ${n} rows, the longest took ${Math.round(longest)} ms`);
    expect(longest).toBeLessThan(5000);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it after the group in hand, and the next run goes on', async (signal, code) => {
    const { command, byPlan, ledger, items } = await scene(kind, { runs: 300, traces: 10, files: 2 });
    const run = start(command);
    await run.until('"progress"');
    run.child.kill(signal);
    const ended = await run.ended;
    expect(ended.code, ended.stdout).toBe(code);
    const left = await ledger.check();
    expect(left.length).toBeGreaterThan(0);
    // Traces are no items of their own.
    const all = items.planned.filter((id) => !id.startsWith('tra'));
    const gone = all.length - left.filter((id) => !id.startsWith('tra')).length;
    expect(ended.events.at(-1)?.message).toMatch(
      new RegExp(`stopped by ${signal}; ${gone} of ${all.length} items are gone whole`),
    );
    expectDone(await mltrack(byPlan));
    await ledger.finished();
  });
});

describe.runIf(thorough).each(servers())('%s: where a session lets nobody write to a table', (kind) => {
  it('nothing goes that cannot go whole, and the end is 7', async () => {
    const { world, command, ledger } = await scene(kind, { runs: 20, traces: 2, files: 1 });
    const other = await beside(world.database);
    const postgres = kinds[kind].dialect === 'postgresql';
    for (const sql of postgres ? ['BEGIN', 'LOCK TABLE metrics IN SHARE MODE'] : ['LOCK TABLES metrics READ'])
      await other.run(sql);
    const run = await mltrack([...command, '--lock-timeout', '500ms']);
    expect(run.code, run.stdout).toBe(7);
    await ledger.check();
    await other.run(postgres ? 'ROLLBACK' : 'UNLOCK TABLES');
    expectDone(await mltrack(command));
    await ledger.finished();
  });
});

describe.runIf(thorough)('sqlite: where another process writes all the time', () => {
  it('it waits for so long as it was told, or until it is stopped', async () => {
    const { world, command, ledger } = await scene('sqlite', { runs: 4, traces: 2, files: 1 });
    const other = await beside(world.database);
    await other.run('BEGIN IMMEDIATE');
    const began = Date.now();
    expectRefusal(await mltrack([...command, '--lock-wait', '1s']), 7, /lock/);
    expect(Date.now() - began).toBeLessThan(25_000);
    const run = start(command);
    await run.until('another process is writing').finally(() => run.child.kill('SIGINT'));
    const since = Date.now();
    const ended = await run.ended;
    expect(ended.code, ended.stdout).toBe(130);
    // It would go on for ten minutes.
    expect(Date.now() - since).toBeLessThan(10_000);
    await other.run('ROLLBACK');
    await ledger.check();
    expectDone(await mltrack(command));
    await ledger.finished();
  });
});
