import type { Difference, Facet } from './diff.js';
import type { Compared, Equivalence } from './equivalence.js';
import type { Column } from './table.js';

/** One difference for each facet in which a column differs. */
export function diffColumn(wanted: Column, found: Column, tables: Compared, same: Equivalence): Difference[] {
  const facets: Facet[] = [];
  const type = same.typeFacet(wanted, found, tables);
  if (type) facets.push(type);
  if (wanted.nullable !== found.nullable) facets.push('nullable');
  if (!sameGenerated(wanted, found, same)) facets.push('generated');
  else if (!same.sameIdentity(wanted, found, tables)) facets.push('identity');
  else if (!(counts(wanted) && counts(found)) && !same.sameDefault(wanted, found)) facets.push('default');
  return facets.map((facet) => ({ part: 'column', table: tables.wanted.name, wanted, found, facet }));
}

function sameGenerated(wanted: Column, found: Column, same: Equivalence): boolean {
  if (!wanted.generated || !found.generated) return wanted.generated === found.generated;
  return (
    wanted.generated.stored === found.generated.stored &&
    same.sameGenerated(wanted.generated, found.generated)
  );
}

/** A server may tell that a column counts by itself in its default. */
export const counts = (column: Column): boolean =>
  column.identity !== null || (column.default?.kind === 'native' && /^nextval\(/.test(column.default.sql));
