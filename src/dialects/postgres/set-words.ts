import type { SetWords } from '../../schema/set-words.js';
import { updateFromQuery } from '../update-rows.js';
import { quote } from './quote.js';

/**
 * How set-based row work speaks to PostgreSQL. Ranges in brackets go by code points, and text becomes a double by
 * strtod, which rounds to the nearest. `OFFSET 0` keeps a derived table from being merged into the query around it.
 */
export const setWords: SetWords = {
  text: (column) => `${column} COLLATE "C"`,
  isText: () => 'TRUE',
  isDouble: () => 'TRUE',
  isInteger: () => 'TRUE',
  only: (text, characters) => `${text} !~ '[^${characters}]'`,
  position: (part, text) => `STRPOS(${text}, ${part})`,
  concat: (...parts) => `(${parts.join(' || ')})`,
  backslash: 'CHR(92)',
  bigint: (expression) => `CAST(${expression} AS BIGINT)`,
  double: (integer) => `CAST(${integer} AS DOUBLE PRECISION)`,
  parse: (text) => `CAST(${text} AS DOUBLE PRECISION)`,
  same: (column, value, type) =>
    `${column}${type === 'text' ? ' COLLATE "C"' : ''} IS NOT DISTINCT FROM ${value}`,
  portions: false,
  fence: 'OFFSET 0',
  // Joined by its place, a row that somebody changes meanwhile is left alone.
  identity: () => ['ctid'],
  update: (table, identity, set, query) => updateFromQuery({ quote }, table, identity, set, query),
};
