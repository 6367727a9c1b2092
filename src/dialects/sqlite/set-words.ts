import type { SetWords } from '../../schema/set-words.js';
import { updateFromQuery } from '../update-rows.js';
import { quote } from './quote.js';

/**
 * How set-based row work speaks to SQLite. A text may hold U+0000, at which GLOB and LENGTH stop, and bytes that are
 * no UTF-8: where it has as many characters as bytes it has neither. Its own conversion of text to double differs
 * between releases and is not always the nearest (https://www.sqlite.org/floatingpoint.html).
 */
export const setWords: SetWords = {
  text: (column) => column,
  isText: (expression) => `TYPEOF(${expression}) = 'text'`,
  isDouble: (expression) => `TYPEOF(${expression}) = 'real'`,
  isInteger: (expression) => `TYPEOF(${expression}) = 'integer'`,
  only: (text, characters) =>
    `(${text} NOT GLOB '*[^${characters}]*' AND LENGTH(${text}) = LENGTH(CAST(${text} AS BLOB)))`,
  position: (part, text) => `INSTR(${text}, ${part})`,
  concat: (...parts) => `(${parts.join(' || ')})`,
  backslash: 'CHAR(92)',
  bigint: (expression) => `CAST(${expression} AS INTEGER)`,
  double: (integer) => `CAST(${integer} AS REAL)`,
  parse: null,
  same: (column, value) => `${column} IS ${value}`,
  portions: false,
  fence: 'LIMIT -1',
  identity: () => ['rowid'],
  update: (table, identity, set, query) => updateFromQuery({ quote }, table, identity, set, query),
};
