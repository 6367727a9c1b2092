import { findOrphanArtifacts } from '../core/gc/orphan-artifacts.js';
import { type RemovedOrphans, removeOrphans } from '../core/gc/orphan-artifacts-remove.js';
import { type FoundOrphans, goingOrphans, type OrphanSearch } from '../core/gc/orphan-artifacts-types.js';
import type { ReadPlan } from '../core/gc/plan-file.js';
import { usageError } from '../errors.js';
import type { GcWords } from './gc-options.js';

/** What is done with artifacts that belong to nothing; null: none are looked for. */
export type OrphanMode = 'report' | 'delete' | null;

/** @throws exit 2 */
export function orphanModeOf(options: GcWords, file: ReadPlan | null): OrphanMode {
  const { orphanArtifacts, deleteOrphanArtifacts, olderThan, keepArtifacts } = options;
  if (file) return file.orphanArtifacts && !keepArtifacts && !file.choices.keepArtifacts ? 'delete' : null;
  if (!orphanArtifacts && !deleteOrphanArtifacts) return null;
  const name = deleteOrphanArtifacts ? '--delete-orphan-artifacts' : '--orphan-artifacts';
  if (keepArtifacts)
    throw usageError(`${name} and --keep-artifacts exclude each other`, 'leave one of them out');
  // What another database keeps at the same place, or a run that is just being written, looks like an orphan.
  if (deleteOrphanArtifacts && olderThan === undefined)
    throw usageError(
      '--delete-orphan-artifacts needs --older-than: what is being written must not be taken for an orphan',
      'example: --delete-orphan-artifacts --older-than 30d; --orphan-artifacts only reports',
    );
  return deleteOrphanArtifacts ? 'delete' : 'report';
}

/** What was found, and how it is removed. */
export interface OrphanJob {
  readonly found: FoundOrphans;
  /** How many folders shall go. */
  readonly going: number;
  /** @throws exit 130, 143 */
  remove(): Promise<RemovedOrphans>;
}

type Search = Omit<OrphanSearch, 'delete' | 'artifacts' | 'planned'> & {
  readonly artifacts: OrphanSearch['artifacts'] | null;
};

/** Looks for them, where that is asked for. */
export async function orphansFor(
  mode: OrphanMode,
  { artifacts, ...rest }: Search,
  file: ReadPlan | null,
): Promise<OrphanJob | null> {
  if (mode === null || artifacts === null) return null;
  const search = { ...rest, artifacts, delete: mode === 'delete', planned: file?.orphanArtifacts ?? null };
  const found = await findOrphanArtifacts(search);
  return { found, going: goingOrphans(found).length, remove: () => removeOrphans(found, search) };
}
