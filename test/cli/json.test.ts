import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mltrack } from '../support/cli.js';
import { createDatabase, type Database, databaseAt } from '../support/databases.js';
import { eventNames, expectDescribed, isDescribed } from '../support/json-shapes.js';

const manual = readFileSync(new URL('../../docs/json.md', import.meta.url), 'utf8');

describe('the shape of --json', () => {
  let database: Database;
  let other: Database;
  beforeAll(async () => {
    [database, other] = await Promise.all([databaseAt('sqlite', 48), createDatabase('sqlite')]);
    await database.run(
      "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (7, '\u001b[2J\u009b表', 'deleted')",
      'CREATE TABLE "\u009b2J" (a INTEGER)',
    );
  });
  afterAll(() => Promise.all([database.drop(), other.drop()]));

  /** In this order: what each begins with is what the one before left. `mltrack` checks every line. */
  const commands: readonly (readonly [string, readonly string[], number])[] = [
    ['version', ['--version'], 0],
    ['error', ['db', 'no-such-command'], 2],
    ['error', ['gc', '$OTHER/x', '--older-than', 'soon'], 2],
    ['history', ['db', 'history', '$DB'], 0],
    ['status error', ['db', 'status', '$DB', '--mlflow-version', '3.18'], 4],
    ['plan', ['db', 'plan', '$DB'], 0],
    ['hint', ['backup-hint', '$DB'], 0],
    ['error', ['db', 'upgrade', '$DB', '--sql'], 2],
    ['backup done', ['db', 'upgrade', '$DB', '--to', '3.16', '--backup', '$DB.backup'], 0],
    ['prepopulate-plan', ['db', 'upgrade', '$DB', '--prepopulate', '--dry-run'], 0],
    ['prepopulate-start prepopulated', ['db', 'upgrade', '$DB', '--prepopulate'], 0],
    ['start revision progress done', ['db', 'upgrade', '$DB'], 0],
    ['gc-plan', ['gc', '$DB', '--dry-run', '--keep-artifacts'], 0],
    ['gc', ['gc', '$DB', '--yes', '--keep-artifacts', '--orphans'], 0],
    ['check checked', ['db', 'check', '$DB', '--rows'], 0],
    ['check checked error', ['db', 'check', '$DB', '--fail-on', 'note'], 3],
    ['check-failed checked error', ['db', 'check', '$DB/nowhere'], 9],
    // No file may have such a name, and Knex has something to say of it.
    ['error', ['db', 'upgrade', `$OTHER${'x'.repeat(300)}`], 10],
    ['plan', ['db', 'upgrade', '$OTHER', '--dry-run'], 0],
    ['diff error', ['db', 'diff', '$DB', '$OTHER'], 3],
    ['repair-plan', ['db', 'repair', '$DB', '--dry-run'], 0],
    ['repaired', ['db', 'repair', '$DB'], 0],
    ['downgrade-plan', ['db', 'downgrade', '$DB', '--to=-1', '--dry-run'], 0],
    ['start revision downgraded', ['db', 'downgrade', '$DB', '--to=-1', '--yes'], 0],
  ];
  const seen = new Set<string>();

  it.each(commands)('%s: %j', async (events, args, code) => {
    const words = args.map((word) => word.replace('$DB', database.uri).replace('$OTHER', other.uri));
    if (words.includes('--backup')) words[words.indexOf('--backup') + 1] = `${database.uri.slice(10)}.backup`;
    const run = await mltrack([...words, '--json']);
    expect(run.code, run.stdout + run.stderr).toBe(code);
    const names = run.events.map(({ event }) => String(event));
    for (const name of names) seen.add(name);
    expect(names).toEqual(expect.arrayContaining(events.split(' ')));
    expect(names.at(-1)).toBe(events.split(' ').at(-1));
    for (const event of run.events) expect(isDescribed(event)).toBe(true);
    // A terminal obeys C1 controls as it obeys an escape code.
    expect(run.stdout).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('is seen above of every event but these, and told in docs/json.md of every one', () => {
    expect(eventNames.filter((name) => !seen.has(name))).toEqual(['warning', 'waiting', 'repair-start']);
    for (const name of eventNames) expect(manual).toContain(`\`${name}\``);
  });

  it('has no field that is not described, and lacks none', () => {
    const error = { event: 'error', version: 1, exitCode: 2, message: 'm', hints: [] };
    expectDescribed(error);
    const { hints: _, ...less } = error;
    for (const bad of [less, { ...error, more: 1 }, { ...error, version: 2 }, { ...error, event: 'eror' }])
      expect(() => expectDescribed(bad)).toThrow(/docs\/json/);
  });
});
