import type { Column } from '../../schema/table.js';
import { type RepairModule, sessionLocked } from '../repair.js';
import { affinityOf } from './affinity.js';

/**
 * A declared type only says what becomes of values that come in: text that looks like a number becomes one, and the
 * other way round.
 */
function changes(name: string, from: Column, to: Column): string | null {
  const [old, now] = [affinityOf(from), affinityOf(to)];
  if (old === now || now === 'blob') return null;
  // Fifteen digits of a number are written down (https://www.sqlite.org/lang_expr.html#castexpr).
  if (now === 'text') return `(typeof(${name}) = 'real' AND CAST(CAST(${name} AS TEXT) AS REAL) <> ${name})`;
  const looksOtherwise = `(typeof(${name}) = 'text' AND CAST(CAST(${name} AS NUMERIC) AS TEXT) <> ${name})`;
  return now === 'real'
    ? `(${looksOtherwise} OR (typeof(${name}) = 'integer' AND ABS(${name}) > 9007199254740992))`
    : looksOtherwise;
}

export const repair: RepairModule = { changes, uniqueIgnoresNull: true, ...sessionLocked };
