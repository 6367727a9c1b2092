import type { Session } from '../dialect.js';
import type { Flavour } from './flavour.js';

/** What decides how this server alters its tables. */
export interface Facts {
  readonly flavour: Flavour;
  /** `[8, 0, 36]`. */
  readonly version: readonly number[];
  /** What a table gets that is created without one. */
  readonly collation: string;
  /** Bytes of tables that fit the memory (innodb_buffer_pool_size). */
  readonly bufferPool: number;
  readonly tables: ReadonlyMap<string, TableFacts>;
  /** Bytes of a character at most, by character set. */
  readonly characters: ReadonlyMap<string, number>;
}

export interface TableFacts {
  readonly collation: string;
  readonly rowFormat: string;
}

export async function readFacts(session: Session): Promise<Facts> {
  const sets = await session.query<{ name: string; bytes: number }>(
    'SELECT CHARACTER_SET_NAME AS name, MAXLEN AS bytes FROM information_schema.CHARACTER_SETS',
  );
  const tables = await session.query<{ name: string; collation: string | null; rowFormat: string | null }>(
    `SELECT TABLE_NAME AS name, TABLE_COLLATION AS collation, ROW_FORMAT AS rowFormat
     FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'`,
  );
  const [database] = await session.query<{ collation: string; pool: number | string }>(
    'SELECT @@collation_database AS collation, @@innodb_buffer_pool_size AS pool',
  );
  return {
    collation: database?.collation ?? '',
    bufferPool: Number(database?.pool ?? 0),
    flavour: flavourIn(session.server),
    version: (/\d+(\.\d+)+/.exec(session.server)?.[0] ?? '0').split('.').map(Number),
    characters: new Map(sets.map(({ name, bytes }) => [name, Number(bytes)])),
    tables: new Map(
      tables.map(({ name, collation, rowFormat }) => [
        name,
        { collation: collation ?? '', rowFormat: (rowFormat ?? '').toLowerCase() },
      ]),
    ),
  };
}

/** A server as it is shipped: MySQL 8.4, MariaDB 11.4, both for long-term support, with tables in its own collation. */
export function typicalFacts(label: string): Facts {
  const flavour = flavourIn(label);
  return {
    flavour,
    version: flavour === 'mysql' ? [8, 4, 0] : [11, 4, 0],
    collation: flavour === 'mysql' ? 'utf8mb4_0900_ai_ci' : 'utf8mb4_uca1400_ai_ci',
    bufferPool: 128 * 2 ** 20,
    tables: new Map(),
    characters: new Map([['utf8mb4', 4]]),
  };
}

const flavourIn = (server: string): Flavour => (server.startsWith('MariaDB') ? 'mariadb' : 'mysql');

/** Whether a version is this one or newer. */
export function isAtLeast(version: readonly number[], wanted: readonly number[]): boolean {
  for (const [i, part] of wanted.entries()) if (version[i] !== part) return (version[i] ?? 0) > part;
  return true;
}
