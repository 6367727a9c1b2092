import { describe, expect, it } from 'vitest';
import { inverseOf } from '../src/core/inverse.js';
import { foldedAt } from '../src/core/left-over.js';
import { loadChain } from '../src/core/revisions.js';
import { dialectNames, loadDialect } from '../src/dialects/index.js';
import { applyAll } from '../src/schema/apply.js';
import type { Schema, Table } from '../src/schema/table.js';
import type { Traits } from '../src/schema/traits.js';

const chain = await loadChain();

/** A schema in words that can be compared; types by what the dialect takes for the same. */
const tell = (schema: Schema, like: Schema, traits: Traits): unknown =>
  [...schema.values()]
    .map((table) => [table.name, tellTable(table, like.get(table.name), traits)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

function tellTable(table: Table, like: Table | undefined, traits: Traits): unknown {
  const sorted = (parts: readonly unknown[]) => parts.map((part) => JSON.stringify(part)).sort();
  return {
    columns: table.columns.map((column, i) => {
      const wanted = like?.columns[i];
      const same = wanted && traits.sameType(wanted.type, column);
      return { ...column, type: same ? 'as it should be' : column.type, collation: null };
    }),
    primaryKey: table.primaryKey?.columns,
    uniques: sorted(table.uniques),
    foreignKeys: sorted(table.foreignKeys),
    checks: sorted(table.checks),
    indexes: sorted(table.indexes),
    triggers: sorted(table.triggers),
  };
}

describe.each(dialectNames)('%s: the way down ends where the way up began', async (name) => {
  const dialect = await loadDialect(name);
  const folded = foldedAt(dialect, chain, chain.revisions.length - 1);

  it.each(chain.revisions.slice(1).map(({ revision }, i) => [revision as string, i + 1] as const))(
    '%s',
    (_revision, ordinal) => {
      const below = folded[ordinal - 1] as Schema;
      const revision = chain.revisions[ordinal] as (typeof chain.revisions)[number];
      const { operations, above, stuck } = inverseOf(revision, below, dialect);
      expect(stuck).toEqual([]);
      const back = applyAll(above, operations, dialect.traits);
      expect(tell(back, below, dialect.traits)).toEqual(tell(below, below, dialect.traits));
      const changes = back !== above;
      expect(dialect.compile(operations, above).length > 0).toBe(changes);
    },
  );
});
