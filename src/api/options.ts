import type { UpgradeEvent } from '../core/events.js';
import type { Question } from '../core/guard.js';
import type { DatabaseUri } from '../dialects/uri.js';

/** A database: its URI in SQLAlchemy's form, or that taken apart by `parseUri`. */
export type Database = string | DatabaseUri;

/** What every function takes. Nothing is read from standard input, printed or asked. */
export interface ConnectingOptions {
  /** The password, in the place of the URI's. */
  readonly password?: string | undefined;
  /** For how long, in milliseconds, to keep trying while the server cannot be reached; default 0. */
  readonly waitMs?: number | undefined;
  /** Stops the work between two statements: exit 130, and the message says how the database is left. */
  readonly signal?: AbortSignal | undefined;
  /** Is told what happens: what is waited for, warnings, and how far the work is. It must not throw. */
  readonly listen?: ((event: UpgradeEvent) => void) | undefined;
}

/** What functions that may build indexes beside writers take. */
export interface OnlineOptions {
  /** Build the indexes of big tables while others write; `bigFrom` is in bytes (default 32 MiB). See docs/online.md. */
  readonly online?: boolean | { readonly bigFrom: number } | undefined;
}

/** What functions that change a database take. */
export interface ChangingOptions extends ConnectingOptions {
  /** For how long, in milliseconds, to wait for another runner or writer; default 10 minutes. */
  readonly lockWaitMs?: number | undefined;
  /** For how long, in milliseconds, to wait for one lock before stepping back; default 10 seconds. */
  readonly lockTimeoutMs?: number | undefined;
  /** After how many milliseconds a statement is ended; default never. */
  readonly statementTimeoutMs?: number | undefined;
}

/** How a caller agrees to what cannot be undone. */
export interface AgreeingOptions {
  /** Agree to everything. */
  readonly yes?: boolean | undefined;
  /** Agree to single things: keys of a plan's `questions`, revisions also by their beginning. */
  readonly confirm?: readonly string[] | undefined;
  /** Decides what is still open; without it, or where it says no, the work ends with exit 6. */
  readonly agree?: ((questions: readonly Question[]) => Promise<boolean>) | undefined;
}

/** Which MLflow shall run on the database. */
export interface ServerOptions {
  /** A release such as "3.16". */
  readonly mlflowVersion?: string | undefined;
  /** Without a release: take the MLflow installed nearby (virtual environment, PATH), as the command line does. */
  readonly mlflowNearby?: boolean | undefined;
}
