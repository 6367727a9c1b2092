import type { Revision } from '../schema/revision.js';
import type { NameIndex } from './names.js';

/** Takes the names out of revisions that stand in their order. The build calls it too, and keeps the answer as data. */
export function indexNames(revisions: readonly Revision[]): NameIndex {
  const created = revisions.map(({ up }) =>
    up.flatMap((step) => (step.kind === 'createTable' ? [step.table.name] : [])),
  );
  return {
    revisions: revisions.map(({ revision, release }) => ({ revision, release })),
    tables: [...new Set(created.flat())],
    baseTables: created[0] ?? [],
  };
}
