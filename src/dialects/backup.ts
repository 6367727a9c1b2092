import type { Session } from './dialect.js';
import type { DatabaseUri } from './uri.js';

/** One command line of a client program; `argv` holds no secret. */
export interface Command {
  /** What it does: "back up", "check the archive". */
  readonly what: string;
  readonly argv: readonly string[];
  /** Variables that it needs, none of them secret. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files that its input comes from and its output goes to. */
  readonly stdin?: string;
  readonly stdout?: string;
}

/** How this very database is backed up, checked and brought back with its own tools. */
export interface BackupHint {
  /** "PostgreSQL 15.4", and the tools for it that were found. */
  readonly tools: readonly string[];
  /** How the password is given: never on a command line. */
  readonly secret: readonly string[];
  readonly backup: readonly Command[];
  readonly verify: readonly Command[];
  readonly restore: readonly Command[];
  /** What to know before: locks, versions, what is not in it. */
  readonly notes: readonly string[];
  /** What the provider of the server takes instead: its snapshot. */
  readonly managed: readonly Command[];
}

/** A backup that was written, and read back. */
export interface Taken {
  /** The program that wrote it, with its version. */
  readonly tool: string;
  /** Rows that are in the backup, by table. */
  readonly rows: Readonly<Record<string, number>>;
}

/** What a backup needs to know. */
export interface BackupRequest {
  readonly session: Session;
  readonly uri: DatabaseUri;
  /** The file that is written; it is there, and empty. */
  readonly file: string;
  /** Ends what runs. */
  readonly signal: AbortSignal;
}

/** How one kind of server is backed up. */
export interface DialectBackup {
  /** ".dump" */
  readonly extension: string;
  /** Bytes of the database on disk. */
  size(session: Session): Promise<number>;
  /** The commands; `file` is where the backup shall be. Reads only. */
  hint(session: Session, uri: DatabaseUri, file: string): Promise<BackupHint>;
  /**
   * Writes the backup and reads it back.
   *
   * @throws exit 10 where the tool is missing or fails, or the file is not what it should be
   */
  take(request: BackupRequest): Promise<Taken>;
}

/** What `dialect.backup()` loads. */
export interface BackupModule {
  readonly backup: DialectBackup;
}
