import { basename } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ExitCode } from '../src/errors.js';
import { dbUpgrade, expectDone } from './support/cli.js';
import { createDatabase, type Database, databaseAt, kinds } from './support/databases.js';
import { canScript, onTerminal } from './support/pseudo-terminal.js';
import { bundled } from './support/share.js';
import { snapshot } from './support/snapshot.js';

/** Just before 2d6e25af4d3e, which lets parameters be longer. */
const before = 21;
const silent = { env: { MLTRACK_CONFIRM: '' } };

const param = (kind: Database['kind']) => {
  const { quote } = kinds[kind];
  return [
    "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
    "INSERT INTO runs (run_uuid, experiment_id, status) VALUES ('r1', 1, 'FINISHED')",
    `INSERT INTO params (${quote('key')}, value, run_uuid) VALUES ('lr', '0.1', 'r1')`,
  ];
};

describe.each(bundled())('%s: an upgrade that cannot be undone', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  const filled = async () => {
    database = await databaseAt(kind, before);
    await database.run(...param(kind));
  };

  it('stops with exit 6 without a terminal, names what agrees, and changes nothing', async () => {
    await filled();
    const untouched = await snapshot(database);
    const run = await dbUpgrade([database.uri, '--to', '2d6e25af4d3e'], silent);
    expect(run.code).toBe(ExitCode.confirmation);
    expect(run.stderr).toMatch(
      /2d6e25af4d3e.*cannot be undone.*8000 characters.*rows concerned are in params/,
    );
    expect(run.stderr).toContain('--confirm 2d6e25af4d3e');
    expect(run.stderr).toContain('MLTRACK_CONFIRM=2d6e25af4d3e');
    expect(await snapshot(database)).toEqual(untouched);
  });

  it.each([
    ['--yes', ['--yes'], {}],
    ['--confirm', ['--confirm', '2d6e25af4d3e'], {}],
    ['the beginning of the revision', ['--confirm', '2d6e'], {}],
    ['MLTRACK_CONFIRM', [], { MLTRACK_CONFIRM: '2d6e25af4d3e, f5a4f2784254' }],
    ['MLTRACK_YES', [], { MLTRACK_YES: '1' }],
  ])('goes on with %s', async (_name, args, env) => {
    await filled();
    const run = await dbUpgrade([database.uri, '--to', '2d6e25af4d3e', ...args], {
      env: { ...silent.env, ...env },
    });
    expectDone(run);
    expect(await database.rows('SELECT value FROM params')).toEqual([{ value: '0.1' }]);
  });

  it.each([
    ['another revision agreed to', ['--confirm', 'f5a4f2784254'], {}, null],
    ['a mistyped revision', ['--confirm', '2d6e25af4d3f'], {}, '2d6e25af4d3e'],
    ['a beginning that is too short', ['--confirm', '2d6'], {}, '2d6e25af4d3e'],
    ['MLTRACK_YES=0', [], { MLTRACK_YES: '0' }, null],
  ])('does not with %s', async (_name, args, env, meant) => {
    await filled();
    const run = await dbUpgrade([database.uri, '--to', '2d6e25af4d3e', ...args], {
      env: { ...silent.env, ...env },
    });
    expect(run.code).toBe(ExitCode.confirmation);
    if (meant) expect(run.stderr).toContain(`Did you mean --confirm ${meant}?`);
    else expect(run.stderr).not.toContain('Did you mean');
  });

  it('needs no question where the tables concerned are empty', async () => {
    database = await databaseAt(kind, before);
    expectDone(await dbUpgrade([database.uri], silent));
  });

  it('needs no question on an empty database', async () => {
    database = await createDatabase(kind);
    expectDone(await dbUpgrade([database.uri], silent));
  });

  it('asks for an MLflow that will not start any more', async () => {
    database = await databaseAt(kind, before);
    const untouched = await snapshot(database);
    const args = [database.uri, '--mlflow-version', '2.9'];
    const run = await dbUpgrade(args, silent);
    expect(run.code).toBe(ExitCode.confirmation);
    expect(run.stderr).toMatch(/MLflow 2\.9\.2 .*will not start.*only MLflow 3\.18 starts/);
    expect(run.stderr).toContain('--to 2.9');
    expect(await snapshot(database)).toEqual(untouched);
    expectDone(await dbUpgrade([...args, '--to', '2.9'], silent));
    expectDone(await dbUpgrade([...args, '--confirm', 'mlflow'], silent));
  });
});

describe.runIf(canScript)('on a terminal', () => {
  let database: Database;
  afterEach(() => database.drop());
  const question = 'to go on:';

  const ask = async (keys: (name: string) => string | null) => {
    database = await databaseAt('sqlite', before);
    await database.run(...param('sqlite'));
    const untouched = await snapshot(database);
    const run = await onTerminal(['db', 'upgrade', database.uri], question, keys(basename(database.uri)));
    expect(run.output).toMatch(/2d6e25af4d3e.*cannot be undone/);
    return { ...run, changed: JSON.stringify(await snapshot(database)) !== JSON.stringify(untouched) };
  };

  it('the name of the database lets it go on', async () => {
    const { code, changed, output } = await ask((name) => `${name}\r`);
    expect(output).toMatch(/upgraded by 49 revisions/);
    expect([code, changed]).toEqual([ExitCode.done, true]);
  });

  it.each([
    ['another name', () => 'production\r'],
    ['no', () => 'no\r'],
    ['y', () => 'y\r'],
    ['nothing', () => '\r'],
    ['the end of the input', () => '\u0004'],
    ['a closed input', () => null],
  ])('%s changes nothing', async (_what, keys) => {
    const { code, changed } = await ask(keys);
    expect([code, changed]).toEqual([ExitCode.confirmation, false]);
  });

  it('Ctrl-C changes nothing', async () => {
    const { code, changed, output } = await ask(() => '\u0003');
    expect([code, changed]).toEqual([ExitCode.interrupted, false]);
    expect(output).toContain('nothing has changed');
  });

  it('nobody is asked with --json', async () => {
    database = await databaseAt('sqlite', before);
    await database.run(...param('sqlite'));
    const { code, output } = await onTerminal(['db', 'upgrade', database.uri, '--json'], question, null);
    expect(code).toBe(ExitCode.confirmation);
    expect(output).not.toContain(question);
  });
});
