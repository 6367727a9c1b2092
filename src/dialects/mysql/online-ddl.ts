import { applyAll } from '../../schema/apply.js';
import { type Column, columnOf, type Schema, type Table } from '../../schema/table.js';
import { listedOnce } from '../claims.js';
import type { Change, LockClaim } from '../cost.js';
import type { Dialect } from '../dialect.js';
import { type Facts, isAtLeast } from './server-facts.js';
import { charsetOf, sameTypeOn } from './types.js';

/** Metadata locks, as performance_schema.metadata_locks names them. */
export const LOCK = {
  alter: 'MDL EXCLUSIVE',
  noWrite: 'MDL SHARED_NO_WRITE',
  write: 'MDL SHARED_WRITE',
} as const;

/**
 * How the server does a part of an ALTER, cheapest first; a statement is done in the way of its dearest part.
 * `instant` touches no row, `online` builds indexes beside writers, `rebuild` writes the table anew beside writers,
 * `copy` does so while writers wait.
 */
type Way = 'instant' | 'online' | 'rebuild' | 'copy';
const ways: readonly Way[] = ['instant', 'online', 'rebuild', 'copy'];

const meaning = {
  instant: { work: 'metadata', blocks: 'nothing' },
  online: { work: 'online', blocks: 'nothing' },
  rebuild: { work: 'rewrite', blocks: 'nothing' },
  copy: { work: 'rewrite', blocks: 'writers' },
} as const;

/**
 * The locks of the statements of a change: MySQL manual, 17.12.1 "Online DDL Operations"; MariaDB knowledge base,
 * "InnoDB Online DDL Operations with the … Alter Algorithm". Each was asked of MySQL 9.7 and MariaDB 10.11 with
 * ALGORITHM=… as well.
 */
export const claimsOn =
  (facts: Facts) =>
  ({ statements, before, after }: Change): LockClaim[][] => {
    const keys = new Keys(before);
    return statements.map(({ sql, table }) => {
      const bare = sql.replaceAll(/'(?:[^'\\]|''|\\.)*'/g, "''");
      if (bare.startsWith('INSERT')) return [];
      const old = before.get(table);
      const isAlter = bare.startsWith('ALTER TABLE');
      const way = isAlter && old ? wayOf(bare, old, after.get(table) as Table, facts) : 'instant';
      return [
        { table, lock: LOCK.alter, ...meaning[way] },
        ...keys.touched(table, bare, isAlter).flatMap((link) => linked(link, isAlter, facts)),
      ];
    });
  };

/** For each statement of a change whether the server writes the table anew while writers wait. */
export const copiesOn =
  (facts: Facts, { traits }: Pick<Dialect, 'traits'>) =>
  ({ operations, statements, before }: Omit<Change, 'after'>): boolean[] => {
    const after = applyAll(before, operations, traits);
    return claimsOn(facts)({ operations, statements, before, after }).map((claims, i) =>
      claims.some(({ table, blocks }) => table === statements[i]?.table && blocks === 'writers'),
    );
  };

/**
 * MySQL keeps both ends of a foreign key in its dictionary, so that a change of one end locks the other for a moment
 * (manual, 10.11.4 "Metadata Locking"). The table that a new key points to takes no writes while the rows are compared.
 */
function linked({ table, isCompared }: Linked, isAlter: boolean, { flavour }: Facts): LockClaim[] {
  const blocks = isAlter && isCompared ? 'writers' : 'nothing';
  if (flavour === 'mysql') return [{ table, lock: LOCK.alter, work: 'metadata', blocks }];
  return blocks === 'writers' ? [{ table, lock: LOCK.noWrite, work: 'metadata', blocks }] : [];
}

interface Linked {
  readonly table: string;
  /** A new foreign key points to it. */
  readonly isCompared: boolean;
}

const name = '`((?:[^`]|``)+)`';

/** Which table refers to which, kept up to date from statement to statement. */
class Keys {
  private links: { name: string | null; from: string; to: string }[];

  constructor(schema: Schema) {
    this.links = [...schema.values()].flatMap((table) =>
      table.foreignKeys.map((key) => ({ name: key.name, from: table.name, to: key.refTable })),
    );
  }

  /** The other tables that a statement concerns: whom its keys point to, and whose keys point to an altered table. */
  touched(table: string, sql: string, isAlter: boolean): Linked[] {
    const dropped = new Set(
      [...sql.matchAll(new RegExp(`DROP FOREIGN KEY ${name}`, 'g'))].map((match) => match[1]),
    );
    const isGone = (link: Keys['links'][number]) => link.from === table && dropped.has(link.name ?? '');
    const fresh = [
      ...sql.matchAll(new RegExp(`(?:CONSTRAINT ${name} )?FOREIGN KEY \\([^)]*\\) REFERENCES ${name}`, 'g')),
    ].map((match) => ({ name: match[1] ?? null, from: table, to: match[2] as string }));
    const parents = [...this.links.filter(isGone), ...fresh].map(({ to }) => to);
    const children = isAlter ? this.links.filter(({ to }) => to === table).map(({ from }) => from) : [];
    this.links = [...this.links.filter((link) => !isGone(link)), ...fresh];
    return listedOnce([...parents, ...children])
      .filter((other) => other !== table)
      .map((other) => ({ table: other, isCompared: fresh.some(({ to }) => to === other) }));
  }
}

function wayOf(sql: string, old: Table, next: Table, facts: Facts): Way {
  const found: Way[] = ['instant'];
  const has = (pattern: RegExp) => pattern.test(sql);
  const isCompressed = facts.tables.get(old.name)?.rowFormat === 'compressed';
  if (has(/ADD COLUMN `/)) {
    const added = next.columns.filter((column) => sql.includes(`ADD COLUMN \`${column.name}\``));
    if (added.some((column) => column.generated?.stored)) found.push('copy');
    else if (added.some((column) => column.identity)) found.push('copy');
    else if (isCompressed) found.push('rebuild');
  }
  const dropsInstantly = facts.flavour === 'mariadb' || isAtLeast(facts.version, [8, 0, 29]);
  if (has(/DROP COLUMN `/) && (isCompressed || !dropsInstantly)) found.push('rebuild');
  if (has(/ADD PRIMARY KEY/)) found.push('rebuild');
  else if (has(/DROP PRIMARY KEY/)) found.push('copy');
  if (has(/ADD (UNIQUE )?KEY `/)) found.push('online');
  if (has(/ADD (CONSTRAINT `(?:[^`]|``)+` )?CHECK \(/)) found.push('copy');
  // In place only without foreign_key_checks, which mltrack always has on.
  if (has(/FOREIGN KEY \(/)) found.push('copy');
  for (const [, from, to] of sql.matchAll(
    /(?:CHANGE COLUMN `((?:[^`]|``)+)`|MODIFY COLUMN) `((?:[^`]|``)+)`/g,
  )) {
    const [was, is] = [columnOf(old, from ?? to ?? ''), columnOf(next, to ?? '')];
    if (was && is) found.push(wayOfColumn(was, is, old, facts));
  }
  return ways[Math.max(...found.map((way) => ways.indexOf(way)))] as Way;
}

/** How a column of other type, collation or nullability is made. */
function wayOfColumn(was: Column, is: Column, table: Table, facts: Facts): Way {
  const known = facts.tables.get(table.name);
  const inherited = known?.collation ?? facts.collation;
  const [from, to] = [collationOf(was, inherited), collationOf(is, inherited)];
  if (charsetOf(from) !== charsetOf(to)) return 'copy';
  const found: Way[] = [was.nullable === is.nullable ? 'instant' : 'rebuild'];
  const collates = from !== to;
  if (!sameTypeOn(facts.flavour)({ ...is.type, caseSensitive: false } as typeof is.type, was)) {
    if (!grows(was, is, facts.characters.get(charsetOf(from)) ?? 4, facts)) return 'copy';
  }
  if (collates) found.push(wayOfCollation(was.name, table, facts));
  return ways[Math.max(...found.map((way) => ways.indexOf(way)))] as Way;
}

/** The order of an index changes with the collation: the clustered one cannot be built beside the table. */
function wayOfCollation(column: string, table: Table, { flavour }: Facts): Way {
  if (table.primaryKey?.columns.includes(column)) return 'copy';
  const isIndexed = table.indexes.some((index) => index.columns.some((part) => part.name === column));
  if (!isIndexed) return 'instant';
  return flavour === 'mariadb' ? 'online' : 'copy';
}

/** A VARCHAR may grow as long as its length takes as many bytes: one below 256 bytes, else two. */
function grows(was: Column, is: Column, bytes: number, { flavour }: Facts): boolean {
  const [from, to] = [lengthOf(was), lengthOf(is)];
  if (from === null || to === null || to < from) return false;
  // MariaDB keeps the length of a value of up to 127 bytes in one byte either way (10.4.3).
  const isShort = flavour === 'mariadb' && from * bytes <= 127;
  return isShort || from * bytes > 255 || to * bytes <= 255;
}

function lengthOf({ type }: Column): number | null {
  if (type.kind === 'string') return type.length;
  const length = type.kind === 'native' ? /^varchar\((\d+)\)$/i.exec(type.text)?.[1] : undefined;
  return length === undefined ? null : Number(length);
}

/** What a column without a collation of its own has. */
const collationOf = (column: Column, inherited: string): string =>
  column.type.kind === 'string' && column.type.caseSensitive
    ? 'utf8mb4_bin'
    : (column.collation ?? inherited);
