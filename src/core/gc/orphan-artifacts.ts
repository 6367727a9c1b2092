import { shown } from '../../artifacts/failure.js';
import { chunks } from './eligible-registered.js';
import type { Rules } from './eligible-rules.js';
import { idsInPlace } from './orphan-artifacts-ids.js';
import { hasItems, knownIds, rootsOf } from './orphan-artifacts-known.js';
import { candidatesIn, ListingFailed, missingHome } from './orphan-artifacts-list.js';
import { judge, look } from './orphan-artifacts-look.js';
import { type References, readReferences } from './orphan-artifacts-references.js';
import {
  type ArtifactRoot,
  type Candidate,
  type FoundOrphans,
  type OrphanArtifact,
  type OrphanSearch,
  orphanKey,
  type Unlisted,
} from './orphan-artifacts-types.js';
import { warningsOf } from './orphan-artifacts-warn.js';

/**
 * Looks below the locations of experiments for folders of runs, models and traces that this database does not know.
 * A place is listed first and its names looked up then: MLflow writes a run's row before its first file
 * (store/tracking/sqlalchemy_store.py: create_run), so that the row of whatever was listed is there to be found.
 * Of names a page for each location in hand is held; besides, what is found.
 *
 * @throws exit 130, 143
 */
export async function findOrphanArtifacts(search: OrphanSearch): Promise<FoundOrphans> {
  const { walk, artifacts, rules, planned, stop, listen } = search;
  const [unlisted, unknown]: [Unlisted[], Candidate[]] = [[], []];
  const known = new Map<string, number>();
  const references = await readReferences(walk, artifacts, () => stop.check());
  const only = planned ? new Set(planned.values()) : null;
  const listing = listingOf(search, references);
  for await (const page of rootsOf(walk, rules, only)) {
    const found = await artifacts.each(page, listing);
    stop.check();
    for (const one of found) {
      if (one === null) continue;
      if ('error' in one) throw one.error;
      if ('why' in one) unlisted.push(one);
      else {
        for (const candidate of one.unknown) if (isMeant(candidate, rules, planned)) unknown.push(candidate);
        if (one.unknown.length > 0) known.set(one.root, one.known);
      }
    }
  }
  const orphans: OrphanArtifact[] = [];
  for (const some of chunks(unknown)) {
    const looks = await artifacts.each(some, (one) => look(one, artifacts));
    stop.check();
    some.forEach((one, i) => {
      const orphan = judge(one, looks[i] as (typeof looks)[number], search, references);
      if (orphan) orphans.push(orphan);
    });
  }
  const found = { delete: search.delete, orphans, unlisted };
  for (const message of warningsOf(found, known)) listen({ event: 'warning', message });
  return found;
}

type Listed =
  | { readonly root: string; readonly unknown: readonly Candidate[]; readonly known: number }
  | Unlisted
  | { readonly error: unknown }
  | null;

/** Lists one location; null: it has none, it was listed as another experiment's, or a stop came. */
function listingOf({ walk, artifacts, missingGone, stop }: OrphanSearch, references: References) {
  const seen = new Set<string>();
  // One connection takes one statement at a time.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  return async (root: ArtifactRoot): Promise<Listed> => {
    const place = artifacts.placeOf(root.uri) ?? root.uri;
    if (root.uri === '' || stop.requested || seen.has(place)) return null;
    seen.add(place);
    const unlisted = (why: string, failed: boolean): Unlisted => ({
      ...{ experimentId: root.experimentId, place: shown(root.uri), why, failed },
    });
    try {
      const [inside] = await inTurn(() => knownIds(walk, idsInPlace(root.uri)));
      const holder = inside ?? references.holderOf(root.uri);
      if (holder !== null) return unlisted(`its location lies in the artifacts of ${holder}`, false);
      const missing = missingHome(root, artifacts);
      if (missing !== null && !missingGone && (await inTurn(() => hasItems(walk, root.experimentId))))
        return unlisted(`${missing} is not on this machine`, true);
      const unknown: Candidate[] = [];
      let known = 0;
      for await (const page of candidatesIn(root, artifacts)) {
        const there = await inTurn(() =>
          knownIds(
            walk,
            page.map(({ id }) => id),
          ),
        );
        const rest = page.filter(({ id }) => !there.has(id));
        known += page.length - rest.length;
        for (const one of rest) unknown.push(one);
        if (stop.requested) return null;
      }
      return { root: root.uri, unknown, known };
    } catch (error) {
      if (stop.requested) return null;
      return error instanceof ListingFailed ? unlisted(error.message, true) : { error };
    }
  };
}

/** Ids on the command line choose orphans as they choose items; a plan allows what it lists. */
function isMeant(candidate: Candidate, { ids }: Rules, planned: OrphanSearch['planned']): boolean {
  if (planned) return planned.has(orphanKey(candidate));
  if (Object.values(ids).every((list) => list === undefined)) return true;
  const { kind, id, experimentId } = candidate;
  const own = kind === 'trace' ? undefined : ids[kind];
  return (own?.includes(id) ?? false) || (ids.experiment?.includes(experimentId) ?? false);
}
