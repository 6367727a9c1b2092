import { ExitCode, halfWay, MltrackError } from '../../errors.js';
import { chunks } from './eligible-registered.js';
import { knownIds, rootsNow } from './orphan-artifacts-known.js';
import { judge, look } from './orphan-artifacts-look.js';
import { readReferences } from './orphan-artifacts-references.js';
import {
  type FoundOrphans,
  goingOrphans,
  type OrphanArtifact,
  type OrphanSearch,
} from './orphan-artifacts-types.js';

/** How many are looked at once more, looked up and removed together: so long a folder may wait after its last look. */
const groupSize = 64;

/** What became of the orphans. */
export interface RemovedOrphans {
  readonly found: FoundOrphans;
  readonly gone: readonly OrphanArtifact[];
  readonly files: number;
  readonly bytes: number;
  readonly failed: readonly { readonly orphan: OrphanArtifact; readonly why: string }[];
  /** What stayed, with its reason in `keep`. */
  readonly kept: readonly OrphanArtifact[];
}

/**
 * Removes the folders that nothing speaks against. Each is looked at once more right before: its files first, then the
 * database, whose rows are written before files are.
 *
 * @throws exit 130, 143 after the requests in hand
 */
export async function removeOrphans(found: FoundOrphans, search: OrphanSearch): Promise<RemovedOrphans> {
  const going = goingOrphans(found);
  const removal = new Removal(found, going.length);
  if (going.length === 0) return removal;
  const { walk, artifacts, stop, listen } = search;
  const check = () => {
    stop.cannotUndo(removal.progress);
    stop.check();
  };
  try {
    // Read anew: a question may have been open for long.
    const references = await readReferences(walk, artifacts, check);
    for (const group of chunks(going, groupSize)) {
      check();
      const looks = await artifacts.each(group, (one) => look(one, artifacts));
      const known = await knownIds(
        walk,
        group.map(({ id }) => id),
      );
      const roots = await rootsNow(
        walk,
        group.map(({ experimentId }) => experimentId),
      );
      check();
      const still = group.flatMap((one, i) => {
        const seen = looks[i] as (typeof looks)[number];
        const again =
          known.has(one.id) || roots.get(one.experimentId) !== one.root
            ? { ...one, keep: 'its item or its experiment was changed since it was found' }
            : judge(one, seen, search, references);
        if (again?.keep === null) return [one];
        if (again) removal.keep(again);
        return [];
      });
      const removed = await artifacts.remove(still.map(({ id, uri }) => ({ owner: id, uri })));
      removed.forEach((one, i) => {
        const orphan = still[i] as OrphanArtifact;
        if (one.outcome === 'gone') removal.take(orphan, one);
        if (one.outcome === 'failed') removal.failed.push({ orphan, why: one.why });
      });
      check();
      const { gone } = removal;
      const step = `removing artifacts that belong to nothing: ${gone.length} of ${going.length} folders are gone`;
      listen({ event: 'progress', step, table: '', rows: null, share: gone.length / going.length });
    }
    return removal;
  } catch (error) {
    const stopped = stop.requested && error instanceof MltrackError;
    throw stopped || removal.gone.length === 0 ? error : halfWay(error, removal.progress);
  }
}

class Removal implements RemovedOrphans {
  readonly gone: OrphanArtifact[] = [];
  readonly failed: { orphan: OrphanArtifact; why: string }[] = [];
  readonly kept: OrphanArtifact[];
  files = 0;
  bytes = 0;

  constructor(
    readonly found: FoundOrphans,
    private readonly total: number,
  ) {
    this.kept = found.orphans.filter(({ keep }) => keep !== null);
  }

  get progress(): string {
    return `${this.gone.length} of ${this.total} folders that belong to nothing are gone, and no item; the next run takes the rest`;
  }

  keep(orphan: OrphanArtifact): void {
    this.kept.push(orphan);
  }

  take(orphan: OrphanArtifact, { files, bytes }: { readonly files: number; readonly bytes: number }): void {
    this.gone.push(orphan);
    this.files += files;
    this.bytes += bytes;
  }
}

/** @throws exit 8 where folders could not be removed, or read, though they were to go */
export function refuseLeftOrphans(removed: RemovedOrphans | null): void {
  if (!removed?.found.delete) return;
  const reasons = [
    ...removed.failed.map(({ why }) => why),
    ...removed.kept.filter(({ unread }) => unread).map(({ keep }) => keep),
    ...removed.found.unlisted.filter(({ failed }) => failed).map(({ why }) => why),
  ];
  if (reasons.length === 0) return;
  const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more)` : '';
  throw new MltrackError(
    ExitCode.partial,
    `not all artifacts that belong to nothing could be read or removed: ${reasons[0]}${more}; folders that are gone: ${removed.gone.length}`,
    { hints: ['run the same command again when that is mended'] },
  );
}
