import type { Session } from './dialect.js';

/** Something worth knowing about a database, in the server's own words. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** What `db status` asks of a kind of server. Catalogs only, in autocommit; nothing here waits for a lock. */
export interface StatusModule {
  /** Character set and collation first, then what else operators ask for. */
  about(session: Session): Promise<Fact[]>;
  /** Who holds mltrack's own lock on this database, a phrase; null: nobody. */
  lockHolder(session: Session): Promise<string | null>;
  /** Sessions whose open transaction holds locks on `tables`, or may; a phrase each. */
  transactions(session: Session, tables: readonly string[]): Promise<string[]>;
  /** Those of `tables` whose rows cannot be read now without waiting, as far as this role is told. */
  unreadable(session: Session, tables: readonly string[]): Promise<string[]>;
  /** What of all this the role is not told, and what lets it see; null: it is told everything. */
  hidden(session: Session): Promise<string | null>;
}
