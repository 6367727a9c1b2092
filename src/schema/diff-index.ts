import type { Difference, Facet } from './diff.js';
import type { Compared, Equivalence } from './equivalence.js';
import { oneSided, pairUp } from './pair-up.js';
import { beginsWith, type Index, sameColumns, type Table } from './table.js';

/**
 * Indexes are known by their names, because later revisions drop them by name. One that a server makes by itself for
 * a foreign key may have any name, and any index that begins with its columns serves for it.
 */
export function diffIndexes({ wanted, found }: Compared, same: Equivalence): Difference[] {
  const made = wanted.indexes.filter((index) => !index.implicit);
  const named = pairUp(made, found.indexes, (a, b) => same.sameName(a.name, b.name));
  const twins = pairUp(named.missing, named.extra, (a, b) => facetsOf(a, b, same).length === 0);
  const implicit = wanted.indexes.filter((index) => index.implicit);
  const served = pairUp(implicit, twins.extra, (a, b) => same.sameName(a.name, b.name));
  const unserved = served.missing.filter(
    (index) => !found.indexes.some((other) => covers(other, index)) && !keyCovers(found, index),
  );
  const spare = served.extra.filter(
    (index) => index.unique || !implicit.some((other) => covers(index, other) && covers(other, index)),
  );
  const change = (index: Index, other: Index, facet: Facet): Difference => ({
    ...{ part: 'index', table: wanted.name, wanted: index, found: other, facet },
  });
  return [
    ...named.pairs.flatMap(([index, other]) =>
      facetsOf(index, other, same).map((facet) => change(index, other, facet)),
    ),
    // A longer index serves the key as well.
    ...served.pairs.flatMap(([index, other]) =>
      facetsOf(index, other, same)
        .filter((facet) => facet !== 'columns' || !covers(other, index))
        .map((facet) => change(index, other, facet)),
    ),
    ...twins.pairs
      .filter(([index]) => !index.unique || !isConstraint(wanted, index))
      .map(([index, other]) => change(index, other, 'name')),
    ...oneSided('index', wanted.name, {
      missing: [...twins.missing.filter((index) => !constraintServes(found, index)), ...unserved],
      extra: spare.filter((index) => !servesConstraint(wanted, index)),
    }),
  ];
}

/** In which facets two indexes differ, whatever their names. */
function facetsOf(wanted: Index, found: Index, same: Equivalence): Facet[] {
  const facets: Facet[] = [];
  const parts = (index: Index) =>
    index.columns.map(({ name, desc, length }) => `${name}\0${desc}\0${length ?? ''}`);
  if (!sameColumns(parts(wanted), parts(found))) facets.push('columns');
  if (wanted.unique !== found.unique) facets.push('unique');
  if (!sameColumns([...wanted.include].sort(), [...found.include].sort())) facets.push('include');
  const [where, other] = [wanted.where, found.where];
  if (where === null || other === null ? where !== other : !same.sameExpression(where, other))
    facets.push('where');
  return facets;
}

const names = (index: Index): string[] => index.columns.map(({ name }) => name);

/** Whether an index begins with the whole columns of another, turned the same way. */
const covers = (index: Index, other: Index): boolean =>
  beginsWith(index, names(other)) && other.columns.every(({ desc }, i) => index.columns[i]?.desc === desc);

const keyCovers = (table: Table, index: Index): boolean =>
  sameColumns((table.primaryKey?.columns ?? []).slice(0, index.columns.length), names(index));

/** Where a unique constraint is an index its name means nothing: MLflow's revisions find it by its columns. */
const isConstraint = (table: Table, index: Index): boolean =>
  index.unique && table.uniques.some(({ columns }) => sameColumns(columns, names(index)));

/** A unique constraint on exactly these columns does what a unique index would. */
const constraintServes = (table: Table, index: Index): boolean =>
  index.unique && index.where === null && isConstraint(table, index);

/** The unique index stands for a wanted constraint (diffUniques). */
const servesConstraint = (wanted: Table, index: Index): boolean =>
  index.unique && index.where === null && isConstraint(wanted, index);
