import type { Connection } from 'mysql2';

type TypeCast = Exclude<NonNullable<Connection['config']['typeCast']>, boolean>;

/** mysql2 reads doubles of 16 digits that are no more than 17 characters by sums that round: 9.419790753309761. */
export const exactDoubles: TypeCast = (field, next) => {
  if (field.type !== 'DOUBLE') return next();
  const text = field.string();
  return text === null ? null : Number(text);
};
