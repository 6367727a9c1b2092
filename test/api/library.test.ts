import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  check,
  ExitCode,
  gc,
  MltrackError,
  parseUri,
  plan,
  status,
  type UpgradeEvent,
  upgrade,
} from '../../src/index.js';

let folder: string;
let file: string;
let uri: string;
/** Whatever would be told to a terminal. */
const written = ['stdout', 'stderr'] as const;
let spies: ReturnType<typeof vi.spyOn>[];
let listeners: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mltrack-library-'));
  file = join(folder, 'mlflow.db');
  uri = `sqlite:///${file}`;
  listeners = process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
  spies = written.map((name) => vi.spyOn(process[name], 'write'));
});

/** What holds for every call. */
afterEach(() => {
  for (const spy of spies) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
  expect(process.exitCode).toBeUndefined();
  expect(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')).toBe(listeners);
  rmSync(folder, { recursive: true });
});

const failure = async (work: Promise<unknown>): Promise<MltrackError> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MltrackError);
  return error as MltrackError;
};

describe('the library', () => {
  it('upgrades, tells what happens, and finds nothing to do the second time', async () => {
    const events: UpgradeEvent[] = [];
    const old = await upgrade(uri, { to: '2.9', listen: (event) => events.push(event) });
    expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(['start', 'done']));
    expect(old).toMatchObject({ from: null, backup: null });
    expect((await status(uri, { mlflowVersion: '3.16' })).mlflow?.relation).toBe('behind');
    const ahead = await plan(parseUri(uri), { to: '3.1' });
    expect(ahead.from.revision).toBe(old.to);
    const done = await upgrade(uri, { to: '3.1', yes: true, backup: folder });
    expect(done.applied).toEqual(ahead.revisions.map(({ revision }) => revision));
    expect(statSync(done.backup?.file ?? '').size).toBe(done.backup?.bytes);
    expect(await check(uri)).toMatchObject({ revision: done.to, exitCode: ExitCode.done });
    expect((await check(uri, { requireHead: true })).exitCode).toBe(ExitCode.drift);
    expect((await upgrade(uri, { to: '3.1' })).applied).toEqual([]);
  });

  it('ends with the exit code of the command line, and changes nothing', async () => {
    expect((await failure(upgrade(uri, { to: '9.9' }))).exitCode).toBe(ExitCode.usage);
    expect((await failure(check('nonsense'))).exitCode).toBe(ExitCode.usage);
    expect((await failure(upgrade(uri, { online: true }))).hints).toEqual(['leave it out']);
    expect(existsSync(file)).toBe(false);
    const gone = failure(check('postgresql://u@127.0.0.1:1/x', { password: 'hunter2' }));
    expect(await gone).toMatchObject({ exitCode: ExitCode.unreachable });
    expect(JSON.stringify([(await gone).message, (await gone).hints])).not.toContain('hunter2');
  });

  it('stops when its caller aborts it, before and within', async () => {
    const early = await failure(upgrade(uri, { signal: AbortSignal.abort() }));
    expect(early).toMatchObject({ exitCode: ExitCode.interrupted });
    expect(early.message).toContain('stopped by its caller');
    await upgrade(uri, { to: '2.9' });
    const before = readFileSync(file);
    const aborted = new AbortController();
    const listen = ({ event }: UpgradeEvent) => event === 'revision' && aborted.abort();
    const error = await failure(upgrade(uri, { yes: true, signal: aborted.signal, listen }));
    expect(error.message).toBe('stopped by its caller; everything was rolled back, nothing has changed');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('deletes nothing that nobody agreed to', async () => {
    await upgrade(uri);
    const { default: sqlite } = await import('sqlite3');
    const database = new sqlite.Database(file);
    await new Promise((resolve) =>
      database.exec(
        `INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, last_update_time)
         VALUES (7, 'old', '${join(folder, 'artifacts')}', 'deleted', 1)`,
        () => database.close(resolve),
      ),
    );
    const dry = await gc(uri, { dryRun: true, olderThan: '1d' });
    expect(dry.plan.items.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['experiment 7']);
    expect((await failure(gc(uri))).exitCode).toBe(ExitCode.confirmation);
    expect((await failure(gc(uri, { yes: true, maxDelete: 0 }))).exitCode).toBe(ExitCode.blocked);
    expect((await gc(uri, { dryRun: true, maxDelete: 0 })).error?.exitCode).toBe(ExitCode.blocked);
    const asked: number[] = [];
    const agree = async ({ items }: { items: readonly unknown[] }) => asked.push(items.length) < 1;
    expect((await failure(gc(uri, { agree }))).exitCode).toBe(ExitCode.confirmation);
    expect(asked).toEqual([1]);
    const done = await gc(uri, { yes: true, experimentIds: ['7'], missingRootsGone: true });
    expect(done).toMatchObject({ nothing: false, error: null, report: { gone: { experiment: 1 } } });
    expect((await gc(uri, { yes: true })).nothing).toBe(true);
  });
});
