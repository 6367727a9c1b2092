import { type RepairOptions, type RepairResult, repair } from '../../src/core/check/repair.js';
import { Stop } from '../../src/core/stop.js';
import type { Session } from '../../src/dialects/dialect.js';
import { type Mutant, mutantsAt } from '../mutants/batches.js';
import type { EditKind } from '../mutants/edit.js';
import { type Database, openSession, type ServerKind } from '../support/databases.js';
import { goldenAt, stateCount } from '../support/fixtures.js';
import { goldenOf } from '../support/golden.js';
import { allRows, type TableRows } from '../support/rows.js';
import { schemaOf } from '../support/upgrade.js';

export const head = stateCount - 1;

/** Repairs in this process, as the command does. */
export async function repairDatabase(
  database: Database,
  options: Partial<RepairOptions> = {},
): Promise<RepairResult> {
  const { session } = await openSession(database);
  return repairWith(session, options).finally(() => session.close());
}

export const repairWith = (session: Session, options: Partial<RepairOptions> = {}): Promise<RepairResult> =>
  repair(session, {
    ...{ yes: true, only: [], rows: false, lockWaitMs: 5000, stop: new Stop(), listen: () => undefined },
    ...options,
  });

/** The mutant of this kind on this object: "drop index metrics.index_metrics_run_uuid". */
export function damage(kind: ServerKind, edit: EditKind, table: string, object?: string): Mutant {
  const found = mutantsAt(kind, head).mutants.find(
    (mutant) =>
      mutant.edit.kind === edit &&
      mutant.edit.table === table &&
      (object === undefined || mutant.title.includes(`${table}.${object}`)),
  );
  if (!found) throw new Error(`no mutant ${edit} ${table}.${object} on ${kind}`);
  return found;
}

/** One of each kind of drift, each on tables of its own. */
export function oneOfEach(kind: ServerKind, spared: readonly string[]): Mutant[] {
  const [chosen, kinds, used] = [[] as Mutant[], new Set<string>(), new Set(spared)];
  for (const mutant of mutantsAt(kind, head).mutants) {
    const { edit, touches } = mutant;
    if (edit.kind.startsWith('stranger') || kinds.has(edit.kind) || edit.table === 'alembic_version')
      continue;
    if ([...touches].some((table) => used.has(table))) continue;
    chosen.push(mutant);
    kinds.add(edit.kind);
    for (const table of touches) used.add(table);
  }
  return chosen;
}

type Described = Record<string, { columns: { name: string }[]; checks: { expression: string }[] }>;

/** PostgreSQL writes the casts of a check elsewhere once a column under it has changed its type and come back. */
const withoutCasts = (expression: string): string => expression.replace(/::[a-z ]+(\[\])?|[()]/g, '');

/** In no order of columns, which no repair can restore. */
const unordered = (golden: Described): Described =>
  Object.fromEntries(
    Object.entries(golden).map(([name, table]) => [
      name,
      {
        ...table,
        columns: [...table.columns].sort((a, b) => (a.name < b.name ? -1 : 1)),
        checks: table.checks.map((check) => ({ ...check, expression: withoutCasts(check.expression) })),
      },
    ]),
  );

export const goldenHead = (kind: ServerKind): Described => unordered(goldenAt(head, kind) as Described);

export const shapeOf = async (database: Database): Promise<Described> =>
  unordered(goldenOf(await schemaOf(database)) as Described);

/** The rows of some tables, as objects, so that a column that came back at the end does not matter. */
export async function rowsOf(database: Database, columnsOf?: Record<string, TableRows>) {
  const tables = await allRows(database);
  return Object.fromEntries(
    Object.entries(tables).map(([name, { columns, rows }]) => {
      const asked = columnsOf?.[name]?.columns ?? columns;
      return [
        name,
        rows
          .map((row) => JSON.stringify(asked.map((column) => [column, row[columns.indexOf(column)]])))
          .sort(),
      ];
    }),
  );
}
