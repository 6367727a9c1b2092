import type { Orphan } from '../dialects/dialect.js';
import { blockedError } from '../errors.js';

const keyOf = (orphan: Orphan): string => JSON.stringify([orphan.refTable, orphan.key]);

/**
 * Compares the dangling rows before and after. A key that was missing before is an old wound, also where row work
 * copied a row that already pointed nowhere (MLflow copies it too); a newly missing key is a loss.
 *
 * @returns warnings about the old ones. @throws exit 10 on a new one, so that everything is rolled back.
 */
export function compareOrphans(before: readonly Orphan[], after: readonly Orphan[]): string[] {
  const known = new Set(before.map(keyOf));
  const fresh = after.filter((orphan) => !known.has(keyOf(orphan)));
  if (fresh.length > 0) {
    const [first] = fresh as [Orphan];
    throw blockedError(
      `the upgrade would leave ${fresh.length} foreign keys without a parent, the first in ${first.table} to ${first.refTable} (${first.key})`,
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
