import { join, resolve } from 'node:path';
import type { Command } from '../dialects/backup.js';
import type { Session } from '../dialects/dialect.js';
import type { DatabaseUri } from '../dialects/index.js';
import { shellLine } from '../dialects/shell.js';
import { backupName } from './backup.js';
import { loadReleases } from './releases.js';
import { loadChain } from './revisions.js';
import { writersOf } from './starters.js';
import { ordinalIn, readState, revisionIn } from './state.js';

/** A command of a hint: what it does, and the line for a POSIX shell. */
export interface HintCommand {
  readonly what: string;
  readonly line: string;
}

/** How to back up, check and restore one database. Field names are stable; `version` is that of the shape. */
export interface Hint {
  readonly event: 'hint';
  readonly version: 1;
  readonly database: string;
  readonly server: string;
  readonly revision: string | null;
  readonly written: string;
  readonly bytes: number;
  /** Seconds that a backup takes, by the size alone. */
  readonly seconds: { readonly low: number; readonly high: number; readonly basis: string };
  readonly tools: readonly string[];
  readonly secret: readonly string[];
  /** The snapshot of whoever keeps the server; empty where nobody is known to. */
  readonly managed: readonly HintCommand[];
  readonly backup: readonly HintCommand[];
  readonly verify: readonly HintCommand[];
  readonly restore: readonly HintCommand[];
  readonly notes: readonly string[];
  /** Where artifacts are, which no backup of the database holds. */
  readonly artifacts: readonly string[];
}

/** Dumps write between these many bytes a second. */
const [slow, fast] = [20e6, 100e6];

/** Works the hint out; only reads. @param file where the backup shall be; without it in the current directory */
export async function backupHint(
  session: Session,
  uri: DatabaseUri,
  file: string | undefined,
): Promise<Hint> {
  const [chain, releases] = await Promise.all([loadChain(), loadReleases()]);
  await session.beginReadOnly();
  const state = await readState(session, chain);
  const revision = revisionIn(state, chain);
  const { backup } = await session.dialect.backup();
  const target = resolve(file ?? join('.', backupName(uri, revision, backup.extension)));
  const bytes = await backup.size(session);
  const hint = await backup.hint(session, uri, target);
  const shown = (commands: readonly Command[]): HintCommand[] =>
    commands.map((command) => ({ what: command.what, line: shellLine(command) }));
  const artifacts = await artifactRoots(session);
  await session.rollback();
  return {
    event: 'hint',
    version: 1,
    ...{ database: session.place, server: session.server, revision, bytes, artifacts },
    written: writersOf(chain, releases, ordinalIn(state)),
    seconds: {
      low: bytes / fast,
      high: bytes / slow,
      basis: `${bytes.toLocaleString('en')} bytes at ${slow / 1e6} to ${fast / 1e6} MB a second, which is usual; it was not tried here`,
    },
    ...{ tools: hint.tools, secret: hint.secret, notes: [...hint.notes, ...proxied(artifacts)] },
    managed: shown(hint.managed),
    backup: shown(hint.backup),
    verify: shown(hint.verify),
    restore: shown(hint.restore),
  };
}

/**
 * The directory above the artifacts of one experiment or run, fit to be shown: whoever may create an experiment
 * chooses the text, and FTP locations hold a password (MLflow: `ftp://user:pass@host/path`).
 *
 * @param place an `artifact_location`, or an `artifact_uri` without the id of its run
 */
export function artifactRoot(place: string): string {
  const shown = place
    .replace(/[?#].*$/s, '')
    .replace(/^([a-z][\w+.-]*:\/\/[^/:@]*):[^/]*@/i, '$1@')
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd')
    .replace(/\/\/artifacts\/?$/, '');
  const [, scheme = '', path = ''] = /^([a-z][\w+.-]*:(?:\/\/[^/]*)?)?(.*)$/is.exec(shown) ?? [];
  const parent = path.replace(/\/[^/]*\/?$/, '');
  // What hangs from the top has no directory above it but the top itself.
  if (parent === '' && path !== '')
    return scheme.includes('//') && !scheme.endsWith('//') ? scheme : `${scheme}/`;
  return `${scheme}${parent}`;
}

/** What a server keeps for its clients has a place that only its command line names. */
const proxied = (roots: readonly string[]): string[] =>
  roots.some((root) => root.startsWith('mlflow-artifacts:'))
    ? ["mlflow-artifacts: is the place that the MLflow server's --artifacts-destination names: save that one"]
    : [];

/** Where artifacts are by table. A run keeps its place when its experiment moves; its own id says nothing. */
const places = {
  experiments: 'artifact_location',
  runs: "REPLACE(artifact_uri, run_uuid, '')",
} as const;

/** The directories above the artifacts of experiments: what they have in common, without the experiment itself. */
async function artifactRoots(session: Session): Promise<string[]> {
  const tables = await session.tableNames();
  const roots = new Set<string>();
  for (const [table, place] of Object.entries(places)) {
    if (!tables.includes(table)) continue;
    const rows = await session.query<{ place: string | null }>(
      `SELECT DISTINCT ${place} AS place FROM ${session.sql.quote(table)}`,
    );
    for (const row of rows) if (row.place) roots.add(artifactRoot(row.place));
  }
  return [...roots].sort();
}
