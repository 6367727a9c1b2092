import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type DatabaseDiff, diffDatabases } from '../../src/core/diff-databases.js';
import { Stop } from '../../src/core/stop.js';
import { ExitCode } from '../../src/errors.js';
import { mltrack, otherPassword } from '../support/cli.js';
import {
  availableServers,
  createDatabase,
  type Database,
  databaseAt,
  openSession,
  type ServerKind,
} from '../support/databases.js';
import { ordinalOf, stateCount } from '../support/fixtures.js';
import { password } from '../support/server.js';
import { bundled } from '../support/share.js';
import { snapshot } from '../support/snapshot.js';
import { upgradeDatabase } from '../support/upgrade.js';

const head = stateCount - 1;
const old = ordinalOf('acf3f17fdcc7');

const made: Database[] = [];
afterEach(() => Promise.all(made.splice(0).map((database) => database.drop())));

const at = async (kind: ServerKind, ordinal: number): Promise<Database> => {
  const database = await databaseAt(kind, ordinal);
  made.push(database);
  return database;
};

async function compare(left: Database, right: Database, driftOnly = false): Promise<DatabaseDiff> {
  const [one, other] = [await openSession(left), await openSession(right)];
  return diffDatabases(one.session, other.session, { driftOnly, stop: new Stop() }).finally(async () => {
    await one.session.close();
    await other.session.close();
  });
}

const places = ({ differences }: DatabaseDiff): string[] =>
  differences.map(
    ({ kind, object, table, name, mlflow }) =>
      `${kind} ${object} ${[table, name].filter((part) => part !== null).join('.')}${mlflow ? '' : ' own'}`,
  );

/** A column goes, a column and a table of the user's come. */
const changes = [
  'ALTER TABLE model_versions DROP COLUMN storage_location',
  'ALTER TABLE runs ADD COLUMN mine INT',
  'CREATE TABLE my_table (id INT)',
];

const changed = [
  'only-left column model_versions.storage_location',
  'only-right column runs.mine own',
  'only-right table my_table own',
];

describe.each(bundled())('%s: db diff', (kind) => {
  it('what MLflow made and what mltrack made are the same', async () => {
    const left = await at(kind, head);
    const right = await createDatabase(kind);
    made.push(right);
    await upgradeDatabase(right);
    const found = await compare(left, right);
    expect(found.differences).toEqual([]);
    expect(found).toMatchObject({ equal: true, sameRevision: true, method: 'schemas' });
  });

  it('says what is only in one of them and what differs, whichever comes first, and changes nothing', async () => {
    const [left, right] = [await at(kind, old), await at(kind, old)];
    await right.run(...changes);
    if (kind !== 'sqlite')
      await right.run(
        kind === 'postgresql'
          ? 'ALTER TABLE runs ALTER COLUMN name TYPE varchar(99)'
          : 'ALTER TABLE runs MODIFY name VARCHAR(99)',
      );
    const before = [await snapshot(left), await snapshot(right)];
    const found = await compare(left, right);
    const column = kind === 'sqlite' ? [] : ['differs column runs.name'];
    expect(places(found).sort()).toEqual([...column, ...changed].sort());
    expect(found.equal).toBe(false);
    const mirrored = await compare(right, left);
    const turn = (text: string) =>
      text.replace(/^only-(left|right)/, (_, side) => `only-${side === 'left' ? 'right' : 'left'}`);
    expect(places(mirrored).sort()).toEqual([...column, ...changed.map(turn)].sort());
    expect([await snapshot(left), await snapshot(right)]).toEqual(before);
    if (kind === 'sqlite') return;
    expect(found.differences.find(({ kind: what }) => what === 'differs')).toMatchObject({
      left: expect.stringMatching(/\(250\)$/),
      right: expect.stringMatching(/\(99\)$/),
    });
  });

  it('--drift-only leaves out what different revisions explain', async () => {
    const [left, right] = [await at(kind, old), await at(kind, head)];
    const all = await compare(left, right);
    expect(all).toMatchObject({ equal: false, sameRevision: false, method: 'schemas' });
    expect(places(all)).toContain('only-right table spans');
    expect(await compare(left, right, true)).toMatchObject({
      ...{ equal: true, sameRevision: false, method: 'deviations', differences: [] },
    });
    await right.run(...changes);
    const drift = await compare(left, right, true);
    expect(places(drift).sort()).toEqual([...changed].sort());
    // What both deviate in is no difference.
    await left.run(...changes);
    expect((await compare(left, right, true)).differences).toEqual([]);
  });
});

describe('two kinds of servers', () => {
  // Each with the next: every server is in a pair, MySQL and MariaDB in one.
  const all = availableServers();
  const pairs = all.slice(1).map((kind, i): [ServerKind, ServerKind] => [all[i] as ServerKind, kind]);

  it.each(pairs)('%s and %s: each is held against MLflow’s schema', async (one, other) => {
    const [left, right] = [await at(one, old), await at(other, old)];
    expect(await compare(left, right)).toMatchObject({
      ...{ method: 'deviations', equal: true, sameRevision: true, differences: [] },
    });
    await right.run(...changes);
    expect(places(await compare(left, right)).sort()).toEqual([...changed].sort());
    await left.run(...changes);
    expect((await compare(left, right)).differences).toEqual([]);
  });
});

describe('mltrack db diff', () => {
  it('prints both sides, exits 3 where they differ and 0 where they do not', async () => {
    const [left, right] = [await at('sqlite', old), await at('sqlite', old)];
    const same = await mltrack(['db', 'diff', left.uri, right.uri]);
    expect(same.code, same.stderr).toBe(ExitCode.done);
    expect(same.stdout).toMatch(/^left: {2}\/.*: revision acf3f17fdcc7, .*\nright: .*\n\nno difference\n$/);
    await right.run(...changes);
    const differ = await mltrack(['db', 'diff', left.uri, right.uri]);
    expect(differ.code).toBe(ExitCode.drift);
    expect(differ.stdout).toMatch(
      /\nonly in left\n {2}column model_versions\.storage_location: VARCHAR\(500\) NULL\n\nonly in right\n/,
    );
    expect(differ.stdout).toMatch(/\n {2}column runs\.mine: INT.* \(not MLflow’s\)\n/);
    expect(differ.stderr).toMatch(/differ in 3 things\n {2}→ .*mltrack db check/);
    const json = await mltrack(['db', 'diff', left.uri, right.uri, '--json']);
    expect(json.code).toBe(ExitCode.drift);
    expect(json.events[0]).toMatchObject({ event: 'diff', version: 1, equal: false, method: 'schemas' });
    expect(json.events[0]?.differences).toHaveLength(3);
  });

  it('says first that the revisions differ', async () => {
    const [left, right] = [await at('sqlite', old), await at('sqlite', head)];
    const run = await mltrack(['db', 'diff', left.uri, right.uri]);
    expect(run.code).toBe(ExitCode.drift);
    expect(run.stdout.split('\n')[2]).toBe(
      'the revisions differ; --drift-only leaves out what that explains',
    );
    const drift = await mltrack(['db', 'diff', left.uri, right.uri, '--drift-only']);
    expect(drift.code).toBe(ExitCode.done);
    expect(drift.stdout).toContain('\nno other difference\n');
  });

  it('what is no database of MLflow’s is refused, whichever it is', async () => {
    const [left, right] = [await at('sqlite', old), await at('sqlite', old)];
    await right.run("UPDATE alembic_version SET version_num = 'ffffffffffff'");
    const run = await mltrack(['db', 'diff', left.uri, right.uri]);
    expect(run.code).toBe(ExitCode.ahead);
    expect(run.stderr).toContain(right.uri.replace('sqlite:///', ''));
  });

  const [server] = availableServers().filter((kind) => kind !== 'sqlite');
  it.runIf(server)('each side has a password file of its own', async () => {
    const database = await at(server as ServerKind, old);
    const bare = database.uri.replace(/:[^:@/]+@/, '@');
    expect(bare).not.toBe(database.uri);
    const folder = mkdtempSync(join(tmpdir(), 'mltrack-diff-'));
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), `${text}\n`, { mode: 0o600 });
      return join(folder, name);
    };
    const [right, wrong] = [file('right', password), file('wrong', otherPassword)];
    const run = (left: string, other: string) =>
      mltrack(['db', 'diff', bare, bare, '--password-file', left, '--right-password-file', other]);
    try {
      expect((await run(right, right)).code).toBe(ExitCode.done);
      expect((await run(right, wrong)).code).toBe(ExitCode.unreachable);
      expect((await run(wrong, right)).code).toBe(ExitCode.unreachable);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
