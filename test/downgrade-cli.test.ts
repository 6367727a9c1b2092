import type { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { downgradeCommand } from '../src/commands/db-downgrade.js';
import { historyCommand } from '../src/commands/db-history.js';
import { loadChain } from '../src/core/revisions.js';
import { Stop } from '../src/core/stop.js';
import { ExitCode, type MltrackError } from '../src/errors.js';
import { availableServers, type Database, databaseAt } from './support/databases.js';
import { ordinalOf } from './support/fixtures.js';
import { snapshot } from './support/snapshot.js';

/** Runs a command as the command line does; what it prints, and the error it ends with. */
async function run(
  command: Command,
  ...argv: string[]
): Promise<{ out: string; error: MltrackError | null }> {
  const printed: string[] = [];
  const keep = (text: unknown): boolean => printed.push(String(text)) > 0;
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(keep),
    vi.spyOn(process.stderr, 'write').mockImplementation(keep),
  ];
  try {
    await command.exitOverride().parseAsync(argv, { from: 'user' });
    return { out: printed.join(''), error: null };
  } catch (error) {
    return { out: printed.join(''), error: error as MltrackError };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('db history', () => {
  it('tells all revisions, with irreversible and goes down apart', async () => {
    const { out } = await run(historyCommand(new Stop()), '--json');
    const { revisions } = JSON.parse(out) as { revisions: Record<string, unknown>[] };
    const chain = await loadChain();
    expect(revisions.map(({ revision }) => revision)).toEqual(
      chain.revisions.slice(1).map(({ revision }) => revision),
    );
    const find = (id: string) => revisions.find(({ revision }) => revision === id);
    expect(find('2d6e25af4d3e')).toMatchObject({
      ...{ ordinal: 22, release: '2.8.0', goesDown: 'never' },
      irreversible: { kind: 'widened', tables: ['params'], never: true },
    });
    expect(find('75868b020152')).toMatchObject({ irreversible: { kind: 'rows' }, goesDown: 'by the rows' });
    expect(find('b7e2c1a4d9f3')).toMatchObject({ irreversible: null, goesDown: 'by the rows' });
    expect(find('a5b4c3d2e1f0')).toMatchObject({ irreversible: null, goesDown: 'yes' });
  });

  it('is a table for people', async () => {
    const { out } = await run(historyCommand(new Stop()));
    expect(out.split('\n').filter((line) => /^ *\d+ {2}/.test(line))).toHaveLength(70);
    expect(out).toMatch(
      /22 {2}2d6e25af4d3e +MLflow 2\.8\.0 +2023-09-25 +parameters .* irreversible +goes down: never/,
    );
    expect(out).toMatch(/4465047574b1.*\n.*64 KiB before \(only mysql\)/);
  });
});

describe.each(availableServers())('%s: db downgrade', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it('says what it would do, asks, does it', async () => {
    database = await databaseAt(kind, ordinalOf('0c779009ac13'));
    const before = await snapshot(database);
    const plan = await run(downgradeCommand(new Stop()), database.uri, '--to', '1.27', '--dry-run', '--json');
    expect(plan.error).toBeNull();
    const event = JSON.parse(plan.out) as {
      revisions: { revision: string; statements: { sql: string }[] }[];
    };
    expect(event).toMatchObject({
      ...{ event: 'downgrade-plan', version: 1, reasons: [] },
      from: { revision: '0c779009ac13' },
      to: { revision: 'bd07f7e963c5', starts: expect.stringContaining('1.2') },
    });
    expect(event.revisions.map(({ revision }) => revision)).toEqual(['0c779009ac13']);
    const statements = event.revisions.flatMap(({ statements: all }) => all.map(({ sql }) => sql)).join('\n');
    expect(statements).toMatch(
      kind === 'sqlite' ? /INSERT INTO _mltrack_tmp_runs/ : /DROP COLUMN .?deleted_time/,
    );
    expect(await snapshot(database)).toEqual(before);

    const unasked = await run(downgradeCommand(new Stop()), database.uri, '--to', '1.27');
    expect(unasked.error?.exitCode).toBe(ExitCode.confirmation);
    expect(await snapshot(database)).toEqual(before);

    const done = await run(downgradeCommand(new Stop()), database.uri, '--to=-1', '--yes');
    expect(done.error).toBeNull();
    expect(done.out).toMatch(/undone: remember when a run was deleted/);
    expect(done.out).toMatch(/went back from 0c779009ac13 to bd07f7e963c5, 1 revision, in/);
    const again = await run(downgradeCommand(new Stop()), database.uri, '--to', '1.27', '--json');
    expect(JSON.parse(again.out)).toMatchObject({ event: 'downgraded', to: 'bd07f7e963c5', undone: [] });
  });

  it('names in a dry run what would be lost, and ends with 10', async () => {
    database = await databaseAt(kind, ordinalOf('0c779009ac13'));
    await database.run("INSERT INTO runs (run_uuid, deleted_time) VALUES ('r', 1)");
    const before = await snapshot(database);
    const { out, error } = await run(downgradeCommand(new Stop()), database.uri, '--to', '1.27', '--dry-run');
    expect(error?.exitCode).toBe(ExitCode.blocked);
    expect(out).toMatch(/1 row of runs would be lost.*deleted_time.*run_uuid=r/);
    expect(await snapshot(database)).toEqual(before);
  });

  it('without --to, or to nowhere, is bad usage', async () => {
    database = await databaseAt(kind, 1);
    expect((await run(downgradeCommand(new Stop()), database.uri)).error?.exitCode).toBe(ExitCode.usage);
    const nowhere = await run(downgradeCommand(new Stop()), database.uri, '--to', '9.9');
    expect(nowhere.error?.exitCode).toBe(ExitCode.usage);
  });
});
