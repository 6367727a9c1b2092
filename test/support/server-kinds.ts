import { inject } from 'vitest';
import type { DialectName } from '../../src/dialects/dialect.js';

/** A kind of server: MySQL and MariaDB are one dialect and two kinds. */
export type ServerKind = 'sqlite' | 'postgresql' | 'mysql' | 'mariadb';

/** What the suite needs to know of each kind of server. */
interface Kind {
  readonly dialect: DialectName;
  /** DDL can be rolled back, so an upgrade is all or nothing. */
  readonly transactional: boolean;
  /** Lengths of text are enforced, and so are foreign keys on every connection. */
  readonly strict: boolean;
  quote(name: string): string;
}

const double = (name: string) => `"${name}"`;
const backtick = (name: string) => `\`${name}\``;

export const kinds: Readonly<Record<ServerKind, Kind>> = {
  sqlite: { dialect: 'sqlite', transactional: true, strict: false, quote: double },
  postgresql: { dialect: 'postgresql', transactional: true, strict: true, quote: double },
  mysql: { dialect: 'mysql', transactional: false, strict: true, quote: backtick },
  mariadb: { dialect: 'mysql', transactional: false, strict: true, quote: backtick },
};

/** The kinds whose server runs here. A missing one has been printed loudly, and is fatal on CI. */
export const availableServers = (): ServerKind[] =>
  (Object.keys(kinds) as ServerKind[]).filter((kind) => kind === 'sqlite' || inject(kind) !== null);
