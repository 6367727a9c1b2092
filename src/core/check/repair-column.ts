import type { Repair } from '../../dialects/check.js';
import { mentions } from '../../schema/apply-table.js';
import type { DifferenceIn, Facet } from '../../schema/diff.js';
import {
  addColumn,
  alterExactly,
  type ColumnChange,
  createIndex,
  dropColumn,
  dropIndex,
  type Operation,
  replacePrimaryKey,
} from '../../schema/operation.js';
import {
  type Column,
  columnOf,
  type ForeignKey,
  foreignKeysOn,
  needsValue,
  type Table,
} from '../../schema/table.js';
import { putOn, takeOff, wantedLike } from './repair-foreign-key.js';
import { by, type Sides, unrepaired, yours } from './repair-words.js';

/** A column that is missing, or that differs in one facet. */
export function repairColumn(difference: DifferenceIn<'column'>, sides: Sides): Repair {
  const { table, wanted, found, facet } = difference;
  if (!wanted) return found ? repairExtra(table, found, sides) : unrepaired('there is nothing to repair');
  if (!found) return by(addColumn(table, wanted), ...keyOf(table, wanted, sides));
  if (facet === 'generated') return repairGenerated(table, wanted, found, sides);
  return repairFacet(table, wanted, facet, sides);
}

/** A column of the user's that MLflow's inserts know nothing about must not ask for a value. */
function repairExtra(table: string, found: Column, { live }: Sides): Repair {
  if (!needsValue(found)) return yours('column');
  if (live.get(table)?.primaryKey?.columns.includes(found.name))
    return unrepaired(
      'it is a part of the primary key: when the key is as MLflow has it, run the repair again, which lets the column be NULL',
    );
  return by(alterExactly(table, found.name, { nullable: true }));
}

const changes: Partial<Readonly<Record<Facet, (wanted: Column) => ColumnChange>>> = {
  // A default in the words of the old type would stand in the way.
  type: ({ type, collation, default: value }) => ({ type, collation, default: value }),
  length: ({ type, collation }) => ({ type, collation }),
  collation: ({ type, collation }) => ({ type, collation }),
  nullable: ({ nullable }) => ({ nullable }),
  default: ({ default: value }) => ({ default: value }),
  identity: ({ identity, default: value }) => ({ identity, default: value }),
};

/** A column that counts by itself has to be a key at once on some servers. */
function keyOf(table: string, wanted: Column, { expected, live }: Sides): Operation[] {
  const [key, found] = [expected.get(table)?.primaryKey, live.get(table)?.primaryKey];
  return wanted.identity && key?.columns.includes(wanted.name) && !found
    ? [replacePrimaryKey(table, key.name ?? `${table}_pk`, key.columns)]
    : [];
}

function repairFacet(table: string, wanted: Column, facet: Facet | null, sides: Sides): Repair {
  const change = facet && changes[facet]?.(wanted);
  if (!change) return unrepaired('mltrack has no repair for it');
  const found = columnOf(sides.live.get(table) as Table, wanted.name);
  // A column that counts by itself says so in its default on some servers, and keeps it.
  const { default: value, ...rest } = change;
  const counts = facet !== 'identity' && (found?.identity || wanted.identity);
  const alter = alterExactly(table, wanted.name, counts || value === undefined ? rest : change);
  const around = facet === 'type' ? computedFrom(table, wanted.name, sides) : { off: [], on: [] };
  if ('reason' in around) return unrepaired(around.reason);
  const steps = [
    ...around.off,
    alter,
    ...(facet === 'identity' ? keyOf(table, wanted, sides) : []),
    ...around.on,
  ];
  const isHeld =
    sides.dialect.foreignKeysHold.includes(facet as Facet) && !(facet === 'nullable' && wanted.nullable);
  return isHeld ? withoutKeys(table, wanted.name, steps, sides) : by(...steps);
}

/** Takes the foreign keys on a column off while it changes; those of the user's stay, and so does the column then. */
function withoutKeys(table: string, column: string, steps: readonly Operation[], sides: Sides): Repair {
  const held = foreignKeysOn(sides.live, table, (name) => name === column);
  const stranger = held.find(({ owner, key }) => !wantedLike(sides.expected, owner, key));
  if (stranger)
    return unrepaired(
      `foreign key ${stranger.key.name ?? ''} of ${stranger.owner}, which is yours, holds the column: drop it, repair, create it again`,
    );
  return by(
    ...held.map(({ owner, key }) => takeOff(owner, key)),
    ...steps,
    ...held.flatMap(({ owner, key }) =>
      putOn(owner, wantedLike(sides.expected, owner, key) as ForeignKey, sides),
    ),
  );
}

/** What is computed can be computed again; what stands on it goes and comes back with it. */
function repairGenerated(table: string, wanted: Column, found: Column, { expected, live }: Sides): Repair {
  if (!wanted.generated)
    return found.generated?.stored
      ? by(alterExactly(table, wanted.name, { generated: null }))
      : unrepaired(
          'its values are computed when they are read and stand nowhere: add the column anew by hand',
        );
  const around = takenApart(table, wanted, { expected, live });
  return 'reason' in around ? unrepaired(around.reason) : by(...around.off, ...around.on);
}

type Around = { readonly off: Operation[]; readonly on: Operation[] } | { readonly reason: string };

/** A computed column is taken off and made again, as MLflow has it, with the indexes on it. */
function takenApart(table: string, wanted: Column, { expected, live }: Omit<Sides, 'dialect'>): Around {
  const found = live.get(table) as Table;
  const indexes = found.indexes.filter((index) =>
    [...index.columns.map(({ name }) => name), ...index.include, index.where ?? ''].some((text) =>
      mentions(text, wanted.name),
    ),
  );
  const opaque = indexes.find(
    (index) => index.where !== null || index.columns.some(({ name }) => !columnOf(found, name)),
  );
  if (opaque)
    return { reason: `index ${opaque.name} uses it in an expression: drop it, repair, create it again` };
  const again = (name: string) => expected.get(table)?.indexes.find((index) => index.name === name);
  return {
    off: [...indexes.map(({ name }) => dropIndex(table, name)), dropColumn(table, wanted.name)],
    on: [addColumn(table, wanted), ...indexes.map((index) => createIndex(table, again(index.name) ?? index))],
  };
}

/** Columns that are computed from one whose type changes: some servers hold that one for them. */
function computedFrom(table: string, column: string, { expected, live }: Sides): Around {
  const [off, on]: [Operation[], Operation[]] = [[], []];
  for (const { name, generated } of live.get(table)?.columns ?? []) {
    if (!generated || !mentions(generated.expression, column)) continue;
    const wanted = columnOf(expected.get(table) as Table, name);
    if (!wanted?.generated)
      return {
        reason: `column ${name}, which is yours, is computed from it: drop that column, repair, add it again`,
      };
    const around = takenApart(table, wanted, { expected, live });
    if ('reason' in around) return around;
    off.push(...around.off);
    on.push(...around.on);
  }
  return { off, on };
}
