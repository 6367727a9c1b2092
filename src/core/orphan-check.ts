import type { Orphan } from '../dialects/dialect.js';
import { blockedError } from '../errors.js';

const keyOf = (refTable: string, values: readonly string[]): string => JSON.stringify([refTable, values]);

/** Every part of a list, the whole one too, in its order. */
function partsOf(values: readonly string[]): string[][] {
  const parts: string[][] = [[]];
  for (const value of values) parts.push(...parts.map((part) => [...part, value]));
  return parts;
}

/** A foreign key may have got a column (the workspace of 1b5f0d9ad7c1): what it missed before is a part of what it misses now. */
const isKnown = (known: ReadonlySet<string>, { refTable, values }: Orphan): boolean =>
  partsOf(values).some((part) => part.length > 0 && known.has(keyOf(refTable, part)));

/**
 * Compares the dangling rows before and after. A key that was missing before is an old wound, also where row work
 * copied a row that already pointed nowhere (MLflow copies it too); a newly missing key is a loss.
 *
 * @returns warnings about the old ones. @throws exit 10 on a new one, so that everything is rolled back.
 */
export function compareOrphans(before: readonly Orphan[], after: readonly Orphan[]): string[] {
  const known = new Set(before.map(({ refTable, values }) => keyOf(refTable, values)));
  const fresh = after.filter((orphan) => !isKnown(known, orphan));
  if (fresh.length > 0) {
    const [first] = fresh as [Orphan];
    throw blockedError(
      `the upgrade would leave ${fresh.length} foreign keys without a parent, the first in ${first.table} to ${first.refTable} (${first.values.join(', ')})`,
      'everything was rolled back; this should not happen, please report it',
    );
  }
  const counts = new Map<string, number>();
  for (const { table, refTable } of after) {
    const pair = `${table} → ${refTable}`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return [...counts].map(
    ([pair, count]) =>
      `${count} missing key${count > 1 ? 's' : ''} in ${pair}: such rows were there before and stay`,
  );
}
