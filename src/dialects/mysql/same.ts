import type { Column, Default, Trigger } from '../../schema/table.js';
import { bareSql } from '../same.js';
import { renderTrigger } from './render.js';

/** Servers tell a default with or without its quotes, and none as NULL. */
export function sameDefault(value: Default | null, column: Column): boolean {
  return defaultText(value) === defaultText(column.default);
}

function defaultText(value: Default | null): string | null {
  if (value === null) return null;
  if (value.kind === 'literal') return value.value;
  if (value.kind === 'boolean') return value.value ? '1' : '0';
  if (value.sql.toUpperCase() === 'NULL') return null;
  return /^'.*'$/s.test(value.sql) ? value.sql.slice(1, -1).replaceAll("''", "'") : value.sql;
}

/** MySQL tells a constant with its character set and escaped quotes: `_utf8mb4\'active\'`. */
export const plainSql = (expression: string): string =>
  bareSql(expression.replaceAll("\\'", "'").replace(/_\w+(?=')/g, ''));

export const sameExpression = (a: string, b: string): boolean => plainSql(a) === plainSql(b);

export const sameTrigger = (found: Trigger, wanted: Trigger, table: string): boolean =>
  bareSql(renderTrigger(table, found)) === bareSql(renderTrigger(table, wanted));
