import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { downgrade } from '../src/core/downgrade.js';
import { type HistoryEntry, readHistory } from '../src/core/history.js';
import { foldedAt, leftOver } from '../src/core/left-over.js';
import { loadChain, operationsOf } from '../src/core/revisions.js';
import { Stop } from '../src/core/stop.js';
import { upgrade } from '../src/core/upgrade.js';
import type { Session } from '../src/dialects/dialect.js';
import type { Operation } from '../src/schema/operation.js';
import type { Schema } from '../src/schema/table.js';
import { fillNew } from './downgrade-rows.js';
import { createDatabase, type Database, openSession } from './support/databases.js';
import { goldenAt, revisionAt, stateCount } from './support/fixtures.js';
import { goldenOf } from './support/golden.js';
import { allRows } from './support/rows.js';
import { bundled, thorough } from './support/share.js';

const chain = await loadChain();
const history = await readHistory();
const head = stateCount - 1;
const never = chain.ordinalOf('2d6e25af4d3e') as number;

const options = () => ({ yes: true, stop: new Stop(), listen: () => undefined });

const some = bundled().filter((kind) => thorough || kind === 'sqlite');

describe.each(some)('%s: up, down and up again', (kind) => {
  let database: Database;
  let session: Session;
  let folded: readonly Schema[];
  beforeAll(async () => {
    database = await createDatabase(kind);
    ({ session } = await openSession(database));
    folded = foldedAt(session.dialect, chain, head);
    await upgrade(session, { ...options(), to: revisionAt(1) as string });
    await fill(chain.operations(-1, 1, session.dialect.name), 1);
  });
  afterAll(async () => {
    await session.close();
    await database.drop();
  });

  const up = (to: string) => upgrade(session, { ...options(), to });
  const down = (to: string) => downgrade(session, { ...options(), to });
  const schema = async () => goldenOf(await session.introspect());

  async function fill(operations: readonly Operation[], ordinal: number): Promise<void> {
    const statements = fillNew(operations, folded[ordinal] as Schema, database);
    if (statements.length > 0) await database.run(...statements);
  }

  /** The rows of these tables, as far as they are there, in an order of their own. */
  async function rowsOf(tables: ReadonlySet<string>): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    for (const name of await session.tableNames())
      if (tables.has(name)) {
        const rows = await session.query(`SELECT * FROM ${session.sql.quote(name)}`);
        found[name] = rows.map((row) => JSON.stringify(row)).sort();
      }
    return found;
  }

  /** What a revision can have to do with. */
  function touchedBy(ordinal: number): Set<string> {
    const [below, above] = [folded[ordinal - 1], folded[ordinal]];
    const works = operationsOf(revisionOf(ordinal), session.dialect.name).flatMap((operation) =>
      operation.kind === 'rows' ? [...operation.reads, ...operation.writes] : [],
    );
    const changed = [...(above ?? [])].filter(([name, table]) => below?.get(name) !== table);
    return new Set([...works, ...changed.map(([name]) => name)]);
  }

  /** What does not claim to go down here. */
  const stays = (ordinal: number) => {
    const found = history[ordinal - 1] as HistoryEntry;
    return found.goesDown === 'never' || found.neverOn.includes(session.dialect.name);
  };

  it('revision by revision, with rows in every table', async () => {
    for (let ordinal = 2; ordinal <= head; ordinal++) {
      const revision = revisionAt(ordinal);
      const touched = touchedBy(ordinal);
      const below = await rowsOf(touched);
      await up('+1');
      if (!stays(ordinal)) {
        const above = await rowsOf(touched);
        expect((await down('-1')).undone).toEqual([revision]);
        expect(await schema(), `schema below ${revision}`).toEqual(goldenAt(ordinal - 1, kind));
        expect(await rowsOf(touched), `rows below ${revision}`).toEqual(below);
        await up('+1');
        const live = await session.introspect();
        expect(goldenOf(live), `schema again at ${revision}`).toEqual(goldenAt(ordinal, kind));
        // Parts of the next revision, which a downgrade that died leaves, are not seen where there are none.
        if (!session.dialect.transactionalDdl)
          expect(leftOver(session.dialect, chain, folded, ordinal, live)).toBe(ordinal);
        expect(await rowsOf(touched), `rows again at ${revision}`).toEqual(above);
      }
      await fill(operationsOf(revisionOf(ordinal), session.dialect.name), ordinal);
    }
    const rows = await allRows(database);
    const empty = Object.keys(rows).filter((name) => rows[name]?.rows.length === 0);
    expect(empty, 'tables that had no rows').toEqual([]);
  });
});

describe.each(bundled())('%s: many revisions at once', (kind) => {
  let database: Database;
  afterAll(() => database.drop());

  it('from the head down to 2d6e25af4d3e and up again, with rows in every table of MLflow 2.8', async () => {
    database = await createDatabase(kind);
    const { session } = await openSession(database);
    const state = async () => ({
      schema: goldenOf(await session.introspect()),
      rows: await allRows(database),
    });
    await upgrade(session, { ...options(), to: revisionAt(never) as string });
    const operations = chain.operations(-1, never, session.dialect.name);
    const tables = operations.filter((operation) => operation.kind === 'createTable');
    await database.run(
      ...fillNew(tables, foldedAt(session.dialect, chain, never)[never] as Schema, database),
    );
    const before = await state();
    await upgrade(session, options());
    const above = await state();
    const { undone } = await downgrade(session, { ...options(), to: '2d6e25af4d3e' });
    expect(undone).toHaveLength(head - never);
    expect(await state()).toEqual(before);
    expect(before.schema).toEqual(goldenAt(never, kind));
    await upgrade(session, options());
    expect(await state()).toEqual(above);
    await session.close();
  });
});

const revisionOf = (ordinal: number) => chain.revisions[ordinal] as (typeof chain.revisions)[number];

it('all revisions but two claim to go down', () => {
  const stay = history.filter(({ goesDown, neverOn }) => goesDown === 'never' || neverOn.length > 0);
  expect(stay.map(({ revision }) => revision)).toEqual(['451aebb31d03', '2d6e25af4d3e']);
});
