import type { Repair } from '../../dialects/check.js';
import type { DifferenceIn } from '../../schema/diff.js';
import { addForeignKey, createIndex, dropForeignKey, type Operation } from '../../schema/operation.js';
import { beginsWith, type ForeignKey, type Index, type Schema, sameColumns } from '../../schema/table.js';
import { by, type Sides, yours } from './repair-words.js';

/** A foreign key of MLflow's that is missing, or does something else when its parent goes. */
export function repairForeignKey({ table, wanted, found }: DifferenceIn<'foreignKey'>, sides: Sides): Repair {
  if (!wanted) return yours('foreign key');
  const keys = sides.live.get(table)?.foreignKeys ?? [];
  const namesake = keys.find(({ name }) => name !== null && name === wanted.name);
  const gone = found ?? (namesake && !isOf(sides.expected, table, namesake) ? namesake : null);
  return by(...(gone ? [takeOff(table, gone)] : []), ...putOn(table, wanted, sides));
}

/** Whether MLflow has a foreign key from these columns to that table. */
export const isOf = (schema: Schema, table: string, key: ForeignKey): boolean =>
  wantedLike(schema, table, key) !== undefined;

/** MLflow's foreign key from the same columns to the same table. */
export const wantedLike = (schema: Schema, table: string, key: ForeignKey): ForeignKey | undefined =>
  schema
    .get(table)
    ?.foreignKeys.find((other) => other.refTable === key.refTable && sameColumns(other.columns, key.columns));

export const takeOff = (table: string, { name, refTable, columns }: ForeignKey): Operation =>
  dropForeignKey(table, refTable, { columns, ...(name === null ? {} : { name }) });

/**
 * A server that makes an index for a foreign key would call it after a key with a given name; so the index comes
 * first where none serves, under the name it had.
 */
export function putOn(table: string, key: ForeignKey, { expected, live }: Sides): Operation[] {
  const own = expected.get(table)?.indexes.find((index) => index.implicit && beginsWith(index, key.columns));
  const served = live.get(table)?.indexes.some((index) => beginsWith(index, key.columns));
  const { implicit: _made, ...index } = own ?? ({} as Index);
  return [
    ...(own && !served ? [createIndex(table, index)] : []),
    addForeignKey(table, { ...key, pinned: true }),
  ];
}
