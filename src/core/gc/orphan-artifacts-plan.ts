import type { FoundOrphans, OrphanArtifact, PlannedOrphans, Unlisted } from './orphan-artifacts-types.js';
import { goingOrphans, orphanKey } from './orphan-artifacts-types.js';

const kinds: readonly unknown[] = ['run', 'model'];

/** What was found, as a plan and `--json` list it. Places are for people and to tell one from another: they are read anew. */
export const orphansJson = (found: FoundOrphans) => {
  const going = new Set(goingOrphans(found));
  return {
    delete: found.delete,
    found: found.orphans.map((one) => ({ ...orphanJson(one), goes: going.has(one), reason: one.keep })),
    unlisted: found.unlisted.map(unlistedJson),
  };
};

export const orphanJson = ({ kind, id, experimentId, place, files, bytes, newest }: OrphanArtifact) => ({
  ...{ kind, id, experimentId, place, files, bytes, newest },
});

export const unlistedJson = ({ experimentId, place, why }: Unlisted) => ({
  experimentId,
  place,
  reason: why,
});

/**
 * What a plan file allows; null: it removes none.
 *
 * @param bad what to throw for a file that is damaged
 */
export function plannedOrphans(value: unknown, bad: (what: string) => Error): PlannedOrphans | null {
  if (value === undefined || value === null) return null;
  const { delete: allowed, found } = value as Record<string, unknown>;
  if (typeof allowed !== 'boolean' || !Array.isArray(found)) throw bad('its orphan artifacts are no list');
  if (!allowed) return null;
  const planned = new Map<string, string>();
  for (const one of found as Partial<Record<string, unknown>>[]) {
    const { kind, id, place, experimentId, newest, goes } = one ?? {};
    if (goes !== true) continue;
    const texts = [id, place, experimentId].every((text) => typeof text === 'string');
    if (!kinds.includes(kind) || !texts || typeof newest !== 'number')
      throw bad('an orphan lacks its kind, id, place, experiment or time');
    planned.set(orphanKey(one as never), experimentId as string);
  }
  return planned;
}
