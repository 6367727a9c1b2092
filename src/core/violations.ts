import type { Session } from '../dialects/dialect.js';
import { orphansOf } from '../dialects/operations.js';
import type { Operation } from '../schema/operation.js';
import { columnOf, type Schema } from '../schema/table.js';
import type { Step } from './steps.js';
import type { Stop } from './stop.js';

/** So many rows are named in a reason. */
const named = 5;

/**
 * Rows that a later change of the schema would refuse: NULL where it is forbidden, a key twice, a value outside a
 * check, a foreign key that points nowhere. Only what reads columns that are there now can be asked.
 *
 * @returns a reason each, with how many rows and some of them
 */
export async function findViolations(
  session: Session,
  present: Schema,
  steps: readonly Step[],
  stop: Stop,
): Promise<string[]> {
  const reasons: string[] = [];
  for (const step of steps) {
    if (step.kind !== 'change') continue;
    for (const operation of step.operations) {
      stop.check();
      for (const question of questionsOf(session, operation)) {
        if (!isThere(present, question) || cannotBe(present, operation)) continue;
        const reason = await ask(session, question);
        if (reason) reasons.push(reason);
      }
    }
  }
  return reasons;
}

/** Rows that stand in the way of one operation. */
export interface Question {
  /** What stands in the way: "params.value may not be NULL". */
  readonly problem: string;
  readonly todo: string;
  readonly table: string;
  /** Columns that are read, and shown as examples. */
  readonly columns: readonly string[];
  readonly also?: { readonly table: string; readonly columns: readonly string[] };
  /** FROM and all that follows, but for ORDER BY. */
  readonly from: string;
  /** The rows are groups. */
  readonly grouped?: boolean;
}

/** What is asked before an operation; `always`: foreign keys too where the server would not look at the rows. */
export function questionsOf(session: Session, operation: Operation, always = false): Question[] {
  const { quote } = session.sql;
  const list = (columns: readonly string[]): string => columns.map(quote).join(', ');
  const twice = (table: string, columns: readonly string[]): Question => ({
    ...{ table, columns, grouped: true },
    problem: `${table} must be unique in ${columns.join(', ')} and is not`,
    todo: 'remove or change the duplicates',
    from: `${quote(table)} GROUP BY ${list(columns)} HAVING COUNT(*) > 1`,
  });
  switch (operation.kind) {
    case 'alterColumn':
      return operation.change.nullable === false
        ? [
            {
              ...{ table: operation.table, columns: [operation.column] },
              problem: `${operation.table}.${operation.column} may not be NULL afterwards and is`,
              todo: 'give these rows a value',
              from: `${quote(operation.table)} WHERE ${quote(operation.column)} IS NULL`,
            },
          ]
        : [];
    case 'addUnique':
      return [twice(operation.table, operation.unique.columns)];
    case 'replacePrimaryKey':
      return [twice(operation.table, operation.columns)];
    case 'createIndex':
      return operation.index.unique
        ? [
            twice(
              operation.table,
              operation.index.columns.map(({ name }) => name),
            ),
          ]
        : [];
    case 'addForeignKey': {
      const { foreignKey, table } = operation;
      if (!session.dialect.checksForeignKeys && !always) return [];
      return [
        {
          ...{ table, columns: foreignKey.columns },
          also: { table: foreignKey.refTable, columns: foreignKey.refColumns },
          problem: `rows of ${table} point to rows of ${foreignKey.refTable} that are not there`,
          todo: 'delete these rows or bring back what they point to',
          from: orphansOf(quote, table, foreignKey),
        },
      ];
    }
    default:
      return [];
  }
}

export const isThere = (schema: Schema, { table, columns, also }: Question): boolean =>
  [{ table, columns }, ...(also ? [also] : [])].every((part) => {
    const found = schema.get(part.table);
    return found !== undefined && part.columns.every((column) => columnOf(found, column));
  });

/** A column that is NOT NULL already has no NULL. */
export const cannotBe = (schema: Schema, operation: Operation): boolean => {
  if (operation.kind !== 'alterColumn') return false;
  const table = schema.get(operation.table);
  return table !== undefined && columnOf(table, operation.column)?.nullable === false;
};

/** Null, or the problem with how many rows and some of them. */
export async function ask(session: Session, question: Question): Promise<string | null> {
  const { sql } = session;
  const columns = question.columns.map(sql.quote).join(', ');
  const rows = question.grouped
    ? `(SELECT ${columns} FROM ${question.from}) found`
    : `(SELECT 1 AS one FROM ${question.from}) found`;
  const [total] = await sql.query<{ count: unknown }>(`SELECT COUNT(*) AS count FROM ${rows}`);
  const count = Number(total?.count ?? 0);
  if (count === 0) return null;
  const examples = await sql.query(
    `SELECT ${question.grouped ? '' : 'DISTINCT '}${columns} FROM ${question.from} ORDER BY ${columns} ${sql.limit(named)}`,
  );
  const shown = examples.map((row) => question.columns.map((column) => String(row[column])).join('/'));
  return `${question.problem} (${count.toLocaleString('en')}: ${shown.join(', ')}${shown.length === named && count > named ? ', …' : ''}): ${question.todo}`;
}
