import { blockedError, usageError } from '../errors.js';
import type { Releases } from './releases.js';
import type { Chain } from './revisions.js';
import { named } from './target.js';

/**
 * The ordinal that `--to` of a downgrade names, seen from `current`: a revision or its beginning, an MLflow version
 * (its head), or `-N` revisions back.
 *
 * @param from where `-N` counts from: one further than `current` while the revision after it is undone only in part
 * @throws exit 2 when it is unknown, ambiguous or ahead of the database; exit 10 below the first revision
 */
export function resolveBack(
  text: string,
  current: number,
  chain: Chain,
  releases: Releases,
  from = current,
): number {
  const target = find(text.trim().toLowerCase(), from, chain, releases);
  if (target > current)
    throw usageError(
      `--to ${text} is revision ${chain.revisions[target]?.revision}, which is ahead of the database (${chain.revisions[current]?.revision})`,
      'a downgrade only goes back; to go forward: mltrack db upgrade',
    );
  if (target < 1)
    throw blockedError(
      `--to ${text} is before ${chain.revisions[1]?.revision}, the first revision, which has nothing before it that a stamp could name`,
      'restore a backup of that time; nothing was changed',
    );
  return target;
}

function find(text: string, current: number, chain: Chain, releases: Releases): number {
  const steps = /^-(\d+)$/.exec(text)?.[1];
  if (steps !== undefined && Number(steps) > 0) return current - Number(steps);
  if (text === 'base') return 0;
  return named(text, chain, releases, '--to 2d6e25af4d3e, --to 2d6e, --to 3.16, --to -1');
}
