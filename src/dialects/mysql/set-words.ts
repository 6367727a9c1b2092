import type { SetWords } from '../../schema/set-words.js';
import { quote } from './quote.js';

/**
 * How set-based row work speaks to MySQL (8.0 and later) and MariaDB. No constant has a backslash or a double
 * quote for a delimiter, so that no sql_mode changes its meaning. Text becomes a double by David Gay's strtod, which
 * rounds to the nearest; `+ 0e0` because CAST knows no DOUBLE before 8.0.17.
 */
export const setWords: SetWords = {
  text: (column) => `CONVERT(${column} USING utf8mb4) COLLATE utf8mb4_bin`,
  isText: () => 'TRUE',
  isDouble: () => 'TRUE',
  isInteger: () => 'TRUE',
  only: (text, characters) => `${text} NOT REGEXP '[^${characters}]'`,
  position: (part, text) => `INSTR(${text}, ${part})`,
  concat: (...parts) => `CONCAT(${parts.join(', ')})`,
  backslash: 'CHAR(92 USING utf8mb4)',
  bigint: (expression) => `CAST(${expression} AS SIGNED)`,
  double: (integer) => `(${integer} + 0e0)`,
  parse: (text) => `(${text} + 0e0)`,
  same: (column, value, type) =>
    type === 'text'
      ? `CAST(CONVERT(${column} USING utf8mb4) AS BINARY) <=> CAST(CONVERT(${value} USING utf8mb4) AS BINARY)`
      : `${column} <=> ${value}`,
  portions: true,
  fence: 'LIMIT 18446744073709551615',
  identity: (key) => key,
  update: (table, identity, set, query) => {
    const match = identity.map((column) => `t.${quote(column)} = found.${column}_of`).join(' AND ');
    const values = set.map((column) => `t.${quote(column)} = found.new_${column}`).join(', ');
    return `UPDATE (${query}) AS found STRAIGHT_JOIN ${quote(table)} AS t ON ${match} SET ${values}`;
  },
};
