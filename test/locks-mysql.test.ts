import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadChain, operationsOf } from '../src/core/revisions.js';
import { rowContext } from '../src/core/row-context.js';
import { type ChangeStep, stepsOf } from '../src/core/steps.js';
import { Stop } from '../src/core/stop.js';
import type { LockClaim } from '../src/dialects/cost.js';
import type { Session, Statement } from '../src/dialects/dialect.js';
import { costOf } from '../src/dialects/mysql/cost.js';
import type { Schema } from '../src/schema/table.js';
import { connectMysql, createOn } from './support/create-mysql.js';
import { availableServers, type Database, openSession, type ServerKind } from './support/databases.js';
import { ddlAt } from './support/fixtures.js';
import { type MysqlServer, startMariadb, startMysql } from './support/mysql-server.js';
import { longRunners, shareOf } from './support/share.js';

type Kind = Extract<ServerKind, 'mysql' | 'mariadb'>;

/** Where InnoDB tells of its tables: a table that was written anew has another number. */
const innodb = { mysql: 'INNODB_TABLES', mariadb: 'INNODB_SYS_TABLES' };

const kinds = availableServers().filter((kind): kind is Kind => kind === 'mysql' || kind === 'mariadb');

describe.each(kinds)('%s: the locks of a plan', (kind) => {
  let database: Database;
  let session: Session;
  const others: Connection[] = [];
  let server: MysqlServer;
  // The server of the whole run does without what tells of metadata locks.
  beforeAll(async () => {
    const instrument = '--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON';
    server = await { mysql: startMysql, mariadb: startMariadb }[kind]('--performance-schema=ON', instrument);
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    await Promise.all(others.splice(0).map((other) => other.end()));
    await session.close();
    await database.drop();
  });

  const schemaName = () => new URL(database.uri).pathname.slice(1);
  const another = async (): Promise<Connection> => {
    const connection = await connectMysql(server, schemaName());
    others.push(connection);
    return connection;
  };

  const open = async (ordinal: number): Promise<void> => {
    database = await createOn(kind, server);
    await database.run(...ddlAt(ordinal, kind));
    ({ session } = await openSession(database));
  };

  /** Takes the database to the head; `change` carries each statement of a change out itself. */
  const upgrade = async (
    ordinal: number,
    change: (statement: Statement, claims: readonly LockClaim[], step: ChangeStep) => Promise<void>,
  ): Promise<void> => {
    const { revisions } = await loadChain();
    const remaining = new Map(
      revisions.slice(ordinal + 1).map((revision, i) => [ordinal + 1 + i, operationsOf(revision, 'mysql')]),
    );
    const cost = await costOf(session);
    for (const step of stepsOf(
      session.dialect,
      remaining,
      await session.introspect(),
      ordinal > 0 ? 'row' : 'none',
    )) {
      if (step.kind === 'rows') await step.work.run(rowContext(session, new Stop(), () => undefined));
      if (step.kind !== 'change') continue;
      const claims = cost.claims(step);
      expect(claims.length).toBe(step.statements.length);
      for (const [i, statement] of step.statements.entries())
        await change(statement, claims[i] as LockClaim[], step);
    }
  };

  const numberOf = async (table: string): Promise<number> => {
    const [row] = await session.query<{ id: number }>(
      `SELECT TABLE_ID AS id FROM information_schema.${innodb[kind]} WHERE NAME = ?`,
      [`${schemaName()}/${table}`],
    );
    return Number(row?.id);
  };

  const indexesOf = async (table: string): Promise<Set<number>> => {
    const rows = await session.query<{ id: number }>(
      `SELECT INDEX_ID AS id FROM information_schema.${innodb[kind].replace('TABLES', 'INDEXES')} WHERE TABLE_ID = ?`,
      [await numberOf(table)],
    );
    return new Set(rows.map(({ id }) => Number(id)));
  };

  /**
   * Does an ALTER in the cheapest way that the server agrees to, which is the way it takes when it is not asked.
   * A refused one has no effect. Returns whether others may write meanwhile.
   */
  const alter = async (sql: string): Promise<boolean> => {
    for (const way of ['ALGORITHM=INSTANT', 'LOCK=NONE']) {
      const failure = await session.query(`${sql}, ${way}`).then(
        () => null,
        (error: Error) => error.message,
      );
      if (failure === null) return true;
      expect(failure).toMatch(/(ALGORITHM=INSTANT|LOCK=NONE) is not supported/);
    }
    await session.query(sql);
    return false;
  };

  it.each(shareOf(kind, [0, 48]))('say how each ALTER is done, from state %i', async (ordinal) => {
    await open(ordinal);
    const counts = { metadata: 0, online: 0, rewrite: 0, copy: 0 };
    await upgrade(ordinal, async ({ sql, table }, [claim], step) => {
      if (!sql.startsWith('ALTER')) return void (await session.query(sql));
      const [number, indexes] = [await numberOf(table), await indexesOf(table)];
      const isOnline = await alter(sql);
      const isRewritten = (await numberOf(table)) !== number;
      const isBuilt = [...(await indexesOf(table))].some((id) => !indexes.has(id));
      if (!step.before.has(table)) return expect(claim?.work, sql).toBe('metadata');
      const work = isRewritten ? 'rewrite' : isBuilt ? 'online' : 'metadata';
      expect({ sql, work: claim?.work, blocks: claim?.blocks }).toEqual({
        ...{ sql, work },
        blocks: isOnline ? 'nothing' : 'writers',
      });
      counts[work]++;
      if (!isOnline) counts.copy++;
    });
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(5);
  });

  /** Tables that a foreign key joins with `table`, and the table itself. */
  const around = (table: string, ...schemas: readonly Schema[]): string[] => {
    const found = new Set([table]);
    for (const schema of schemas)
      for (const { name, foreignKeys } of schema.values())
        for (const { refTable } of foreignKeys) {
          if (name === table) found.add(refTable);
          if (refTable === table) found.add(name);
        }
    return [...found];
  };

  it.runIf(longRunners().includes(kind))('are the metadata locks that each statement waits for', async () => {
    await open(0);
    const observer = await another();
    const readers: Connection[] = [];
    const [own] = await session.query<{ id: number }>('SELECT CONNECTION_ID() AS id');
    let [parents, compared] = [0, 0];
    await upgrade(0, async ({ sql, table }, claims, { before, after }) => {
      const names = new Set(await session.tableNames());
      const held = around(table, before, after).filter((name) => names.has(name));
      while (readers.length < held.length) readers.push(await another());
      for (const [i, name] of held.entries()) {
        await readers[i]?.query('START TRANSACTION');
        await readers[i]?.query(`SELECT 1 FROM \`${name}\` LIMIT 1`);
      }
      let running = true;
      const statement = session.query(sql).finally(() => {
        running = false;
      });
      const waited: string[] = [];
      const unwritable = new Set<string>();
      const pending = new Map<string, number>();
      while (running) {
        for (const { name, type, status } of await locksOf(observer, Number(own?.id))) {
          if (/^SHARED_(NO_WRITE|READ_ONLY)$/.test(type)) unwritable.add(name);
          if (status !== 'PENDING') continue;
          // Every lock is pending for the moment in which it is taken; one that waits is still there at the third look.
          const looks = (pending.get(`${name} ${type}`) ?? 0) + 1;
          pending.set(`${name} ${type}`, looks);
          if (looks < 3) continue;
          expect(type, sql).toBe('EXCLUSIVE');
          if (!waited.includes(name)) waited.push(name);
          await readers[held.indexOf(name)]?.query('COMMIT');
        }
        await sleep(2);
      }
      await statement;
      for (const reader of readers) await reader.query('COMMIT');
      const claimed = claims
        .filter((claim) => claim.lock === 'MDL EXCLUSIVE' && held.includes(claim.table))
        .map((claim) => claim.table);
      expect({ sql, waited: waited.sort() }).toEqual({ sql, waited: claimed.sort() });
      const others = claims.filter((claim) => claim.table !== table && claim.blocks === 'writers');
      unwritable.delete(table);
      expect({ sql, unwritable: [...unwritable].sort() }).toEqual({
        sql,
        unwritable: others.map((claim) => claim.table).sort(),
      });
      compared += others.length;
      parents += claimed.filter((name) => name !== table).length;
    });
    expect(compared).toBeGreaterThan(5);
    if (kind === 'mysql') expect(parents).toBeGreaterThan(20);
  });
});

interface Seen {
  readonly name: string;
  readonly type: string;
  readonly status: 'GRANTED' | 'PENDING';
}

/** The metadata locks on tables that a session has, or waits for, now. */
async function locksOf(observer: Connection, id: number): Promise<Seen[]> {
  const [rows] = await observer.query(
    `SELECT OBJECT_NAME AS name, LOCK_TYPE AS type, LOCK_STATUS AS status FROM performance_schema.metadata_locks
     JOIN performance_schema.threads ON THREAD_ID = OWNER_THREAD_ID
     WHERE PROCESSLIST_ID = ? AND OBJECT_TYPE = 'TABLE' AND OBJECT_SCHEMA = DATABASE()`,
    [id],
  );
  return rows as Seen[];
}
