import type { RowWork } from '../../schema/row-work.js';
import { meanwhile, type Placed, placed } from '../claims.js';
import type { Cost, LockClaim, Locks } from '../cost.js';
import type { Session } from '../dialect.js';
import { measurer } from '../probe.js';
import { sizer } from '../sizes.js';
import { compile, traits } from './compile.js';
import { type Edition, workOf } from './ddl-work.js';
import { diskNeeded, readBytes, readEstimates } from './disk.js';

/** Editions in which a column with a default is only noted (ALTER TABLE, "Adding NOT NULL columns as an online operation"). */
const enterprise = [3, 5, 8];

/** What an upgrade costs on SQL Server, by its documentation: no lock here was compared with a server. */
export async function costOf(session: Session): Promise<Cost> {
  const [row] = await session.query<{ edition: number }>(
    "SELECT CAST(SERVERPROPERTY('EngineEdition') AS int) AS edition",
  );
  const edition: Edition = enterprise.includes(Number(row?.edition)) ? 'enterprise' : 'other';
  const top = (count: number, columns: string, table: string) =>
    `SELECT TOP (${count}) ${columns} FROM ${table}`;
  return {
    weights: {
      fixed: 0.1,
      statement: 0.005,
      scan: 0.5,
      build: 1,
      copy: 2,
      rewrite: 2,
      inside: 1.2,
      stream: 20,
      check: 0,
      assumed: { scan: 1e-6, sort: 2e-6 },
    },
    spills: () => 1,
    ...locksOn(edition),
    meanwhile: (claims) => meanwhile(claims, 'until the upgrade commits'),
    measure: measurer(session, { first: top, length: (column) => `DATALENGTH(${column})` }),
    storage: sizer(session, {
      bounded: (count, table) => top(count, '1 AS one', table),
      estimates: (tables) => readEstimates(session, tables),
      bytes: (tables) => readBytes(session, tables),
    }),
    disk: diskNeeded,
  };
}

const locksOn = (edition: Edition): Locks => ({
  claims: (change) => placed(change, { compile, traits }).map((one) => claimsOf(one, edition)),
  rowClaims,
});

/** The locks of an edition that notes no new column with a default. */
export const typical = (): Locks => locksOn('other');

const alteration = (table: string, work: LockClaim['work']): LockClaim => ({
  ...{ table, lock: 'Sch-M', work },
  blocks: 'everyone',
});

/**
 * ALTER TABLE, DROP INDEX and CREATE TRIGGER take Sch-M, which nobody reads beside; both tables of a foreign key get
 * it. CREATE INDEX holds S (CREATE INDEX, "Online index operations").
 */
function claimsOf({ statement, isNew, live }: Placed, edition: Edition): LockClaim[] {
  const { sql } = statement;
  if (sql.startsWith('INSERT')) return [];
  // What has no name of its own is looked up by a batch, whose ALTER TABLE stands in a text.
  const table =
    nameIn(new RegExp(`^(?:DECLARE .* N')?(?:ALTER|CREATE) TABLE ${name}`), sql) ?? statement.table;
  const work = isNew ? 'metadata' : workOf(sql, table, live, edition);
  const own: LockClaim = /^CREATE (UNIQUE )?INDEX/.test(sql)
    ? { table, lock: 'S', work, blocks: 'writers' }
    : alteration(table, work);
  const parents = [...sql.matchAll(new RegExp(` REFERENCES ${name}`, 'g'))].map((match) => bare(match[1]));
  const dropped = nameIn(new RegExp(` DROP CONSTRAINT ${name}$`), sql);
  const gone =
    live.get(table)?.foreignKeys.find((key) => key.name === dropped)?.refTable ??
    nameIn(new RegExp(`k.referenced_object_id = OBJECT_ID\\(N'${name}'`), sql);
  return [
    isNew ? { ...own, blocks: 'nothing' } : own,
    ...[...new Set([...parents, ...(gone ? [gone] : [])])]
      .filter((name) => name !== table)
      .map((name) => alteration(name, 'metadata')),
  ];
}

const name = '(\\[(?:[^\\]]|\\]\\])+\\]|\\w+)';
const bare = (quoted = ''): string => quoted.replace(/^\[(.*)\]$/s, '$1').replaceAll(']]', ']');
const nameIn = (pattern: RegExp, sql: string): string | undefined => {
  const found = pattern.exec(sql)?.[1];
  return found === undefined ? undefined : bare(found);
};

/** WITH (TABLOCK, HOLDLOCK) where the work keeps writers off what it reads. */
const rowClaims = (work: RowWork): LockClaim[] =>
  work.locksOut
    ? [...new Set([...work.reads, ...work.writes])].map((table) => ({
        ...{ table, lock: 'S', work: 'rows', blocks: 'writers' },
      }))
    : work.writes.map((table) => ({ table, lock: 'IX', work: 'rows', blocks: 'nothing' }));
