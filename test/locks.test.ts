import { afterEach, describe, expect, it } from 'vitest';
import { deedsOf } from '../src/core/estimate.js';
import { loadChain, operationsOf } from '../src/core/revisions.js';
import { rowContext } from '../src/core/row-context.js';
import { type Step, stepsOf } from '../src/core/steps.js';
import { Stop } from '../src/core/stop.js';
import { straightSteps } from '../src/core/straight.js';
import type { Change, LockClaim, LockedWork } from '../src/dialects/cost.js';
import type { Session } from '../src/dialects/dialect.js';
import { costOf } from '../src/dialects/postgres/cost.js';
import {
  addCheck,
  addColumn,
  addUnique,
  alterColumn,
  applyAll,
  bigint,
  type Column,
  type ColumnChange,
  check,
  column,
  integer,
  literal,
  type Operation,
  required,
  string,
  text,
  unique,
} from '../src/schema/index.js';
import {
  availableServers,
  createDatabase,
  type Database,
  databaseAt,
  openSession,
} from './support/databases.js';

/** Modes that keep somebody waiting, weakest first (PostgreSQL manual, 13.3.1). */
const modes = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];
const words: Record<string, string> = {
  ShareLock: 'SHARE',
  ShareRowExclusiveLock: 'SHARE ROW EXCLUSIVE',
  ExclusiveLock: 'EXCLUSIVE',
  AccessExclusiveLock: 'ACCESS EXCLUSIVE',
};

const inSchema = "relnamespace = quote_ident(current_schema())::regnamespace AND relkind = 'r'";

/** The strongest blocking lock on each table that this very transaction holds. */
async function held(session: Session): Promise<Record<string, string>> {
  const rows = await session.query<{ name: string; mode: string }>(
    `SELECT relname AS name, mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
     WHERE pid = pg_backend_pid() AND granted AND ${inSchema}`,
  );
  const found: Record<string, string> = {};
  for (const mode of modes)
    for (const row of rows) if (row.mode === mode) found[row.name] = words[mode] as string;
  return found;
}

interface Seen {
  readonly files: Map<string, number>;
  readonly scans: Map<string, number>;
}

/** The files of the tables, and how often this transaction has read each from end to end. */
async function look(session: Session): Promise<Seen> {
  const rows = await session.query<{ name: string; file: number; scans: number }>(
    `SELECT c.relname AS name, pg_relation_filenode(c.oid)::int AS file, COALESCE(s.seq_scan, 0)::int AS scans
     FROM pg_class c LEFT JOIN pg_stat_xact_user_tables s ON s.relid = c.oid WHERE ${inSchema}`,
  );
  return {
    files: new Map(rows.map(({ name, file }) => [name, file])),
    scans: new Map(rows.map(({ name, scans }) => [name, scans])),
  };
}

const strongest = (claims: readonly LockClaim[]): Record<string, string> =>
  Object.fromEntries(
    claims
      .filter((claim) => Object.values(words).includes(claim.lock))
      .map(({ table, lock }) => [table, lock]),
  );

/** What the server did to one table that was there before. */
function done(table: string, before: Seen, after: Seen): 'rewrite' | 'read' | 'neither' {
  if (before.files.get(table) !== after.files.get(table)) return 'rewrite';
  return (after.scans.get(table) ?? 0) > (before.scans.get(table) ?? 0) ? 'read' : 'neither';
}

describe.runIf(availableServers().includes('postgresql'))('postgresql: the locks of a plan', () => {
  let database: Database;
  let session: Session;
  afterEach(async () => {
    await session.close();
    await database.drop();
  });

  const open = async (ordinal: number): Promise<Step[]> => {
    database = await databaseAt('postgresql', ordinal);
    ({ session } = await openSession(database));
    const { revisions } = await loadChain();
    const remaining = new Map(
      revisions
        .slice(ordinal + 1)
        .map((revision, i) => [ordinal + 1 + i, operationsOf(revision, 'postgresql')]),
    );
    return stepsOf(session.dialect, remaining, await session.introspect(), ordinal > 0 ? 'row' : 'none');
  };

  const inTransaction = async (work: () => Promise<void>) => {
    await session.query('BEGIN');
    const before = await look(session);
    await work();
    const [locks, after] = [await held(session), await look(session)];
    await session.query('COMMIT');
    return { locks, before, after };
  };

  /** Runs the statements of a change one by one and compares; returns how many did what. */
  const compare = async (step: Change): Promise<Record<LockedWork, number>> => {
    const claims = (await costOf(session)).claims(step);
    expect(claims.length).toBe(step.statements.length);
    const counts = { metadata: 0, online: 0, scan: 0, build: 0, rewrite: 0, rows: 0 };
    for (const [i, { sql }] of step.statements.entries()) {
      const { locks, before, after } = await inTransaction(() => session.query(sql).then(() => undefined));
      const claimed = claims[i] as LockClaim[];
      expect(locks, sql).toEqual(strongest(claimed));
      for (const { table, work } of claimed) {
        // Made by this step: the claim says that it is empty.
        if (!step.before.has(table)) continue;
        const expected = work === 'metadata' ? 'neither' : work === 'rewrite' ? 'rewrite' : 'read';
        expect(done(table, before, after), `${table}: ${sql}`).toBe(expected);
        counts[work]++;
      }
    }
    return counts;
  };

  it.each([0, 48])(
    'are those in pg_locks, for every statement of an upgrade from state %i',
    async (ordinal) => {
      const steps = await open(ordinal);
      const cost = await costOf(session);
      const total = { metadata: 0, scan: 0, build: 0, locked: 0 };
      for (const step of steps) {
        if (step.kind === 'rows') {
          const context = rowContext(session, new Stop(), () => undefined);
          const { locks } = await inTransaction(() => step.work.run(context));
          expect(locks, step.work.title).toEqual(strongest(cost.rowClaims(step.work)));
          total.locked += Object.keys(locks).length;
        }
        if (step.kind !== 'change') continue;
        const counts = await compare(step);
        total.metadata += counts.metadata;
        total.scan += counts.scan;
        total.build += counts.build;
      }
      for (const count of Object.values(total)) expect(count).toBeGreaterThan(1);
    },
  );

  it('are those of creating everything at once', async () => {
    database = await createDatabase('postgresql');
    ({ session } = await openSession(database));
    const [chain, cost] = [await loadChain(), await costOf(session)];
    const steps = await straightSteps(
      { chain, session },
      await session.introspect(),
      chain.revisions.length - 1,
    );
    for (const step of steps) if (step.kind === 'change') expect((await compare(step)).metadata).toBe(0);
    const claims = deedsOf(cost, steps, true).flatMap((deed) => deed.claims);
    expect(claims.length).toBeGreaterThan(100);
    expect(claims.filter(({ blocks }) => blocks !== 'nothing')).toEqual([]);
  });

  it('say which changes write a table anew, beside what MLflow changes', async () => {
    await open(5);
    await session.query("INSERT INTO experiments (experiment_id, name) VALUES (7, 'seven')");
    await session.query("INSERT INTO runs (run_uuid, experiment_id, status) VALUES ('r', 7, 'FINISHED')");
    const change = async (...operations: Operation[]) => {
      const before = await session.introspect();
      const { dialect } = session;
      const after = applyAll(before, operations, dialect.traits);
      return compare({ operations, statements: dialect.compile(operations, before), before, after });
    };
    const add = (...columns: Column[]) => change(...columns.map((one) => addColumn('runs', one)));
    const alter = (name: string, to: ColumnChange) => change(alterColumn('runs', name, to));
    expect(
      await add(
        column('plain', string(10)),
        column('constant', string(10), { default: literal('x') }),
        required('number', integer, { default: literal('0') }),
      ),
    ).toMatchObject({ metadata: 3, rewrite: 0 });
    expect(
      await add(
        column('twice', bigint, { generated: { expression: 'start_time * 2', stored: true } }),
        required('counted', bigint, { identity: 'BY DEFAULT' }),
        column('volatile', text(), { default: { kind: 'native', sql: 'md5(random()::text)' } }),
      ),
    ).toMatchObject({ metadata: 0, rewrite: 3 });
    for (const type of [string(600), text()])
      expect(await alter('source_name', { type })).toMatchObject({ metadata: 1, rewrite: 0 });
    for (const type of [string(600), string(20)])
      expect(await alter('source_name', { type })).toMatchObject({ metadata: 0, rewrite: 1 });
    expect(await alter('number', { type: bigint })).toMatchObject({ rewrite: 1 });
    expect(await alter('status', { nullable: false })).toMatchObject({ scan: 1 });
    expect(await alter('status', { nullable: true })).toMatchObject({ metadata: 1 });
    expect(await alter('status', { default: literal('RUNNING') })).toMatchObject({ metadata: 1 });
    expect(await change(addCheck('runs', check('start_time > 0 OR true', 'ours')))).toMatchObject({
      scan: 1,
    });
    expect(await change(addUnique('runs', unique(['run_uuid', 'name'], 'ours_too')))).toMatchObject({
      build: 1,
    });
  });
});
