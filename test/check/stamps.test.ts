import { afterEach, describe, expect, it } from 'vitest';
import { check } from '../support/check.js';
import {
  availableServers,
  type Database,
  databaseAt,
  openSession,
  type ServerKind,
} from '../support/databases.js';
import { ddlAt, ordinalOf, revisionAt, stateCount } from '../support/fixtures.js';
import { upgradeDatabase } from '../support/upgrade.js';

const head = stateCount - 1;

async function checkOf(database: Database) {
  const { session } = await openSession(database);
  return check(session).finally(() => session.close());
}

const worth = (findings: readonly { rule: string; severity: string }[]) =>
  findings.filter(({ rule }) => rule !== 'revision-behind');

/** MLflow's DDL of one table that the next state adds: what an upgrade had done when it died. */
const added = (from: number, kind: ServerKind, table: string): string[] => {
  const before = new Set(ddlAt(from, kind));
  const about = new RegExp(`^\\W*\\w+ (TABLE|INDEX)[^(]*\\b${table}\\b`);
  return ddlAt(from + 1, kind).filter((sql) => !before.has(sql) && about.test(sql));
};

describe.each(availableServers())('%s: db check and the stamp', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it('a table of the next revision that is there already is a half-applied revision, and nothing else', async () => {
    const before = ordinalOf('e7d1f4b2a9c6') - 1;
    database = await databaseAt(kind, before);
    await database.run(...added(before, kind, 'skills'));
    const { findings } = await checkOf(database);
    expect(worth(findings)).toMatchObject([
      { rule: 'revision-half-applied', severity: 'error', name: 'e7d1f4b2a9c6', repair: { kind: 'command' } },
    ]);
    await upgradeDatabase(database);
    expect((await checkOf(database)).findings).toEqual([]);
  });

  it('a revision that is whole but for its stamp is told so', async () => {
    const at = ordinalOf('c8d9e0f1a2b3');
    database = await databaseAt(kind, at);
    await database.run(`UPDATE alembic_version SET version_num = '${revisionAt(at - 1)}'`);
    expect(worth((await checkOf(database)).findings)).toMatchObject([
      { rule: 'revision-half-applied', found: expect.stringContaining('every change of the next revision') },
    ]);
  });

  it.each([
    ['an older schema stamped as the head', '6953534de441', () => revisionAt(head)],
    ['a newer schema stamped as an old one', 'c8d9e0f1a2b3', () => revisionAt(20)],
  ])('%s is a wrong stamp, and nothing else', async (_what, real, stamp) => {
    database = await databaseAt(kind, ordinalOf(real));
    await database.run(`UPDATE alembic_version SET version_num = '${stamp()}'`);
    const { findings } = await checkOf(database);
    expect(worth(findings)).toMatchObject([
      { rule: 'stamp-wrong', severity: 'error', name: stamp(), found: expect.stringContaining(real) },
    ]);
  });

  it('one table that is gone is no other revision', async () => {
    database = await databaseAt(kind, ordinalOf('b7c8d9e0f1a2'));
    await database.run('DROP TABLE trace_metrics');
    expect(worth((await checkOf(database)).findings)).toMatchObject([
      { rule: 'table-missing', severity: 'error', table: 'trace_metrics' },
    ]);
  });

  it('an empty database, and the base without a stamp', async () => {
    database = await databaseAt(kind, 0);
    const { findings, behind } = await checkOf(database);
    expect(findings).toMatchObject([{ rule: 'revision-behind', severity: 'note' }]);
    expect(behind).toBe(head);
  });
});
