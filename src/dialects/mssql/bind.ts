import type { BoundColumn } from '../../schema/row-work.js';

const casts: Readonly<Record<Exclude<BoundColumn['type'], 'text'>, string>> = {
  bigint: 'BIGINT',
  integer: 'INT',
  double: 'FLOAT',
  boolean: 'BIT',
};

/** A text is bound as NVARCHAR, which no character is lost in. */
export const bind = (type: BoundColumn['type']): string =>
  type === 'text' ? '?' : `CAST(? AS ${casts[type]})`;

/**
 * A key is compared as VARCHAR, which MLflow's keys are: against NVARCHAR the server would convert the column of
 * every row, and use no index. Outside ASCII the code pages of column and database may differ, so there it must.
 *
 * @param values what will be bound
 */
export function keyBinder(values: readonly unknown[]): typeof bind {
  const plain = values.every((value) => typeof value !== 'string' || /^[\x20-\x7e]*$/.test(value));
  return (type) => (type === 'text' && plain ? 'CAST(? AS VARCHAR(8000))' : bind(type));
}
