import { sameColumns, type Table } from '../../schema/table.js';

/** NAMEDATALEN - 1 (src/include/pg_config_manual.h). */
const longestName = 63;

/**
 * What PostgreSQL does by itself: it names unnamed constraints, and a UNIQUE that repeats the primary key in the same
 * CREATE TABLE makes nothing (src/backend/parser/parse_utilcmd.c, transformIndexConstraints).
 */
export function settle(table: Table): Table {
  const key = table.primaryKey?.columns ?? [];
  const uniques = table.uniques.filter((unique) => unique.name !== null || !sameColumns(unique.columns, key));
  const unnamed = [...uniques, ...table.foreignKeys, ...table.checks].some((part) => part.name === null);
  if (!unnamed && uniques.length === table.uniques.length) return table;
  return {
    ...table,
    uniques: uniques.map((unique) => ({
      ...unique,
      name: unique.name ?? objectName(table.name, unique.columns, 'key'),
    })),
    foreignKeys: table.foreignKeys.map((foreignKey) => ({
      ...foreignKey,
      name: foreignKey.name ?? objectName(table.name, foreignKey.columns, 'fkey'),
    })),
    checks: table.checks.map((check) => ({
      ...check,
      name: check.name ?? objectName(table.name, [columnIn(check.expression)], 'check'),
    })),
  };
}

/** makeObjectName(): table, columns, label; the longer of the first two gives way when the name is too long. */
function objectName(table: string, columns: readonly string[], label: string): string {
  let [first, second] = [table, columns.join('_')];
  const room = longestName - label.length - 2;
  while (first.length + second.length > room) {
    if (first.length > second.length) first = first.slice(0, -1);
    else second = second.slice(0, -1);
  }
  return `${first}_${second}_${label}`;
}

/** A check on one column is named after it; every unnamed check of MLflow's begins with its column. */
const columnIn = (expression: string): string => /^\W*(\w+)/.exec(expression)?.[1] ?? '';
