import type { RowContext } from '../schema/row-work.js';
import { columnOf, type Schema, type Table } from '../schema/table.js';
import type { Question, Words } from './loss.js';

/** Rows that going down would lose, or that the schema before cannot hold. */
export interface Loss {
  readonly table: string;
  readonly what: string;
  readonly rows: number;
  /** The keys of the first of them. */
  readonly examples: readonly string[];
}

/** How many rows a refusal names. */
const named = 3;

/**
 * Asks the live rows. Null where nothing is lost, or where the table or column is not there (any more).
 *
 * @param origin from a table and a column's name at the revision to its name on the live table
 */
export async function ask(
  question: Question,
  context: RowContext,
  live: Schema,
  origin: (table: string, column: string) => string,
): Promise<Loss | null> {
  const table = live.get(question.table);
  if (!table) return null;
  const has = (columns: readonly string[]) =>
    columns.every((name) => columnOf(table, origin(table.name, name)) !== undefined);
  const words: Words = {
    quote: (name) => context.quote(origin(table.name, name)),
    characters: (expression) => context.characters(expression),
  };
  const { what } = question;
  if (question.kind === 'own') {
    const { own } = question;
    if (!has(own.columns ?? [])) return null;
    if (own.changed) return collect(own.changed(context), table.name, what);
    return own.differs ? count(own.differs(context), what, context, table) : null;
  }
  if (!has(question.columns)) return null;
  return question.kind === 'rows'
    ? count(question.condition(words), what, context, table)
    : countGroups(question, words, context, table);
}

async function count(
  condition: string,
  what: string,
  context: RowContext,
  table: Table,
): Promise<Loss | null> {
  const from = `FROM ${context.quote(table.name)} t WHERE ${condition}`;
  const [total] = await context.query<{ n: unknown }>(`SELECT COUNT(*) AS n ${from}`);
  const rows = Number(total?.n ?? 0);
  if (rows === 0) return null;
  const key = keyOf(table);
  const columns = key.map((name) => `t.${context.quote(name)}`).join(', ');
  const found = await context.query(`SELECT ${columns} ${from} ORDER BY ${columns} ${context.limit(named)}`);
  return { table: table.name, what, rows, examples: found.map((row) => tell(row, key)) };
}

/** Groups of rows that the key before takes for one. */
async function countGroups(
  { columns, folded, what }: Extract<Question, { kind: 'twice' }>,
  words: Words,
  context: RowContext,
  table: Table,
): Promise<Loss | null> {
  const by = columns.map((name) =>
    folded.includes(name) ? `LOWER(t.${words.quote(name)})` : `t.${words.quote(name)}`,
  );
  const named_ = by.map((part, i) => `${part} AS k${i}`).join(', ');
  const groups = `SELECT ${named_} FROM ${context.quote(table.name)} t GROUP BY ${by.join(', ')} HAVING COUNT(*) > 1`;
  const [total] = await context.query<{ n: unknown }>(`SELECT COUNT(*) AS n FROM (${groups}) g`);
  const rows = Number(total?.n ?? 0);
  if (rows === 0) return null;
  const found = await context.query(`${groups} ORDER BY ${by.join(', ')} ${context.limit(named)}`);
  const examples = found.map((row) => columns.map((name, i) => `${name}=${short(row[`k${i}`])}`).join(', '));
  return { table: table.name, what, rows, examples };
}

async function collect(names: AsyncIterable<string>, table: string, what: string): Promise<Loss | null> {
  const examples: string[] = [];
  let rows = 0;
  for await (const name of names) {
    rows++;
    if (examples.length < named) examples.push(name);
  }
  return rows === 0 ? null : { table, what, rows, examples };
}

const keyOf = (table: Table): readonly string[] =>
  table.primaryKey?.columns ?? table.columns.slice(0, 1).map((column) => column.name);

const tell = (row: Record<string, unknown>, key: readonly string[]): string =>
  key.map((name) => `${name}=${short(row[name])}`).join(', ');

const short = (value: unknown): string => {
  const text = String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};
