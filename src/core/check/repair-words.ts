import type { Repair } from '../../dialects/check.js';
import type { Dialect } from '../../dialects/dialect.js';
import type { Operation } from '../../schema/operation.js';
import type { Schema } from '../../schema/table.js';

/** What a repair is worked out from. */
export interface Sides {
  readonly expected: Schema;
  readonly live: Schema;
  readonly dialect: Dialect;
}

export const by = (...operations: Operation[]): Repair => ({ kind: 'operations', operations });
export const unrepaired = (reason: string): Repair => ({ kind: 'none', reason });

/** Nothing that somebody added is ever dropped. */
export const yours = (what: string): Repair =>
  unrepaired(`MLflow never had this ${what}: it is yours, and mltrack drops nothing of yours`);
