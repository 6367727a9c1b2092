import { describe, expect, it } from 'vitest';
import { restOf } from '../../src/core/heal.js';
import { loadChain, operationsOf } from '../../src/core/revisions.js';
import { dialectNames, loadDialect } from '../../src/dialects/index.js';
import {
  addColumn,
  alterColumn,
  applyAll,
  bigint,
  column,
  createTable,
  integer,
  native,
  type Operation,
  required,
  type Schema,
  string,
  table,
} from '../../src/schema/index.js';

/** A schema without the orders that mean nothing. */
const shape = (schema: Schema) =>
  [...schema.values()]
    .map((found) => ({
      ...found,
      uniques: sorted(found.uniques),
      foreignKeys: sorted(found.foreignKeys),
      checks: sorted(found.checks),
      indexes: sorted(found.indexes),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
const sorted = <T>(parts: readonly T[]): T[] =>
  [...parts].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

const isSchemaChange = (operation: Operation) => operation.kind !== 'rows' && operation.kind !== 'insertRow';

describe.each(dialectNames)('%s: what is left of a revision', (name) => {
  it('is found after every operation of every revision, and leads to the same schema', async () => {
    const [chain, { traits }] = [await loadChain(), await loadDialect(name)];
    let before: Schema = new Map();
    let points = 0;
    for (const revision of chain.revisions) {
      const operations = operationsOf(revision, name);
      const end = applyAll(before, operations, traits);
      for (let done = 0; done <= operations.length; done++) {
        const live = applyAll(before, operations.slice(0, done), traits);
        const { operations: rest, after, notes } = restOf(live, operations, before, traits);
        expect(shape(after), `${revision.revision}, ${done} done`).toEqual(shape(end));
        expect(notes).toEqual([]);
        // Row work is done again; nothing that was not done is left out.
        const open = operations.slice(done).filter(isSchemaChange);
        expect(rest).toEqual(expect.arrayContaining(open.filter((operation) => changes(live, operation))));
        points++;
      }
      before = end;
    }
    expect(points).toBeGreaterThan(300);

    function changes(live: Schema, operation: Operation): boolean {
      try {
        return applyAll(live, [operation], traits) !== live;
      } catch {
        return false;
      }
    }
  });

  it('does nothing to a database that is a whole revision ahead of its stamp', async () => {
    const [chain, { traits }] = [await loadChain(), await loadDialect(name)];
    const ahead = chain.revisions.slice(1).map((revision, i) => {
      const before = applyAll(new Map(), chain.operations(-1, i, name), traits);
      const operations = operationsOf(revision, name);
      const live = applyAll(before, operations, traits);
      const rest = restOf(live, operations, before, traits).operations.filter(isSchemaChange);
      return [revision.revision, rest.map((operation) => operation.kind)] as const;
    });
    // A key or index that goes and comes back under its name is built again: it cannot be told which one is there.
    for (const [revision, kinds] of ahead)
      for (const kind of kinds)
        expect(
          ['dropForeignKey', 'addForeignKey', 'dropIndex', 'createIndex', 'alterColumn'],
          `${revision}: ${kinds}`,
        ).toContain(kind);
    expect(ahead.filter(([, kinds]) => kinds.length > 0).length).toBeLessThan(8);
  });
});

describe('where something is neither as before nor as after', () => {
  const revision = (...operations: Operation[]) => operations;
  const base = createTable(
    table('t', {
      columns: [required('id', integer), column('value', string(250))],
      primaryKey: ['t_pk', ['id']],
    }),
  );
  const traitsOf = async () => (await loadDialect(dialectNames[0] as never)).traits;
  const live = (type: string): Schema =>
    new Map([
      [
        't',
        { ...(base as { table: ReturnType<typeof table> }).table, columns: [column('value', native(type))] },
      ],
    ]);

  it('changes a column that a user widened, and says so', async () => {
    const traits = await traitsOf();
    const expected = applyAll(new Map(), [base], traits);
    const operations = revision(alterColumn('t', 'value', { type: string(500) }));
    const rest = restOf(live('VARCHAR(400)'), operations, expected, traits);
    expect(rest.operations).toEqual(operations);
    expect(rest.notes).toEqual([expect.stringMatching(/t\.value is VARCHAR\(400\)/)]);
  });

  it('stops at a column of another type that MLflow adds', async () => {
    const traits = await traitsOf();
    const expected = applyAll(new Map(), [base], traits);
    const operations = revision(addColumn('t', column('added', bigint)));
    const other = applyAll(expected, [addColumn('t', column('added', string(5)))], traits);
    expect(() => restOf(other, operations, expected, traits)).toThrow(/t\.added is already there/);
  });

  it('stops at a table that is not the one MLflow creates', async () => {
    const traits = await traitsOf();
    const operations = revision(
      createTable(table('u', { columns: [required('id', integer)], primaryKey: ['u_pk', ['id']] })),
    );
    const other = applyAll(
      new Map(),
      [createTable(table('u', { columns: [required('other', integer)], primaryKey: ['u_pk', ['other']] }))],
      traits,
    );
    expect(() => restOf(other, operations, new Map(), traits)).toThrow(/table u is already there/);
  });
});
