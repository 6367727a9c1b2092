import sqlite3 from 'sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { loadChain, operationsOf } from '../src/core/revisions.js';
import { stepsOf } from '../src/core/steps.js';
import type { Session } from '../src/dialects/dialect.js';
import { costOf } from '../src/dialects/sqlite/cost.js';
import { type Database, openSession } from './support/databases.js';
import { manyMetrics, metricsState } from './support/metrics.js';

/** Of more rows than the cache holds. */
const indexed = 'create index index_metrics_run_uuid_key_step';

/** What another connection, which does not wait, hears. */
const ask = (path: string, sql: string): Promise<string> =>
  new Promise((done) => {
    const other = new sqlite3.Database(path);
    other.exec(sql, (error) =>
      other.close(() => done(error ? ((error as { code?: string }).code ?? '') : 'ok')),
    );
  });

describe('sqlite: the locks of a plan', () => {
  let database: Database;
  let session: Session;
  afterEach(async () => {
    await session.close();
    await database.drop();
  });

  it.each(['delete', 'wal'])('are those of the file, with journal_mode %s', async (mode) => {
    database = await manyMetrics('sqlite', 102_000);
    const path = database.uri.replace('sqlite:///', '');
    await database.rows(`PRAGMA journal_mode = ${mode}`);
    ({ session } = await openSession(database));
    const { revisions } = await loadChain();
    const remaining = new Map(
      revisions
        .slice(metricsState + 1)
        .map((revision, i) => [metricsState + 1 + i, operationsOf(revision, 'sqlite')]),
    );
    const cost = await costOf(session);
    const step = stepsOf(session.dialect, remaining, await session.introspect(), 'row').find(
      (one) => one.kind === 'change' && one.statements.some(({ title }) => title === indexed),
    );
    if (step?.kind !== 'change') throw new Error('metrics get an index somewhere');
    const claims = cost.claims(step);
    await session.begin();
    for (const [i, { sql, table, title }] of step.statements.entries()) {
      if (table !== 'metrics') continue;
      await session.query(sql);
      if (title === indexed) {
        const [claim] = claims[i] ?? [];
        expect(claim).toMatchObject({ table: 'metrics', lock: 'database file', work: 'build' });
        const read = await ask(path, 'SELECT count(*) FROM runs');
        expect(read).toBe(claim?.blocks === 'everyone' ? 'SQLITE_BUSY' : 'ok');
        expect(claim?.blocks).toBe(mode === 'wal' ? 'writers' : 'everyone');
        expect(await ask(path, "UPDATE runs SET name = 'x'")).toBe('SQLITE_BUSY');
        return;
      }
    }
    expect.fail('metrics get no index');
  });
});
