import { afterEach, describe, expect, it } from 'vitest';
import { dbUpgrade, expectDone, expectRefusal } from '../support/cli.js';
import { createDatabase, type Database, databaseAt } from '../support/databases.js';
import { revisionAt, stateCount } from '../support/fixtures.js';
import { longRunners } from '../support/share.js';
import { snapshot } from '../support/snapshot.js';

const head = stateCount - 1;
let database: Database;
afterEach(() => database.drop());

describe.each(longRunners())('%s: what is printed', (kind) => {
  it('with --json one event a line, from start to done', async () => {
    database = await databaseAt(kind, 48);
    const run = await dbUpgrade([database.uri, '--json']);
    expectDone(run);
    expect(run.stderr).toBe('');
    expect(run.events[0]).toMatchObject({
      event: 'start',
      from: revisionAt(48),
      to: revisionAt(head),
      revisions: 22,
    });
    const applied = Array.from({ length: 22 }, (_, i) => revisionAt(49 + i));
    expect(run.events.filter(({ event }) => event === 'revision').map(({ revision }) => revision)).toEqual(
      applied,
    );
    const shares = run.events.filter(({ event }) => event === 'progress').map(({ share }) => share as number);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(run.events.at(-1)).toMatchObject({
      event: 'done',
      from: revisionAt(48),
      to: revisionAt(head),
      applied,
    });
    const again = await dbUpgrade([database.uri, '--json']);
    expect(again.events).toMatchObject([
      { event: 'done', from: revisionAt(head), to: revisionAt(head), applied: [] },
    ]);
  });

  it('with --json a refusal is the last line, and nothing goes to standard error', async () => {
    database = await createDatabase(kind);
    await database.run('CREATE TABLE orders (id INTEGER)');
    const run = await dbUpgrade([database.uri, '--json']);
    expectRefusal(run, 6, /orders/);
    expect(run.stderr).toBe('');
    expect(run.events.at(-1)).toMatchObject({ event: 'error', exitCode: 6 });
  });

  it('with --quiet nothing but warnings', async () => {
    database = await databaseAt(kind, 48);
    const run = await dbUpgrade([database.uri, '--quiet']);
    expectDone(run);
    expect([run.stdout, run.stderr]).toEqual(['', '']);
  });

  it('into pipes the result on standard output, timestamped lines on standard error', async () => {
    database = await createDatabase(kind);
    const run = await dbUpgrade([database.uri], { env: { NO_COLOR: '1', TERM: 'xterm-256color' } });
    expectDone(run);
    expect(run.stdout).toMatch(/^created at f4a9b2c7d1e6 .*\n$/);
    const lines = run.stderr.trimEnd().split('\n');
    const next = lines.splice(lines.findIndex((line) => line.startsWith('  → ')));
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z \S/);
    const uri = database.uri.replace(/:[^:/@]+@/, '@');
    expect(next[0]).toBe(`  → to see that the schema is whole: mltrack db check ${uri}`);
  });
});

describe('what was not foreseen', () => {
  it.each([[[]], [['--json']]])('ends with 1 and a request to report it %j', async (args) => {
    database = await databaseAt('sqlite', 1);
    // A trigger that calls a function which only its own application has; 90e64c465722 fires it.
    await database.run(
      'CREATE TRIGGER app AFTER INSERT ON tags BEGIN SELECT own_function(); END',
      "INSERT INTO experiments (experiment_id, name) VALUES (1, 'a')",
      "INSERT INTO runs (run_uuid, experiment_id, user_id) VALUES ('r', 1, 'someone')",
    );
    const before = await snapshot(database);
    const run = await dbUpgrade([database.uri, ...args]);
    expect(run.code).toBe(1);
    expect(`${run.stdout}${run.stderr}`).toMatch(/own_function/);
    expect(`${run.stdout}${run.stderr}`).toMatch(/please report/);
    expect(await snapshot(database)).toEqual(before);
  });
});
