import type { Difference } from '../schema/diff.js';
import type { Compared } from '../schema/equivalence.js';
import type { Column } from '../schema/table.js';

/**
 * Whether a difference is an extra `CHECK (x IN (0, 1))` of a boolean column. SQLAlchemy before 1.4 gave every Boolean
 * one where the server has no such type (docs.sqlalchemy.org, "What's New in SQLAlchemy 1.4?": Enum and Boolean
 * datatypes no longer default to "create constraint"), so MLflow's old databases have them, some twice: 39d1c3be5f05
 * adds its own. It refuses nothing that MLflow writes.
 */
export const isOwnCheck = (
  difference: Difference,
  { wanted }: Compared,
  isBoolean: (column: Column) => boolean,
  sameExpression: (a: string, b: string) => boolean,
): boolean => {
  const check = difference.part === 'check' && difference.wanted === null ? difference.found : null;
  return (
    check !== null &&
    wanted.columns.some(
      (column) => isBoolean(column) && sameExpression(check.expression, `${column.name} IN (0, 1)`),
    )
  );
};
