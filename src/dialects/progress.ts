import type { Session } from './dialect.js';

/** What a server tells of the statement that a session runs. */
export interface ServerProgress {
  /** What it does now, in few words: "building index: scanning table", "waits for a lock". */
  readonly phase: string;
  /** Share of the statement that is done, 0 to 1; null where the server tells only what it does. */
  readonly share: number | null;
}

/** How one session asks what another one does; loaded by `dialect.progress()` when a statement takes long. */
export interface ProgressModule {
  /** What others know a session by; asked on that very session, before it is busy. */
  identify(watched: Session): Promise<number>;
  /**
   * Asks from a second, read-only session. It takes no lock that another session could wait for or could hold, reads
   * no table, and gives up after a second or so.
   *
   * @returns null where the server says nothing of what runs now
   * @throws where the question is not allowed
   */
  read(watching: Session, id: number): Promise<ServerProgress | null>;
}
