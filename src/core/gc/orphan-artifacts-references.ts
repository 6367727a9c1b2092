import type { Artifacts } from './artifacts.js';
import type { Walk } from './delete-rows-walk.js';
import { idsInPlace } from './orphan-artifacts-ids.js';
import { type Reference, referencePages } from './orphan-artifacts-rows.js';
import type { Candidate } from './orphan-artifacts-types.js';

/** Places of other items that a folder is, holds, or lies in. */
export interface References {
  /** Who else needs the folder; null: nobody. */
  neederOf(candidate: Candidate): string | null;
  /** The item whose artifacts a location lies in: what is below it may be that item's; null: none. */
  holderOf(uri: string): string | null;
}

/**
 * Reads where every run, logged model, trace and registered version of this database has its artifacts, and keeps what
 * is not where MLflow puts it: `<location>/<own id>/artifacts` needs no keeping, its folder is known by its id.
 *
 * @param checkpoint called after each page; it throws to stop
 */
export async function readReferences(
  walk: Walk,
  artifacts: Artifacts,
  checkpoint: () => void,
): Promise<References> {
  /** By an id that is a part of the place of something else. */
  const named = new Map<string, string>();
  /** By place: what locations of experiments lie in. */
  const holders = new Map<string, string>();
  const note = ({ own, uri, label }: Reference): void => {
    const ids = idsInPlace(uri);
    for (const id of ids) if (id !== own && !named.has(id)) named.set(id, label);
    if (own !== null && ids.includes(own)) return;
    const place = placeOf(uri, artifacts);
    // Only what is above a folder is kept; what is in one names its id.
    if (place && holds(uri, artifacts)) holders.set(place, label);
  };
  for await (const page of referencePages(walk)) {
    page.forEach(note);
    checkpoint();
  }
  const above = (uri: string): string | null => {
    const place = placeOf(uri, artifacts);
    for (let now = place; now; now = parentOf(now)) {
      const holder = holders.get(now);
      if (holder !== undefined) return holder;
    }
    return null;
  };
  return {
    neederOf: ({ id, uri }) => named.get(id) ?? above(uri),
    holderOf: above,
  };
}

/** `models:/…` and `runs:/…` name an item, no place. */
const placeOf = (uri: string, artifacts: Artifacts): string | null =>
  /^(models|runs):/i.test(uri) ? null : artifacts.placeOf(uri);

/** Whether it is or holds an experiment's location, or the folder of models or traces in one. */
const holds = (uri: string, artifacts: Artifacts): boolean =>
  artifacts.survives(uri) || artifacts.survives(uri.replace(/\/+[^/]*\/*$/, ''));

/** null above the bucket or the root directory. */
function parentOf(place: string): string | null {
  const root = place.indexOf('/', place.indexOf('://') + 3);
  if (place.length <= root + 1) return null;
  const cut = place.lastIndexOf('/');
  return cut <= root ? place.slice(0, root + 1) : place.slice(0, cut);
}
