import type { Listener } from '../events.js';
import type { Stop } from '../stop.js';
import type { Artifacts } from './artifacts.js';
import type { Walk } from './delete-rows-walk.js';
import type { Registered } from './eligible-registered.js';
import type { Rules } from './eligible-rules.js';

/** Whose folders are looked for. Those of traces are only reported. */
export type OrphanKind = 'run' | 'model' | 'trace';

/** An experiment's location. */
export interface ArtifactRoot {
  readonly experimentId: string;
  readonly uri: string;
}

/** A folder below an experiment's location that is called as an item's is. */
export interface Candidate {
  readonly kind: OrphanKind;
  readonly id: string;
  readonly experimentId: string;
  /** The experiment's location. */
  readonly root: string;
  /** The whole folder: `<location>/<run id>`. */
  readonly uri: string;
  /** The same, fit to be shown. */
  readonly place: string;
}

/** A folder whose item is not in the database. */
export interface OrphanArtifact extends Candidate {
  readonly files: number;
  readonly bytes: number;
  /** When the newest file came, milliseconds since the epoch; null where the store does not say. */
  readonly newest: number | null;
  /** Why it stays; null: nothing speaks against its removal. */
  readonly keep: string | null;
  /** It stays because it could not be read. */
  readonly unread?: true;
}

/** A location that was not looked through. */
export interface Unlisted {
  readonly experimentId: string;
  readonly place: string;
  readonly why: string;
  /** The store did not answer, or refused; else it was left out on purpose. */
  readonly failed: boolean;
}

export interface FoundOrphans {
  /** Whether they shall go, or are only reported. */
  readonly delete: boolean;
  readonly orphans: readonly OrphanArtifact[];
  readonly unlisted: readonly Unlisted[];
}

export interface OrphanSearch {
  readonly walk: Walk;
  readonly rules: Rules;
  readonly artifacts: Artifacts;
  /** What a registry needs, also where registered items go; null: it cannot be read, and is to be ignored. */
  readonly registered: Registered | null;
  readonly delete: boolean;
  /** Local directories that are not here are known to be gone. */
  readonly missingGone: boolean;
  /** What a plan allows; null: there is no plan. */
  readonly planned: PlannedOrphans | null;
  readonly stop: Stop;
  readonly listen: Listener;
}

/** What a plan lists: by `orphanKey` the experiment. A file that came since is younger than the plan's own age limit. */
export type PlannedOrphans = ReadonlyMap<string, string>;

/** What tells one from another in a plan: also its place must be the same. */
export const orphanKey = ({ kind, id, place }: Pick<Candidate, 'kind' | 'id' | 'place'>): string =>
  `${kind} ${id} ${place}`;

/** Those that would go, or go. */
export const goingOrphans = (found: FoundOrphans | null): readonly OrphanArtifact[] =>
  found?.delete ? found.orphans.filter(({ keep }) => keep === null) : [];
