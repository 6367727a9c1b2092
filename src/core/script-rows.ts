import type { RowContext, Source } from '../schema/row-work.js';
import type { Schema } from '../schema/table.js';
import type { Writing } from './script-body.js';
import type { RowStep } from './steps.js';

/** Conditions of one table that hold for as long as its rows stay as they are. */
interface Watch {
  readonly table: string;
  readonly condition: string;
  /** The same without the columns that the work itself fills. */
  readonly afterwards: string;
}

/** What a script asserts of the rows that values were worked out from. */
export interface Watches {
  /** Tables that are there when the script begins. */
  readonly tables: readonly string[];
  /** Lines for the beginning, and for the moment before the work. */
  readonly lines: readonly string[];
  /** Lines for later, when the columns are filled. */
  readonly afterwards: readonly string[];
}

/** Reads, where there is a database, the rows that decide; where there is none, none may be there. */
export async function watch(writing: Writing, step: RowStep): Promise<Watches> {
  const watches: Watch[] = [];
  const offline: string[] = [];
  const found = (step.work.sources ?? []).filter(({ table }) => writing.start.has(table));
  for (const source of found) {
    writing.stop.check();
    if (writing.session) watches.push(await watchRows(writing, source));
    else offline.push(...refuseRows(writing, source, step));
  }
  const { language } = writing;
  const changed = (table: string) =>
    `rows of ${table} are not what they were when this script was written, and it carries values worked out from them: write a new one`;
  const lines = (condition: (watch: Watch) => string) =>
    watches.map((found) => language.assert({ condition: condition(found), reason: changed(found.table) }));
  return {
    tables: found.map(({ table }) => table),
    lines: [...lines((found) => found.condition), ...offline],
    afterwards: [...lines((found) => found.afterwards), ...offline],
  };
}

async function watchRows({ session, language, start }: Writing, source: Source): Promise<Watch> {
  const table = start.get(source.table) as NonNullable<ReturnType<Schema['get']>>;
  const there = (names: readonly string[]) => table.columns.filter(({ name }) => names.includes(name));
  const where = source.where?.(language.words);
  const ask = (columns: typeof table.columns) =>
    language.unchanged((session as NonNullable<typeof session>).sql, {
      name: source.table,
      columns,
      ...(where === undefined ? {} : { where }),
    });
  const [columns, filled] = [there(source.columns), there(source.filled ?? [])];
  const afterwards = await ask(columns);
  const condition = filled.length === 0 ? afterwards : await ask([...columns, ...filled]);
  return { table: source.table, condition, afterwards };
}

function refuseRows({ language, start }: Writing, source: Source, { work }: RowStep): string[] {
  const { table, needs } = source;
  if (!needs) return [];
  if (needs !== 'any' && !start.get(table)?.columns.some((column) => column.name === needs.column)) return [];
  const where =
    needs === 'any' ? source.where?.(language.words) : `${language.words.quote(needs.column)} IS NOT NULL`;
  return [
    language.assert({
      condition: `NOT EXISTS (SELECT 1 FROM ${language.words.quote(table)}${where ? ` WHERE ${where}` : ''})`,
      reason: `${table} holds rows from which this upgrade works out values that SQL cannot (${work.title}), and this script was written without seeing them: write one with the database at hand, without --from`,
    }),
  ];
}

/**
 * The context in which row work is written down: what it asks is asked of the database as it is now, if there is
 * one, and what it would change becomes a statement.
 */
export function scriptContext(writing: Writing, step: RowStep): RowContext {
  const { language, session, dialect, emit } = writing;
  const words = language.context({
    query: session ? session.sql.query : async () => [],
    execute: async (sql, params = []) => {
      await emit(language.statement(language.inline(sql, params)));
      return 0;
    },
  });
  return {
    ...words,
    updateRows: async (table, keys, values, rows) => {
      await words.updateRows(table, keys, values, rows);
      return rows.length;
    },
    columnsOf: async (table) => (step.schema.get(table)?.columns ?? []).map((column) => column.name),
    ...(words.alongIndex && {
      alongIndex: {
        ...words.alongIndex,
        has: async (table: string, column: string) =>
          (step.schema.get(table)?.indexes ?? []).some(
            ({ columns: [first] }) => first?.name === column && first.length === null,
          ),
      },
    }),
    // Where nobody can be kept out, who came in between makes the script stop.
    lockOut: async (tables) => {
      if (dialect.transactionalDdl) await emit(...language.lockOut(tables));
      else if (!step.work.sources) await emit(...writing.afterwards);
      return true;
    },
    maxBindings: Math.min(words.maxBindings, 1200),
    now: language.now,
    progress: () => undefined,
    warn: (message) => writing.listen({ event: 'warning', message }),
    checkpoint: () => writing.stop.check(),
    script: {
      assert: (condition, reason) => emit(language.assert({ condition, reason })),
      source: (table) => {
        const wanted = step.schema.get(table);
        if (!wanted) throw new Error(`${step.work.title}: there is no table ${table} at that point`);
        return language.source(writing.start.get(table), wanted);
      },
    },
  };
}
