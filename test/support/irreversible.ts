import { loadChain } from '../../src/core/revisions.js';

/** All revisions that cannot be undone: most tests agree to them beforehand, as whoever has a backup does. */
export const irreversible: readonly string[] = (await loadChain()).revisions.flatMap((revision) =>
  revision.irreversible && revision.revision ? [revision.revision] : [],
);
