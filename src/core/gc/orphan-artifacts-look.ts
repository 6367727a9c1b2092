import type { Artifacts } from './artifacts.js';
import type { References } from './orphan-artifacts-references.js';
import type { Candidate, OrphanArtifact, OrphanSearch } from './orphan-artifacts-types.js';

/** What lies in a folder. */
export interface Look {
  readonly files: number;
  readonly bytes: number;
  /** null where the store does not say it of every file. */
  readonly newest: number | null;
  /** A file that is not below `artifacts/`; null: there is none. */
  readonly stranger: string | null;
}

/** Below an item's folder MLflow writes only there (sqlalchemy_store.py: ARTIFACTS_FOLDER_NAME). */
const own = 'artifacts/';

/** Looks at every file; it does not throw. */
export async function look(
  { uri }: Candidate,
  artifacts: Artifacts,
): Promise<Look | { readonly why: string }> {
  let [files, bytes, newest, dated] = [0, 0, 0, true];
  let stranger: string | null = null;
  try {
    for await (const file of artifacts.list(uri)) {
      files++;
      bytes += file.bytes;
      // An object with the folder's own name marks it (S3's console makes such).
      if (file.path !== '' && !file.path.startsWith(own)) stranger ??= file.path;
      if (file.modified === null) dated = false;
      else newest = Math.max(newest, file.modified.getTime());
    }
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
  return { files, bytes, newest: files > 0 && dated ? newest : null, stranger };
}

/** An orphan, and whether it may go. null: there is no file in the folder. */
export function judge(
  candidate: Candidate,
  seen: Look | { readonly why: string },
  search: Pick<OrphanSearch, 'rules' | 'registered' | 'artifacts'>,
  references: References,
): OrphanArtifact | null {
  if ('why' in seen) return { ...candidate, files: 0, bytes: 0, newest: null, keep: seen.why, unread: true };
  const { files, bytes, newest } = seen;
  if (files === 0) return null;
  return { ...candidate, files, bytes, newest, keep: reasonToKeep(candidate, seen, search, references) };
}

function reasonToKeep(
  candidate: Candidate,
  { newest, stranger }: Look,
  { rules: { cutoff }, registered, artifacts }: Pick<OrphanSearch, 'rules' | 'registered' | 'artifacts'>,
  references: References,
): string | null {
  const { kind, id, uri } = candidate;
  // A trace's id is what its client chose (start_trace takes any), so that its shape says little.
  if (kind === 'trace') return 'folders of traces are only reported';
  const as = registered?.runs.get(id) ?? registered?.models.get(id);
  if (as !== undefined) return `registered as ${as}`;
  const needer = references.neederOf(candidate);
  if (needer !== null) return `the artifacts of ${needer} are there`;
  if (artifacts.survives(uri)) return 'it holds the location of an experiment, or the database';
  // A file store's run has its meta.yaml there; other things of 32 digits are no item's at all.
  if (stranger !== null) return `it holds ${stranger} beside artifacts/: a file store’s run, or not MLflow’s`;
  if (newest === null) return 'the store does not say when its files were written';
  if (cutoff !== null && newest > cutoff)
    return `its newest file is from ${new Date(newest).toISOString().replace(/\.\d+Z$/, 'Z')}, younger than --older-than`;
  return null;
}
