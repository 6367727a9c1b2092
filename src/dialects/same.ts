import type { Column, Default } from '../schema/table.js';

/**
 * SQL text with all that servers change when they tell it again taken out: quotes of names, parentheses, white space,
 * the case of what is not a constant. Only for comparing; two different expressions of MLflow's never become one.
 */
export const bareSql = (sql: string): string =>
  sql
    .split(/('(?:[^']|'')*')/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/[`"()\s[\]]/g, '').toLowerCase()))
    .join('');

/** Whether a column has a default already, both in the words of `render`. */
export function sameDefaultAs(render: (value: Default) => string) {
  return (value: Default | null, column: Column): boolean =>
    value === null || column.default === null
      ? value === column.default
      : bareSql(render(value)) === bareSql(render(column.default));
}

/** The beginning of a statement for people: its constants may be anybody's secrets. */
export const withoutConstants = (sql: string): string =>
  sql
    .replace(/'(?:[^'\\]|''|\\.)*('|$)/g, "'…'")
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 100);
