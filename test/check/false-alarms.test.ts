import { afterEach, describe, expect, it } from 'vitest';
import { loadChain, operationsOf } from '../../src/core/revisions.js';
import type { Operation } from '../../src/schema/operation.js';
import { alarmsIn } from '../support/alarms.js';
import { availableServers, type Database, databaseAt, openSession } from '../support/databases.js';
import { ordinalOf, stateCount } from '../support/fixtures.js';
import { loadReal, realReleases } from '../support/real-databases.js';
import { shareOf, thorough } from '../support/share.js';

const states = Array.from({ length: stateCount }, (_, ordinal) => ordinal);
/** The base, every tenth, the one before and after the tool of MLflow's that prepares a revision, the head. */
const sample = states.filter((ordinal) => ordinal % 10 === 0 || ordinal === 65 || ordinal === 66);

let database: Database;
afterEach(() => database.drop());

describe.each(availableServers())('%s: no false alarm', (kind) => {
  it.each(shareOf(kind, thorough ? states : sample))('in what MLflow has at state %i', async (ordinal) => {
    database = await databaseAt(kind, ordinal);
    expect(await alarmsIn(database)).toEqual([]);
  });

  /** `mlflow db prepopulate-trace-analytics` leaves this before an upgrade; died half-way, the first columns. */
  it.each([20, 5])('where %i of the 20 trace columns were added ahead', async (count) => {
    const before = ordinalOf('75868b020152') - 1;
    database = await databaseAt(kind, before);
    const added = await change(database, before + 1, 'addColumn', count);
    expect(added).toBe(count);
    expect(await alarmsIn(database)).toEqual([]);
    // And not a blank cheque: the same columns before the same revision, with one that is not MLflow's.
    await database.run('ALTER TABLE spans ADD COLUMN of_mine INTEGER');
    expect(await alarmsIn(database)).toEqual([expect.stringMatching(/^note: .*spans\.of_mine/)]);
  });

  /** With SQLAlchemy 1.3 MLflow 1.14's latest_metrics had the check that 39d1c3be5f05 adds, at every earlier state too. */
  it.each([0, 1])(
    'where SQLAlchemy 1.3 gave is_nan a check, %i before the last state without',
    async (back) => {
      const next = ordinalOf('39d1c3be5f05');
      database = await databaseAt(kind, next - 1 - back);
      await change(database, next, 'addBooleanCheck', 1);
      expect(await alarmsIn(database)).toEqual([]);
    },
  );
});

/** Makes the first `count` changes of a kind that a revision makes; returns how many it has. */
async function change(
  on: Database,
  ordinal: number,
  kind: Operation['kind'],
  count: number,
): Promise<number> {
  const revision = (await loadChain()).revisions[ordinal];
  const { dialect, session } = await openSession(on);
  const operations = operationsOf(revision as NonNullable<typeof revision>, dialect.name)
    .filter((operation) => operation.kind === kind)
    .slice(0, count);
  const statements = dialect.compile(operations, await session.introspect()).map(({ sql }) => sql);
  await session.close();
  await on.run(...statements);
  return operations.length;
}

const real = availableServers().filter((kind): kind is keyof typeof loadReal => kind in loadReal);

describe.each(real)('%s: no false alarm', (kind) => {
  it.each(realReleases)('in a database of MLflow %s', async (release) => {
    database = await loadReal[kind](release);
    expect(await alarmsIn(database)).toEqual([]);
  });
});
