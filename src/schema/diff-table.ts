import { isUniqueIndexOn } from './apply-table.js';
import type { Difference } from './diff.js';
import { diffColumn } from './diff-column.js';
import { diffIndexes } from './diff-index.js';
import type { Compared, Equivalence } from './equivalence.js';
import { oneSided, pairUp } from './pair-up.js';
import { beginsWith, type Check, type ForeignKey, type Schema, sameColumns } from './table.js';

/** The differences between two tables of one name, without what the dialect tolerates. */
export function diffTable(compared: Compared, same: Equivalence): Difference[] {
  const tables = { ...compared, wanted: same.asHere(compared.wanted) };
  const { wanted, found } = tables;
  if (wanted.opaque || found.opaque)
    return wanted.opaque === found.opaque
      ? []
      : [{ part: 'table', table: wanted.name, wanted, found, facet: 'unreadable' }];
  const differences = [
    ...diffColumns(tables, same),
    ...diffPrimaryKey(tables),
    ...diffUniques(tables),
    ...diffForeignKeys(tables),
    ...diffChecks(tables, same),
    ...diffIndexes(tables, same),
    ...diffTriggers(tables, same),
  ];
  return differences.filter((difference) => !same.tolerates(difference, tables));
}

function diffColumns(tables: Compared, same: Equivalence): Difference[] {
  const { wanted, found } = tables;
  const { pairs, missing, extra } = pairUp(wanted.columns, found.columns, (a, b) => a.name === b.name);
  return [
    ...pairs.flatMap(([column, other]) => diffColumn(column, other, tables, same)),
    ...oneSided('column', wanted.name, { missing, extra }),
  ];
}

/** The order of a key's columns is that of its index. */
function diffPrimaryKey({ wanted, found }: Compared): Difference[] {
  const [key, other] = [wanted.primaryKey, found.primaryKey];
  if (!key && !other) return [];
  if (key && other && sameColumns(key.columns, other.columns)) return [];
  const facet = key && other ? 'columns' : null;
  return [{ part: 'primaryKey', table: wanted.name, wanted: key, found: other, facet }];
}

/** A unique index serves as a unique constraint, and stands for it. */
function diffUniques({ wanted, found }: Compared): Difference[] {
  const { missing, extra } = pairUp(wanted.uniques, found.uniques, (a, b) =>
    sameColumns(a.columns, b.columns),
  );
  const serves = (columns: readonly string[]): boolean =>
    found.indexes.some((index) => isUniqueIndexOn(index, columns) && beginsWith(index, columns));
  return oneSided('unique', wanted.name, {
    missing: missing.filter(({ columns }) => !serves(columns)),
    extra: extra.filter(
      ({ columns }) =>
        !wanted.indexes.some((index) => index.unique && namesOf(index).join() === columns.join()),
    ),
  });
}

const namesOf = (index: { columns: readonly { name: string }[] }): string[] =>
  index.columns.map(({ name }) => name);

function diffForeignKeys({ wanted, found, wantedSchema, foundSchema }: Compared): Difference[] {
  const like = (a: ForeignKey, b: ForeignKey): boolean =>
    a.refTable === b.refTable && pairsOf(a, wantedSchema) === pairsOf(b, foundSchema);
  const alike = (a: ForeignKey, b: ForeignKey): boolean =>
    like(a, b) && a.onDelete === b.onDelete && a.onUpdate === b.onUpdate;
  const exact = pairUp(wanted.foreignKeys, found.foreignKeys, alike);
  const { pairs, missing, extra } = pairUp(exact.missing, exact.extra, like);
  return [
    ...pairs.map(
      ([key, other]): Difference => ({
        ...{ part: 'foreignKey', table: wanted.name, wanted: key, found: other, facet: 'actions' },
      }),
    ),
    ...oneSided('foreignKey', wanted.name, { missing, extra }),
  ];
}

/** Column → referenced column, in whatever order the key names them; without columns the primary key is meant. */
function pairsOf(key: ForeignKey, schema: Schema): string {
  const targets =
    key.refColumns.length > 0 ? key.refColumns : (schema.get(key.refTable)?.primaryKey?.columns ?? []);
  return key.columns
    .map((column, i) => `${column}\0${targets[i] ?? ''}`)
    .sort()
    .join('\0\0');
}

function diffChecks({ wanted, found }: Compared, same: Equivalence): Difference[] {
  const says = (a: Check, b: Check): boolean => same.sameExpression(a.expression, b.expression);
  const exact = pairUp(wanted.checks, found.checks, says);
  const named = (a: Check, b: Check): boolean => a.name !== null && a.name === b.name;
  const { pairs, missing, extra } = pairUp(exact.missing, exact.extra, named);
  return [
    ...pairs.map(
      ([check, other]): Difference => ({
        ...{ part: 'check', table: wanted.name, wanted: check, found: other, facet: 'expression' },
      }),
    ),
    ...oneSided('check', wanted.name, { missing, extra }),
  ];
}

function diffTriggers({ wanted, found }: Compared, same: Equivalence): Difference[] {
  const { pairs, missing, extra } = pairUp(wanted.triggers, found.triggers, (a, b) =>
    same.sameName(a.name, b.name),
  );
  return [
    ...pairs
      .filter(([trigger, other]) => !same.sameTrigger(other, trigger, wanted.name))
      .map(
        ([trigger, other]): Difference => ({
          ...{ part: 'trigger', table: wanted.name, wanted: trigger, found: other, facet: 'body' },
        }),
      ),
    ...oneSided('trigger', wanted.name, { missing, extra }),
  ];
}
