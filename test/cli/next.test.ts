import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextLine } from '../../src/commands/next.js';
import {
  expectDone,
  expectRefusal,
  mltrack,
  otherPassword,
  type Run,
  type RunOptions,
} from '../support/cli.js';
import { type Database, databaseInFile } from '../support/databases.js';
import { password } from '../support/server.js';

/** What a run suggests, by what it is for. */
const suggested = ({ stderr }: Run): Record<string, string> =>
  Object.fromEntries(
    [...stderr.matchAll(/^ {2}→ (to [^:]+): (mltrack .*)$/gm)].map(([, why, line]) => [why, line]),
  );

/** The words as a shell takes them apart, without "mltrack". */
const words = (line: string | undefined): string[] =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(1, -1);

describe('the command to go on with', () => {
  let folder: string;
  let database: Database;
  let options: RunOptions;
  beforeEach(async () => {
    folder = join(mkdtempSync(join(tmpdir(), 'mltrack-next-')), "it's here; or $HOME");
    mkdirSync(folder);
    database = await databaseInFile(join(folder, 'ml flow.db'), 48);
    options = { cwd: folder, env: { MLTRACK_CONFIRM: '' } };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const go = (run: Run, why: string, ...more: string[]): Promise<Run> =>
    mltrack([...words(suggested(run)[why]), ...more], options);

  it('leads from the status to a checked upgrade, and from drift to a repair', async () => {
    const status = await mltrack(['db', 'status', database.uri], options);
    const plan = await go(status, 'to see what an upgrade does', '--to', '3.16');
    expectDone(await go(plan, 'to back it up first'));
    const done = await go(plan, 'to do it');
    expectDone(done);
    expect(done.stdout).toMatch(/^upgraded by \d+ revisions to b7e2c1a4d9f3 /);
    const checked = await go(done, 'to see that the schema is whole');
    expectDone(checked);
    expect(checked.stderr).toMatch(/^1 database checked, and nothing was changed, in \S+ s\n/);
    expect(suggested(checked)).toHaveProperty('to see what an upgrade does');

    await database.run('DROP INDEX index_params_run_uuid');
    const drift = await mltrack(['db', 'check', database.uri], options);
    expectRefusal(drift, 3);
    const dry = await go(drift, 'to see what of it can be repaired');
    const repaired = await go(dry, 'to do it');
    expectDone(repaired);
    expectDone(await go(repaired, 'to see that the schema is whole'));
  });

  it('leads from a dry run and a plan of a collection to the collection', async () => {
    await database.run(
      "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (7, 'old', 'deleted')",
    );
    expectDone(await mltrack(['db', 'upgrade', database.uri, '--yes', '--quiet'], options));
    const chosen = [database.uri, '--experiment-ids', '7', '--keep-artifacts'];
    const dry = await mltrack(['gc', ...chosen, '--dry-run'], options);
    const plan = await mltrack(['gc', ...chosen, '--plan', 'the plan.json'], options);
    const [direct, file] = [suggested(dry), suggested(plan)].map((lines) =>
      words(lines['to delete it for good']),
    );
    expect(direct).toEqual(['gc', database.uri, '--keep-artifacts', '--experiment-ids', '7']);
    expect(file).toEqual(['gc', database.uri, '--keep-artifacts', '--apply-plan', 'the plan.json']);
    expectRefusal(await mltrack(direct as string[], options), 6, /1 item would be deleted/);
    const done = await go(plan, 'to delete it for good', '--yes');
    expect(done.stdout).toMatch(/1 experiment collected/);
    expectDone(await go(done, 'to see that schema and rows are whole'));
    expect(suggested(await mltrack(['gc', ...chosen, '--dry-run'], options))).toEqual({});
  });

  it('is not told with --quiet, and not for machines', async () => {
    for (const how of [
      ['gc', database.uri, '--dry-run', '--keep-artifacts', '--quiet'],
      ['db', 'check', database.uri, '--format', 'github'],
      ['db', 'plan', database.uri, '--json'],
    ])
      expect((await mltrack(how, options)).stderr).toBe('');
  });
});

it('holds no password, and what the next command needs to know', () => {
  const line = (uri: string | undefined, options: object, keep: string[] = []) =>
    nextLine('db upgrade', uri, options, { keep });
  for (const uri of [
    `postgresql://me:${password}@db/mlflow`,
    `mysql://me:${otherPassword}/x:y@db/mlflow`,
    `postgresql://db/mlflow?password=${password}&user=me`,
    `mssql://db/mlflow?user=me&odbc_connect=PWD%3D${otherPassword}`,
  ]) {
    const text = line(uri, {});
    expect(text).toContain('me');
    expect(text).toContain('db/mlflow');
    expect(text).not.toMatch(new RegExp(`${password}|${otherPassword}|password=|odbc`));
  }
  expect(line('postgresql://me@[::1]:5432/a?sslmode=require&host=/run', {})).toBe(
    "mltrack db upgrade 'postgresql://me@[::1]:5432/a?sslmode=require&host=/run'",
  );
  expect(
    line(undefined, { passwordFile: '/run/a b', to: '-1', online: true, confirm: ['a', 'b'] }, [
      'to',
      'online',
      'confirm',
    ]),
  ).toBe("mltrack db upgrade --password-file '/run/a b' --to=-1 --online --confirm a --confirm b");
});
