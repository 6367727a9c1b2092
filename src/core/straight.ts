import { applyAll } from '../schema/apply.js';
import { createTrigger } from '../schema/operation.js';
import { type Schema, sameColumns, type Table } from '../schema/table.js';
import { parentsFirst } from './order.js';
import { blocked } from './preflight.js';
import { missingInserts } from './runner.js';
import { createVersionTable } from './stamp.js';
import { versionTable } from './state.js';
import type { Work } from './work.js';

/**
 * Nothing of MLflow's is there: create the final tables at once, and the rows that revisions insert. What an earlier
 * attempt has created already is left out; a table comes with all its keys, so it is there whole or not at all.
 * Where DDL commits by itself, the empty table of the stamp comes first: it tells a later run what happened.
 */
export async function createStraight(work: Work, live: Schema, target: number): Promise<void> {
  const { session, chain, options } = work;
  const { dialect } = session;
  const operations = chain.operations(-1, target, dialect.name);
  const schema = targetSchema(work, target);
  const missing = new Map([...schema].filter(([name]) => !live.has(name)));
  const triggers = [...schema.values()].flatMap((table) =>
    table.triggers
      .filter(
        ({ name }) => live.has(table.name) && !live.get(table.name)?.triggers.some((t) => t.name === name),
      )
      .map((trigger) => createTrigger(table.name, trigger)),
  );
  const obstacles = await session.obstacles(operations, live, new Map([...live, ...missing]));
  if (obstacles.length > 0) throw blocked(session.place, obstacles);
  if (!dialect.transactionalDdl) {
    if (!live.has(versionTable)) await createVersionTable(session);
    options.stop.cannotUndo('a part of the tables is created');
  }
  for (const statement of [...dialect.create(missing), ...dialect.compile(triggers, live)]) {
    options.stop.check();
    await session.query(statement.sql);
  }
  const inserts = operations.filter((operation) => operation.kind === 'insertRow');
  for (const statement of dialect.compile(await missingInserts(session, inserts, schema), schema))
    await session.query(statement.sql);
}

const targetSchema = ({ session, chain }: Work, target: number): Schema =>
  parentsFirst(
    applyAll(new Map(), chain.operations(-1, target, session.dialect.name), session.dialect.traits),
  );

/** Whether every table of MLflow's that is there is one that creating `target` makes. */
export function isPartOf(work: Work, live: Schema, target: number): boolean {
  const schema = targetSchema(work, target);
  return [...live.values()]
    .filter((table) => work.chain.tables.has(table.name))
    .every((table) => hasColumnsOf(table, schema.get(table.name), work));
}

const hasColumnsOf = (table: Table, wanted: Table | undefined, { session }: Work): boolean =>
  wanted !== undefined &&
  sameColumns(
    table.columns.map((column) => column.name),
    wanted.columns.map((column) => column.name),
  ) &&
  wanted.columns.every((column, i) =>
    session.dialect.traits.sameType(column.type, table.columns[i] as Table['columns'][number]),
  );
