import { mentions } from '../../schema/apply-table.js';
import type { Operation } from '../../schema/operation.js';
import { columnOf, type Schema, type Table } from '../../schema/table.js';
import { createdNames } from '../created.js';
import { refuseOpaque } from './introspect.js';
import { tokenize } from './lexer.js';
import type { SqliteSession } from './session.js';

interface Entry extends Record<string, unknown> {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  readonly sql: string | null;
}

/**
 * What of the user's would make a statement fail half-way, or would be left pointing at a column that is gone: SQLite
 * keeps views and triggers as text and looks at them only when they are used.
 */
export async function findObstacles(
  session: Pick<SqliteSession, 'query'>,
  operations: readonly Operation[],
  before: Schema,
  after: Schema,
): Promise<string[]> {
  const touched = operations.flatMap((operation) => ('table' in operation ? [operation.table] : []));
  refuseOpaque(
    before,
    touched.map((table) => (typeof table === 'string' ? table : table.name)),
  );
  const entries = await session.query<Entry>('SELECT type, name, tbl_name, sql FROM sqlite_master');
  return [
    ...takenNames(entries, before, after, operations),
    ...operations.flatMap((operation) => usersOf(operation, before, entries)),
  ];
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Tables, indexes and views share one namespace of the file, triggers have another, and case means nothing. */
function takenNames(
  entries: readonly Entry[],
  before: Schema,
  after: Schema,
  operations: readonly Operation[],
): string[] {
  return createdNames(before, after, operations).flatMap(({ kind, name, table }) => {
    if (kind === 'constraint') return [];
    if (kind === 'column') {
      const other = before.get(table)?.columns.find((column) => same(column.name, name));
      return other
        ? [`column ${table}.${other.name} is in the way of MLflow's ${name}: rename or drop it`]
        : [];
    }
    return entries
      .filter((entry) => (entry.type === 'trigger') === (kind === 'trigger') && same(entry.name, name))
      .map(
        (entry) =>
          `${entry.type} ${entry.name}${entry.type === 'table' || entry.type === 'view' ? '' : ` on ${entry.tbl_name}`} has the name of ${kind === 'table' ? 'a table' : `a${kind === 'index' ? 'n' : ''} ${kind} on ${table}`} that the upgrade creates: rename or drop it`,
      );
  });
}

/** Whatever names a column that goes or is renamed and cannot follow by itself. */
function usersOf(operation: Operation, schema: Schema, entries: readonly Entry[]): string[] {
  if (operation.kind !== 'dropColumn' && operation.kind !== 'renameColumn') return [];
  const { table: name, column } = operation;
  const table = schema.get(name);
  if (!table || !columnOf(table, column)) return [];
  const users = [
    ...textsUsing(entries, name, column),
    ...(operation.kind === 'renameColumn' ? partsUsing(table, column) : []),
  ];
  const fate = operation.kind === 'dropColumn' ? 'goes' : `is called ${operation.to} afterwards`;
  return users.map(
    (user) =>
      `${user} uses ${name}.${column}, which ${fate}: drop it, upgrade, create it again without that name`,
  );
}

/** Views and triggers, also those that reach the table through another view. */
function textsUsing(entries: readonly Entry[], table: string, column: string): string[] {
  const texts = entries
    .filter((entry) => entry.type === 'view' || entry.type === 'trigger')
    .map((entry) => ({ entry, words: wordsOf(entry.sql ?? '') }));
  const sources = new Set([table.toLowerCase()]);
  const reaches = ({ words }: (typeof texts)[number]) => [...sources].some((source) => words.has(source));
  for (let size = 0; size < sources.size; ) {
    size = sources.size;
    for (const text of texts)
      if (text.entry.type === 'view' && reaches(text)) sources.add(text.entry.name.toLowerCase());
  }
  return texts
    .filter((text) => reaches(text) && text.words.has(column.toLowerCase()))
    .map(({ entry }) => `${entry.type} ${entry.name}`);
}

const wordsOf = (sql: string): Set<string> =>
  new Set(
    tokenize(sql)
      .filter((token) => token.kind === 'word' || token.kind === 'name')
      .map((token) => token.value.toLowerCase()),
  );

/** Parts of the table whose text is written again as it is. Plain columns of an index follow (see `apply`). */
function partsUsing(table: Table, column: string): string[] {
  const uses = (text: string) => mentions(text, column);
  return [
    ...table.checks.filter((check) => uses(check.expression)).map(() => 'a check constraint'),
    ...table.columns
      .filter((other) => other.generated && uses(other.generated.expression))
      .map((other) => `generated column ${other.name}`),
    ...table.indexes
      .filter(
        (index) =>
          index.columns.some((part) => part.name !== column && uses(part.name)) ||
          (index.where !== null && (uses(index.where) || index.columns.some((part) => part.name === column))),
      )
      .map((index) => `index ${index.name}`),
  ];
}
