import { type FoundOrphans, goingOrphans } from './orphan-artifacts-types.js';

/** How many locations are warned of one by one; `--json` and `--plan` list all. */
const mostWarned = 5;
/** From so many on in one place, another database is the likelier explanation. */
const suspicious = 10;

/**
 * What an operator should know before anything goes.
 *
 * @param known by location: how many folders there are items' of this database
 */
export function warningsOf(found: FoundOrphans, known: ReadonlyMap<string, number>): string[] {
  const going = new Map<string, number>();
  for (const { root } of goingOrphans(found)) going.set(root, (going.get(root) ?? 0) + 1);
  const shared = [...going].filter(([root, n]) => n >= suspicious && n > (known.get(root) ?? 0));
  return [
    ...some(
      found.unlisted,
      ({ experimentId, why }) => `no orphans found in experiment ${experimentId}: ${why}`,
    ),
    ...some(
      shared.map(([root, n]) => ({ root, n })),
      ({ root, n }) => {
        const place = found.orphans.find((one) => one.root === root)?.place.replace(/\/+[^/]+\/*$/, '');
        return `${place}: ${n} folders belong to nothing in this database, and ${known.get(root) ?? 0} to it: does another database keep its runs there too?`;
      },
    ),
  ];
}

function some<T>(list: readonly T[], words: (one: T) => string): string[] {
  const lines = list.slice(0, mostWarned).map(words);
  return list.length > mostWarned ? [...lines, `… and ${list.length - mostWarned} more such places`] : lines;
}
