import { readdirSync, readFileSync } from 'node:fs';
import type { DialectName } from '../../src/dialects/dialect.js';
import { asSaid } from './mysql-ddl.js';
import { kinds, type ServerKind } from './server-kinds.js';

export const fixturesFolder = new URL('../../fixtures/', import.meta.url);

export interface Ddl {
  readonly type: string;
  readonly sql: string;
}

interface TableFixture {
  readonly ddl: readonly (string | Ddl)[];
  readonly schema: Record<string, unknown>;
}

interface Fixture {
  readonly revision: string | null;
  readonly dialects: Record<string, { readonly tables: Record<string, TableFixture | null> }>;
}

const files = readdirSync(fixturesFolder)
  .filter((name) => /^\d{3}_.*\.json$/.test(name))
  .sort();

const fixtures: readonly Fixture[] = files.map((name) =>
  JSON.parse(readFileSync(new URL(name, fixturesFolder), 'utf8')),
);

/** How many states there are, the base included. */
export const stateCount = fixtures.length;

export const revisionAt = (ordinal: number): string | null => fixtures[ordinal]?.revision ?? null;

export const ordinalOf = (revision: string): number =>
  fixtures.findIndex((fixture) => fixture.revision === revision);

/** The tables that real MLflow has at a state: the newest fixture of each, up to it. */
export function tablesAt(ordinal: number, kind: ServerKind): Map<string, TableFixture> {
  const tables = new Map<string, TableFixture>();
  for (const fixture of fixtures.slice(0, ordinal + 1)) {
    for (const [name, table] of Object.entries(fixture.dialects[kind]?.tables ?? {})) {
      if (table) tables.set(name, table);
      else tables.delete(name);
    }
  }
  return tables;
}

/** The golden schema of a state: table name → what introspection must find. */
export const goldenAt = (ordinal: number, kind: ServerKind): Record<string, unknown> =>
  Object.fromEntries([...tablesAt(ordinal, kind)].sort().map(([name, table]) => [name, table.schema]));

/** Sections in the order in which pg_dump restores them; a foreign key needs its parent's key first. */
const sections = [
  ...['TABLE', 'SEQUENCE', 'SEQUENCE OWNED BY', 'DEFAULT', 'CONSTRAINT', 'INDEX', 'FUNCTION', 'TRIGGER'],
  'FK CONSTRAINT',
];

/** The statements that stand a state up: only text that MLflow left, nothing from `migrations/`. */
export function ddlAt(ordinal: number, kind: ServerKind): string[] {
  const blocks = [...tablesAt(ordinal, kind).values()].flatMap((table) => table.ddl);
  const revision = revisionAt(ordinal);
  const stamp = revision === null ? [] : [`INSERT INTO alembic_version VALUES ('${revision}')`];
  return [...inOrder[kinds[kind].dialect](blocks), ...stamp];
}

const inOrder: Readonly<Record<DialectName, (blocks: readonly (string | Ddl)[]) => string[]>> = {
  sqlite: (blocks) => blocks as string[],
  postgresql: (blocks) =>
    sections.flatMap((section) =>
      (blocks as Ddl[]).filter((block) => block.type === section).map((block) => sayIn(block.sql)),
    ),
  // Tables come in the order of their names, children before their parents too.
  mysql: (blocks) => ['SET foreign_key_checks = 0', ...(blocks as string[]).map(asSaid)],
  mssql: () => {
    throw new Error('there are no goldens of SQL Server');
  },
};

/**
 * PostgreSQL shows `x IN ('a', 'b')` with one cast around the array, and reads that text back with a cast around each
 * element. To get what MLflow left, IN is said again.
 */
function sayIn(sql: string): string {
  const shown =
    /\((\w+)\)::text = ANY \(\(ARRAY\[((?:'(?:[^']|'')*'::character varying(?:, )?)+)\]\)::text\[\]\)/g;
  return sql.replace(
    shown,
    (_all, column: string, values: string) =>
      `${column} IN (${values.replaceAll("'::character varying", "'")})`,
  );
}
