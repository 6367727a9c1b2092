import type { Equivalence } from '../../schema/equivalence.js';
import type { Column } from '../../schema/table.js';
import { isOwnCheck } from '../boolean-check.js';
import { withPlainIndexes } from '../plain-indexes.js';
import { bareSql } from '../same.js';
import { typeFacetOf } from '../type-facet.js';
import { traits } from './compile.js';
import { collationOf, typeText } from './types.js';

const isBoolean = (column: Column): boolean => typeText(column.type).toLowerCase() === 'bit';

/** What counts as the same in SQL Server. */
export const same: Equivalence = {
  typeFacet: (wanted, found) =>
    typeFacetOf(typeText(wanted.type), typeText(found.type)) ??
    (collationOf(wanted)?.toLowerCase() === collationOf(found)?.toLowerCase() ? null : 'collation'),
  sameDefault: (wanted, found) => traits.sameDefault(wanted.default, found),
  sameIdentity: (wanted, found) => (wanted.identity === null) === (found.identity === null),
  sameGenerated: (wanted, found) => bareSql(wanted.expression) === bareSql(found.expression),
  asHere: withPlainIndexes,
  sameExpression: traits.sameExpression,
  sameTrigger: traits.sameTrigger,
  // The catalog's own collation decides; MLflow's names never differ in case alone.
  sameName: (a, b) => a.toLowerCase() === b.toLowerCase(),
  tolerates: (difference, tables) => isOwnCheck(difference, tables, isBoolean, traits.sameExpression),
};
