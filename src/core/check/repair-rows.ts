import type { Session } from '../../dialects/dialect.js';
import type { RepairModule } from '../../dialects/repair.js';
import { mentions } from '../../schema/apply-table.js';
import type { Operation } from '../../schema/operation.js';
import { columnOf, needsValue, type Schema, type Table } from '../../schema/table.js';
import type { Stop } from '../stop.js';
import { ask, cannotBe, isThere, type Question, questionsOf } from '../violations.js';

interface Asking {
  readonly session: Session;
  readonly module: RepairModule;
  /** The schema as it is. */
  readonly live: Schema;
  readonly expected: Schema;
  readonly stop: Stop;
}

/**
 * Rows that stand against the operations of one repair, or that would be changed by them: NULL, duplicates, orphans,
 * values that a check or a type does not hold. Each question is one statement that the server answers.
 *
 * @returns a reason each, with how many rows and some of them
 */
export async function rowsAgainst(operations: readonly Operation[], asking: Asking): Promise<string[]> {
  const reasons: string[] = [];
  for (const operation of operations) {
    asking.stop.check();
    for (const question of allQuestions(operation, asking)) {
      const reason = await ask(asking.session, question);
      if (reason) reasons.push(reason);
    }
  }
  return reasons;
}

function allQuestions(operation: Operation, asking: Asking): Question[] {
  const { session, live } = asking;
  const usual = cannotBe(live, operation)
    ? []
    : questionsOf(session, operation, true)
        .flatMap((question) => withoutNull(question, operation, asking))
        .filter((question) => isThere(live, question));
  return [...usual, ...more(operation, asking)];
}

/** NULL is no duplicate of NULL in a unique constraint, where the server has it so. */
function withoutNull(question: Question, operation: Operation, { session, module }: Asking): Question[] {
  const isUnique =
    operation.kind === 'addUnique' || (operation.kind === 'createIndex' && operation.index.unique);
  if (!isUnique || !module.uniqueIgnoresNull || !question.grouped) return [question];
  const { quote } = session.sql;
  const filled = question.columns.map((column) => `${quote(column)} IS NOT NULL`).join(' AND ');
  return [{ ...question, from: question.from.replace(' GROUP BY ', ` WHERE ${filled} GROUP BY `) }];
}

function more(operation: Operation, asking: Asking): Question[] {
  if (operation.kind === 'rows' || operation.kind === 'only' || operation.kind === 'createTable') return [];
  const { session, live } = asking;
  const { quote } = session.sql;
  const table = live.get(operation.table);
  if (!table) return [];
  const { name } = table;
  switch (operation.kind) {
    case 'addColumn':
      return needsValue(operation.column) && !columnOf(table, operation.column.name)
        ? [
            {
              ...{ table: name, columns: table.primaryKey?.columns ?? [table.columns[0]?.name as string] },
              problem: `${name}.${operation.column.name} may not be NULL and has no default, and there are rows`,
              todo: `add it by hand, give every row a value, then repair again`,
              from: quote(name),
            },
          ]
        : [];
    case 'addCheck':
      // A column that is missing too has its default in every row by then.
      if (missingIn(operation.check.expression, table, asking)) return [];
      return [
        {
          ...{ table: name, columns: table.primaryKey?.columns ?? [] },
          problem: `rows of ${name} do not fulfil ${operation.check.expression}`,
          todo: 'put these rows right',
          from: `${quote(name)} WHERE NOT (${operation.check.expression})`,
        },
      ];
    case 'replacePrimaryKey':
      return operation.columns
        .filter((column) => columnOf(table, column)?.nullable)
        .map((column) => ({
          ...{ table: name, columns: [column] },
          problem: `${name}.${column} is a part of the primary key and is NULL`,
          todo: 'give these rows a value',
          from: `${quote(name)} WHERE ${quote(column)} IS NULL`,
        }));
    case 'addForeignKey':
      return live.has(operation.foreignKey.refTable) ? [] : orphansOfNobody(operation, table, asking);
    case 'alterColumn':
      return retyped(operation, table, asking);
    case 'dropColumn':
      return recomputed(operation.column, table, asking);
    default:
      return [];
  }
}

const missingIn = (expression: string, table: Table, { expected }: Asking): boolean =>
  (expected.get(table.name)?.columns ?? []).some(
    ({ name }) => mentions(expression, name) && !columnOf(table, name),
  );

/** The parent is missing too: whoever points to it points nowhere. */
function orphansOfNobody(
  { foreignKey: { columns, refTable } }: Extract<Operation, { kind: 'addForeignKey' }>,
  table: Table,
  { session: { sql } }: Asking,
): Question[] {
  if (!columns.every((column) => columnOf(table, column))) return [];
  return [
    {
      ...{ table: table.name, columns },
      problem: `rows of ${table.name} point to rows of ${refTable} that are not there`,
      todo: 'delete these rows or bring back what they point to',
      from: `${sql.quote(table.name)} WHERE ${columns.map((column) => `${sql.quote(column)} IS NOT NULL`).join(' AND ')}`,
    },
  ];
}

function retyped(
  { column: columnName, change }: Extract<Operation, { kind: 'alterColumn' }>,
  table: Table,
  { session, module }: Asking,
): Question[] {
  const column = columnOf(table, columnName);
  if (!change.type || !column) return [];
  const { quote } = session.sql;
  const condition = module.changes(quote(columnName), column, { ...column, ...change });
  return condition === null
    ? []
    : [
        {
          ...{ table: table.name, columns: table.primaryKey?.columns ?? [columnName] },
          problem: `values of ${table.name}.${columnName} would not be the same in its right type`,
          todo: 'look at these values, and put them right by hand',
          from: `${quote(table.name)} WHERE ${condition}`,
        },
      ];
}

/** A column that shall be computed and is not: what stands in it may be somebody's. */
function recomputed(columnName: string, table: Table, { session: { sql } }: Asking): Question[] {
  if (columnOf(table, columnName)?.generated || !columnOf(table, columnName)) return [];
  return [
    {
      ...{ table: table.name, columns: [columnName] },
      problem: `${table.name}.${columnName} holds values, which MLflow would compute`,
      todo: 'set them to NULL where they are not needed',
      from: `${sql.quote(table.name)} WHERE ${sql.quote(columnName)} IS NOT NULL`,
    },
  ];
}
