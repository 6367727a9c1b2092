import type { Operation } from './operation.js';

/** One MLflow revision, as data. */
export interface Revision {
  /** Alembic's identifier; null for the base, which has no stamp. */
  readonly revision: string | null;
  /** The revision before it. */
  readonly down: string | null;
  /** What it does, for people. */
  readonly title: string;
  /** The first MLflow release that ships it. */
  readonly release: string;
  readonly up: readonly Operation[];
}

/** Declares a revision; the one export of a file in `migrations/`. */
export const revision = (value: Revision): Revision => value;
