import type { BackupRecord } from '../core/backup.js';
import { connectTo } from '../core/connection.js';
import { loadNames } from '../core/names.js';
import { loadReleases } from '../core/releases.js';
import { resolveTarget } from '../core/target.js';
import { upgrade as upgradeIn } from '../core/upgrade.js';
import type { Session } from '../dialects/dialect.js';
import { MltrackError } from '../errors.js';
import { changing, listenerOf, type Working } from './connecting.js';
import type { AgreeingOptions, ChangingOptions, Database, OnlineOptions, ServerOptions } from './options.js';
import { serverOf } from './server.js';

export interface UpgradeOptions extends ChangingOptions, OnlineOptions, ServerOptions, AgreeingOptions {
  /** A revision or the beginning of one, an MLflow version such as "2.9", "+1"; default the newest. */
  readonly to?: string | undefined;
  /** First take a backup, into this directory or file, and check it. */
  readonly backup?: string | undefined;
  /** Ask the server on a second connection how far it is; default true where there is a listener. */
  readonly progress?: boolean | undefined;
}

export interface UpgradeResult {
  /** null: there was no MLflow database. */
  readonly from: string | null;
  readonly to: string;
  /** The revisions that were applied; empty where the database was there already. */
  readonly applied: readonly string[];
  /** null where none was taken: not asked for, or nothing to do. */
  readonly backup: BackupRecord | null;
}

/** Upgrades a database; see `src/index.ts`. */
export async function upgrade(database: Database, options: UpgradeOptions = {}): Promise<UpgradeResult> {
  // A target that no database could have is refused before one is opened, or an SQLite file made.
  resolveTarget(options.to, 0, await loadNames(), await loadReleases());
  const { to, yes = false, confirm = [], agree, progress = options.listen !== undefined } = options;
  const server = await serverOf(options);
  let record: BackupRecord | null = null;
  try {
    const done = await changing(database, options, async (working) => {
      const { session, uri, lockWaitMs, stop, listen } = working;
      const beforeChange = async (): Promise<void> => {
        // An upgrade that steps back and begins again has its backup.
        if (options.backup === undefined || record) return;
        record = await (await import('../core/backup.js')).takeBackup(session, uri, options.backup, stop);
        listen({ event: 'backup', ...record });
      };
      return upgradeIn(session, {
        ...(to === undefined ? {} : { to }),
        ...{ yes, confirm, lockWaitMs, stop, listen, beforeChange },
        ...(agree ? { ask: agree } : {}),
        ...(server ? { server } : {}),
        ...(progress ? { watch: () => watching(working) } : {}),
      });
    });
    return { ...done, backup: record };
  } catch (error) {
    if (!record) throw error;
    const hints = (await import('../core/backup.js')).restoreHints(record);
    if (error instanceof MltrackError) throw withRestore(error, hints);
    listenerOf(options)({ event: 'warning', message: hints.join('\n') });
    throw error;
  }
}

/** A second connection beside the upgrade's, which only reads; nothing is said while it waits, and it does not wait long. */
const watching = ({ session, uri, stop }: Working): Promise<Session> =>
  connectTo(session.dialect, uri, {
    lockWaitMs: 0,
    waitMs: 0,
    readOnly: true,
    stop,
    listen: () => undefined,
  });

/** An upgrade failed after its backup was taken: the error says how to bring it back. */
const withRestore = (error: MltrackError, restore: readonly string[]): MltrackError =>
  new MltrackError(error.exitCode, error.message, {
    cause: error.cause,
    hints: [...error.hints, ...restore],
  });
