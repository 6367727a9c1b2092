import type { Operation } from '../../schema/operation.js';
import type { RowWork } from '../../schema/row-work.js';
import { columnOf, type Table } from '../../schema/table.js';
import { meanwhile, type Placed, placed } from '../claims.js';
import type { Cost, LockClaim, Locks } from '../cost.js';
import type { Dialect, Session, Statement } from '../dialect.js';
import { measurer } from '../probe.js';
import { sizer } from '../sizes.js';
import { compile, traits } from './compile.js';
import { diskNeeded, readBytes, readEstimates } from './disk.js';
import { typeText } from './types.js';

const EVERYONE = 'ACCESS EXCLUSIVE';
const WRITERS = 'SHARE ROW EXCLUSIVE';
/** It keeps out only other changes of the table, and VACUUM. */
const BESIDE = 'SHARE UPDATE EXCLUSIVE';

/** What an upgrade costs on PostgreSQL. The locks are those of its manual, 13.3.1 and the page of each statement. */
export const costOf = async (session: Session): Promise<Cost> => ({
  weights: {
    fixed: 0.06,
    statement: 0.001,
    scan: 0.25,
    build: 1.7,
    copy: 1,
    rewrite: 1,
    inside: 1.7,
    stream: 34,
    check: 0,
    assumed: { scan: 1e-6, sort: 2e-6 },
  },
  spills: () => 1,
  ...locksOf(session.dialect),
  // What the upgrade locks stays locked until its one transaction ends; online each change has its own.
  meanwhile: (claims) =>
    meanwhile(claims, session.dialect.online ? 'while the change runs' : 'until the upgrade commits'),
  measure: measurer(session, {
    first: (count, columns, table) => `SELECT ${columns} FROM ${table} LIMIT ${count}`,
    length: (column) => `LENGTH(CAST(${column} AS TEXT))`,
  }),
  storage: sizer(session, {
    bounded: (count, table) => `SELECT 1 FROM ${table} LIMIT ${count}`,
    estimates: (tables) => readEstimates(session, tables),
    bytes: (tables) => readBytes(session, tables),
  }),
  disk: diskNeeded,
});

/** They are the same on every server. */
export const typical = (): Locks => locksOf({ compile, traits });

const locksOf = (language: Pick<Dialect, 'compile' | 'traits'>): Locks => ({
  claims: (change) => placed(change, language).map(claimsOf),
  rowClaims,
});

/** LOCK TABLE where the work keeps writers off what it reads; else only the rows that it changes are locked. */
const rowClaims = (work: RowWork): LockClaim[] =>
  [...new Set(work.locksOut ? [...work.reads, ...work.writes] : work.writes)].map((table) =>
    work.locksOut
      ? claim(table, WRITERS, 'rows')
      : { table, lock: 'ROW EXCLUSIVE', work: 'rows', blocks: 'nothing' },
  );

type Work = LockClaim['work'];

const claim = (table: string, lock: string, work: Work): LockClaim => ({
  ...{ table, lock, work },
  blocks: lock === EVERYONE ? 'everyone' : 'writers',
});

function claimsOf({ statement, operation, live, isNew }: Placed): LockClaim[] {
  const { sql, table } = statement;
  if (/^(INSERT|CREATE OR REPLACE FUNCTION)/.test(sql)) return [];
  if (sql.startsWith('CREATE TABLE')) return createTable((operation as { table: Table }).table);
  if (statement.alone)
    return [{ table, lock: BESIDE, work: sql.startsWith('CREATE') ? 'online' : 'scan', blocks: 'nothing' }];
  const found: LockClaim[] = /^CREATE (UNIQUE )?INDEX/.test(sql)
    ? [claim(table, 'SHARE', 'build')]
    : sql.startsWith('CREATE TRIGGER')
      ? [claim(table, WRITERS, 'metadata')]
      : alter(operation as TableOperation, statement, live.get(table) as Table);
  // An empty table costs nothing.
  return isNew
    ? found.map((one) => (one.table === table ? { ...one, work: 'metadata', blocks: 'nothing' } : one))
    : found;
}

const createTable = (table: Table): LockClaim[] => [
  { table: table.name, lock: EVERYONE, work: 'metadata', blocks: 'nothing' },
  ...others(
    table.name,
    table.foreignKeys.map((key) => key.refTable),
  ).map((name) => claim(name, WRITERS, 'metadata')),
];

type TableOperation = Exclude<Operation, { kind: 'createTable' } | { kind: 'rows' } | { kind: 'only' }>;

/** ALTER TABLE, and DROP INDEX, which locks the table of the index. */
function alter(operation: TableOperation, { sql, scans }: Statement, table: Table): LockClaim[] {
  const { name } = table;
  switch (operation.kind) {
    // Both tables of a foreign key get triggers (manual, ALTER TABLE, "ADD table_constraint"); the rows of the parent
    // are looked up.
    case 'addForeignKey':
      return [
        claim(name, WRITERS, isPutOff(sql) ? 'metadata' : 'scan'),
        ...others(name, [operation.foreignKey.refTable]).map((other) => claim(other, WRITERS, 'metadata')),
      ];
    // Dropping the triggers takes the strongest lock on the parent as well.
    case 'dropForeignKey':
      return [name, ...others(name, [operation.refTable])].map((other) => claim(other, EVERYONE, 'metadata'));
    case 'addCheck':
      return [claim(name, EVERYONE, isPutOff(sql) ? 'metadata' : 'scan')];
    case 'addUnique':
      return [claim(name, EVERYONE, 'build')];
    case 'replacePrimaryKey':
      return [claim(name, EVERYONE, sql.includes(' PRIMARY KEY ') ? 'build' : 'metadata')];
    case 'addColumn':
      return [claim(name, EVERYONE, addedBy(operation))];
    case 'alterColumn':
      return [claim(name, EVERYONE, scans === false ? 'metadata' : changedBy(operation, sql, table))];
    default:
      return [claim(name, EVERYONE, 'metadata')];
  }
}

/** The rows that are there are looked at later, beside writers. */
const isPutOff = (sql: string): boolean => sql.endsWith(' NOT VALID');

const others = (name: string, tables: readonly string[]): string[] =>
  [...new Set(tables)].filter((other) => other !== name);

/** A constant default is kept in the catalog (11 and later); a volatile one, or a stored expression, writes every row. */
function addedBy({ column }: Extract<Operation, { kind: 'addColumn' }>): Work {
  const isConstant = column.default?.kind !== 'native' || !column.default.sql.includes('(');
  return column.generated || column.identity || !isConstant ? 'rewrite' : 'metadata';
}

/** Manual, ALTER TABLE, notes: no row is touched where the old type is binary coercible to the new one. */
function changedBy(operation: Extract<Operation, { kind: 'alterColumn' }>, sql: string, table: Table): Work {
  const { type } = operation.change;
  if (sql.includes(' SET NOT NULL')) return 'scan';
  if (!type || !/ ALTER COLUMN \S+ TYPE /.test(sql)) return 'metadata';
  const old = columnOf(table, operation.column);
  const [from, to] = [old ? typeText(old.type) : '', typeText(type)];
  return isText(from) && (to === 'text' || room(to) >= room(from)) ? 'metadata' : 'rewrite';
}

const isText = (type: string): boolean => /^(character varying|text)/.test(type);
const room = (type: string): number =>
  type === 'text' || type === 'character varying'
    ? Number.POSITIVE_INFINITY
    : Number(/^character varying\((\d+)\)$/.exec(type)?.[1] ?? 0);
