import type { Session } from '../dialects/dialect.js';
import { applyAll } from '../schema/apply.js';
import { createTrigger } from '../schema/operation.js';
import { type Schema, sameColumns, type Table } from '../schema/table.js';
import { missingInserts } from './missing-inserts.js';
import { parentsFirst } from './order.js';
import type { Chain } from './revisions.js';
import { versionTableDefinition } from './stamp.js';
import { versionTable } from './state.js';
import type { Step } from './steps.js';
import type { Work } from './work.js';

/** All of the work that creating from nothing needs; a script has no more. */
export interface Creating {
  readonly chain: Chain;
  readonly session: Pick<Session, 'dialect'> & Partial<Pick<Session, 'sql'>>;
}

/**
 * Nothing of MLflow's is there: create the final tables at once, and the rows that revisions insert. What an earlier
 * attempt has created already is left out; a table comes with all its keys, so it is there whole or not at all. The
 * empty table of the stamp comes first: where DDL commits by itself, it tells a later run what happened.
 */
export async function straightSteps(work: Creating, live: Schema, target: number): Promise<Step[]> {
  const { session, chain } = work;
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
  const inserts = operations.filter((operation) => operation.kind === 'insertRow');
  const stampTable = live.has(versionTable) ? [] : [[versionTable, versionTableDefinition] as const];
  const statements = [
    ...dialect.create(new Map([...stampTable, ...missing])),
    ...dialect.compile(triggers, live),
    // Without a database there is no row yet.
    ...dialect.compile(
      session.sql ? await missingInserts({ sql: session.sql }, inserts, live) : inserts,
      schema,
    ),
  ];
  const after = new Map([...live, ...missing]);
  const change: Step = {
    kind: 'change',
    ...{ operations, statements, before: live, after, ordinal: target, ends: [] },
  };
  return [change, { kind: 'stamp', ordinal: target, createTable: false, insert: true }];
}

const targetSchema = ({ session, chain }: Creating, target: number): Schema =>
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
