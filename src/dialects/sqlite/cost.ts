import { dirname } from 'node:path';
import { meanwhile } from '../claims.js';
import type { Cost, LockClaim, Locks } from '../cost.js';
import type { Session, Statement } from '../dialect.js';
import { measurer } from '../probe.js';
import { sizer } from '../sizes.js';
import { diskNeeded, readBytes, readEstimates, rowsWithKeys } from './disk.js';

/** https://www.sqlite.org/lockingv3.html: there is one lock, on the whole file. */
const LOCK = 'database file';

/** What an upgrade costs on a SQLite file. */
export async function costOf(session: Session): Promise<Cost> {
  const [row] = await session.query<{ mode: string }>('SELECT journal_mode AS mode FROM pragma_journal_mode');
  const isWal = row?.mode === 'wal';
  const limited = (count: number, columns: string, table: string) =>
    `SELECT ${columns} FROM ${table} LIMIT ${count}`;
  return {
    ...locksOf(isWal),
    weights: {
      fixed: 0.1,
      statement: 0.0005,
      scan: 0.5,
      build: 0.8,
      copy: 1.5,
      rewrite: 1.5,
      inside: 0.45,
      stream: 42,
      check: 0.7,
      assumed: { scan: 6e-7, sort: 1e-6 },
    },
    spills: () => 1,
    meanwhile: (claims) => meanwhileOf(claims, isWal),
    measure: async (sizes) => ({
      ...(await measurer(session, { first: limited, length: (column) => `LENGTH(${column})` })(sizes)),
      checkedRows: await rowsWithKeys(session),
    }),
    storage: sizer(session, {
      bounded: (count, table) => limited(count, '1', table),
      estimates: (tables) => readEstimates(session, tables),
      bytes: (tables, seconds) => readBytes(session, tables, seconds),
    }),
    disk: (deeds, sizes) => diskNeeded(deeds, sizes, dirname(session.place), isWal),
  };
}

/** A new file has a rollback journal. */
export const typical = (): Locks => locksOf(false);

/**
 * One writer from the first statement on. Readers go on beside it in WAL; with a rollback journal they are locked
 * out as soon as the changed pages do not fit the cache and are written to the file (lockingv3, "5.0").
 */
function locksOf(isWal: boolean): Locks {
  const claim = (table: string, work: LockClaim['work']): LockClaim => ({
    ...{ table, lock: LOCK, work },
    blocks: isWal || work === 'metadata' || work === 'scan' ? 'writers' : 'everyone',
  });
  return {
    claims: ({ statements, before }) =>
      statements.map((statement) => {
        const work = workOf(statement);
        return [claim(statement.table, before.has(statement.table) ? work : 'metadata')];
      }),
    rowClaims: ({ writes }) => writes.map((table) => claim(table, 'rows')),
  };
}

/** An added column is only noted in the schema (https://www.sqlite.org/lang_altertable.html#altertabaddcol). */
function workOf({ sql, scans }: Statement): LockClaim['work'] {
  if (/^INSERT INTO [^(]*\([^)]*\) SELECT/.test(sql) && scans)
    return / LIMIT 1$/.test(sql) ? 'scan' : 'rewrite';
  return /^CREATE (UNIQUE )?INDEX/.test(sql) ? 'build' : 'metadata';
}

const meanwhileOf = (claims: readonly LockClaim[], isWal: boolean): string =>
  isWal
    ? meanwhile(
        claims,
        'until the upgrade commits, and fail after five seconds: the whole file has one writer',
      )
    : 'The MLflow server must be stopped: the whole file is locked until the upgrade commits, and who waits fails after five seconds.';
