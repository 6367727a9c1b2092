import { afterEach, describe, expect, it } from 'vitest';
import type { UpgradeEvent } from '../src/core/events.js';
import { Stop } from '../src/core/stop.js';
import { upgrade } from '../src/core/upgrade.js';
import type { Session } from '../src/dialects/dialect.js';
import { loadDialect, parseUri } from '../src/dialects/index.js';
import type { ProgressModule, ServerProgress } from '../src/dialects/progress.js';
import {
  availableServers,
  createDatabase,
  type Database,
  databaseAt,
  kinds,
  openSession,
} from './support/databases.js';
import { irreversible } from './support/irreversible.js';
import { type Other, otherSession } from './support/other-session.js';
import { bundled, longRunners } from './support/share.js';

let database: Database;
afterEach(() => database.drop());

const servers = availableServers().filter((kind) => kind !== 'sqlite');
const moment = () => new Promise((done) => setTimeout(done, 20));

async function open(readOnly: boolean): Promise<Session> {
  const dialect = await loadDialect(database.dialect);
  return dialect.connect(parseUri(database.uri), {
    ...{ lockWaitMs: 20_000, lockTimeoutMs: 20_000 },
    ...(readOnly ? { readOnly } : {}),
  });
}

/** Runs SQL while `holder` keeps it waiting, until the second connection has read what `wanted` takes. */
async function whileHeld(
  holder: Other,
  sql: string,
  wanted: (told: ServerProgress) => boolean,
): Promise<ServerProgress> {
  const [watched, watching] = [await open(false), await open(true)];
  try {
    const module = (await watched.dialect.progress()) as ProgressModule;
    const id = await module.identify(watched);
    const running = watched.query(sql);
    let told: ServerProgress | null = null;
    while (!told || !wanted(told)) {
      told = await module.read(watching, id);
      await moment();
    }
    await holder.end();
    await running;
    expect(await module.read(watching, id)).toBeNull();
    return told;
  } finally {
    await watching.close();
    await watched.close();
  }
}

describe.each(servers)('%s: the second connection', (kind) => {
  it('sees that a statement waits for a lock', async () => {
    database = await createDatabase(kind);
    await database.run('CREATE TABLE t (a INTEGER)', 'INSERT INTO t VALUES (1)');
    const holder = await otherSession(database);
    await holder.run('BEGIN');
    await holder.run('SELECT a FROM t');
    const told = await whileHeld(holder, 'ALTER TABLE t ADD COLUMN b INTEGER', ({ phase }) =>
      /lock/i.test(phase),
    );
    expect(told.share).toBeNull();
  });
});

describe.runIf(servers.includes('postgresql'))('PostgreSQL: an index build', () => {
  it('is told by the part of the table that is read', async () => {
    database = await createDatabase('postgresql');
    await database.run(
      'CREATE TABLE t (a INTEGER, filler TEXT)',
      "INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 2000) AS g(i)",
      // At the thousandth row of two thousand the build stands still, until the holder goes.
      `CREATE FUNCTION held(i INTEGER) RETURNS INTEGER IMMUTABLE LANGUAGE plpgsql AS $$
       BEGIN IF i = 1000 THEN PERFORM pg_advisory_xact_lock_shared(4711); END IF; RETURN i; END $$`,
    );
    const holder = await otherSession(database);
    await holder.run('SELECT pg_advisory_lock(4711)');
    const told = await whileHeld(holder, 'CREATE INDEX i ON t (held(a))', ({ phase }) =>
      /scanning table, waits for a lock/.test(phase),
    );
    // Of both halves the first is half done.
    expect(told.share).toBeGreaterThan(0.2);
    expect(told.share).toBeLessThan(0.3);
  });
});

const progressOf = (events: readonly UpgradeEvent[]) => events.filter((event) => event.event === 'progress');

describe.each(bundled())('%s: an upgrade', (kind) => {
  it('goes on without the second connection, which is missed once', async () => {
    database = await databaseAt(kind, 60);
    const { session } = await openSession(database);
    const events: UpgradeEvent[] = [];
    let asked = 0;
    let beats = 0;
    // The first statement waits for what two signs of life let go.
    const query = session.query.bind(session);
    let release: () => void = () => undefined;
    const slow = new Promise<void>((done) => {
      release = done;
    });
    session.query = async (sql, params) => {
      if (/^(ALTER|CREATE)/.test(sql)) await slow;
      return query(sql, params);
    };
    await upgrade(session, {
      ...{ yes: true, confirm: irreversible, stop: new Stop() },
      watch: async () => {
        asked += 1;
        throw new Error('too many connections\nand more');
      },
      listen: (event) => {
        events.push(event);
        if (event.event === 'progress' && (event.seconds ?? 0) >= 1 && ++beats === 2) release();
      },
    });
    await session.close();
    const missed = events.filter(
      (event) => event.event === 'warning' && /second connection/.test(event.message),
    );
    const asks = kind !== 'sqlite';
    expect([asked, missed.length]).toEqual(asks ? [1, 1] : [0, 0]);
    if (asks) expect(missed[0]).toMatchObject({ message: expect.stringMatching(/too many connections$/) });
    expect(events.at(-1)).toMatchObject({ event: 'done' });
  });
});

describe.each(longRunners())('%s: an upgrade', (kind) => {
  it('tells a share that grows with the rows, never back, and says what is estimated', async () => {
    database = await databaseAt(kind, 5);
    const q = kinds[kind].quote;
    const values = Array.from(
      { length: 2000 },
      (_, i) => `('m${i}', ${i}, ${i}, 'r', 0, ${yes(kind, false)})`,
    );
    await database.run(
      "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (7, 'e', 'active')",
      `INSERT INTO runs (run_uuid, name, source_type, status, lifecycle_stage, experiment_id)
       VALUES ('r', 'r', 'LOCAL', 'FINISHED', 'active', 7)`,
      `INSERT INTO metrics (${q('key')}, value, timestamp, run_uuid, step, is_nan) VALUES ${values.join(', ')}`,
      ...[1, 2, 4].map(
        (n) =>
          `INSERT INTO metrics (${q('key')}, value, timestamp, run_uuid, step, is_nan)
           SELECT ${q('key')}, value, timestamp, run_uuid, step + ${n}, is_nan FROM metrics`,
      ),
      ...(kind === 'postgresql' ? ['ANALYZE metrics'] : []),
      ...(kind === 'mysql' || kind === 'mariadb' ? ['ANALYZE TABLE metrics'] : []),
    );
    const { session } = await openSession(database);
    const events: UpgradeEvent[] = [];
    const options = { yes: true, confirm: irreversible, stop: new Stop() };
    await upgrade(session, { ...options, watch: () => open(true), listen: (event) => events.push(event) });
    await session.close();
    const told = progressOf(events);
    const shares = told.map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    // What is about the metrics makes up most of it: not so long at the end, and not so long at the beginning.
    const metrics = told.filter(({ table }) => table === 'metrics');
    expect(metrics.length).toBeGreaterThan(1);
    expect(metrics[0]?.share).toBeLessThan(0.3);
    expect(told.at(-1)?.share).toBeGreaterThan(0.8);
    // An index of the metrics is a good part of it, where it has a statement of its own.
    const at = told.findIndex(({ step }) => step === 'create index index_metrics_run_uuid');
    if (kinds[kind].transactional)
      expect((told[at + 1]?.share ?? 0) - (told[at]?.share ?? 0)).toBeGreaterThan(0.05);
    const counted = metrics.find(({ total }) => total !== null && total !== undefined);
    expect(counted).toMatchObject({ exact: false });
    expect(counted?.total).toBeGreaterThan(8000);
    expect(counted?.total).toBeLessThan(32_000);
  });
});

const yes = (kind: Database['kind'], value: boolean): string =>
  kind === 'postgresql' ? String(value) : value ? '1' : '0';
