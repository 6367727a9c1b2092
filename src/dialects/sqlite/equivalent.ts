import { integer } from '../../schema/column-type.js';
import type { Equivalence } from '../../schema/equivalence.js';
import type { Column, Table } from '../../schema/table.js';
import { plainCondition } from '../alternatives.js';
import { isOwnCheck } from '../boolean-check.js';
import { withPlainIndexes } from '../plain-indexes.js';
import { bareSql } from '../same.js';
import { typeFacetOf } from '../type-facet.js';
import { traits } from './compile.js';
import { columnType } from './types.js';

/** The file keeps the words of whoever made a table; every SQLAlchemy had its own. */
const plain = (expression: string): string => plainCondition(bareSql(expression));

const sameExpression = (a: string, b: string): boolean => plain(a) === plain(b);
const isBoolean = (column: Column): boolean => columnType(column).toUpperCase() === 'BOOLEAN';

/** What counts as the same in SQLite. */
export const same: Equivalence = {
  typeFacet: (wanted, found) =>
    typeFacetOf(columnType(wanted), columnType(found)) ??
    (wanted.collation?.toLowerCase() === found.collation?.toLowerCase() ? null : 'collation'),
  sameDefault: (wanted, found) => traits.sameDefault(wanted.default, found),
  sameIdentity: () => true,
  sameGenerated: (wanted, found) => bareSql(wanted.expression) === bareSql(found.expression),
  asHere,
  sameExpression,
  sameTrigger: traits.sameTrigger,
  sameName: (a, b) => a.toLowerCase() === b.toLowerCase(),
  tolerates: (difference, tables) => isOwnCheck(difference, tables, isBoolean, sameExpression),
};

/** A key that counts by itself is an INTEGER here, and nothing else is said of it (https://www.sqlite.org/autoinc.html). */
function asHere(table: Table): Table {
  const columns = table.columns.map((column) =>
    column.identity ? { ...column, type: integer, identity: null } : column,
  );
  return { ...withPlainIndexes(table), columns };
}
