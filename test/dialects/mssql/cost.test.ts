import { describe, expect, it } from 'vitest';
import { expectedAt, loadChain, operationsOf } from '../../../src/core/revisions.js';
import { type ChangeStep, stepsOf } from '../../../src/core/steps.js';
import type { LockClaim } from '../../../src/dialects/cost.js';
import type { Session } from '../../../src/dialects/dialect.js';
import { costOf } from '../../../src/dialects/mssql/cost.js';
import { mssql } from '../../../src/dialects/mssql/index.js';

/** Only the edition is asked of a server before claims are made. */
const server = (edition: number) => ({ query: async () => [{ edition }] }) as unknown as Session;

async function changes(from: number): Promise<ChangeStep[]> {
  const chain = await loadChain();
  const remaining = new Map(
    chain.revisions.slice(from + 1).map((revision, i) => [from + 1 + i, operationsOf(revision, 'mssql')]),
  );
  return stepsOf(mssql, remaining, expectedAt(chain, from, mssql), 'row').filter(
    (step): step is ChangeStep => step.kind === 'change',
  );
}

/** Every statement of an upgrade with its claims. */
async function claimed(from: number, edition = 3): Promise<{ sql: string; claims: readonly LockClaim[] }[]> {
  const cost = await costOf(server(edition));
  return (await changes(from)).flatMap((step) => {
    const claims = cost.claims(step);
    expect(claims.length).toBe(step.statements.length);
    return step.statements.map(({ sql }, i) => ({ sql, claims: claims[i] as LockClaim[] }));
  });
}

const find = (all: Awaited<ReturnType<typeof claimed>>, pattern: RegExp) => {
  const found = all.find(({ sql }) => pattern.test(sql));
  if (!found) throw new Error(`no statement is like ${pattern}`);
  return found.claims;
};

const schM = (table: string, work: LockClaim['work'], blocks = 'everyone') => ({
  ...{ table, lock: 'Sch-M', work, blocks },
});

describe('mssql: the locks of a plan, by documentation', () => {
  it('name the table of each statement, and both ends of a foreign key', async () => {
    const all = await claimed(0);
    for (const { sql, claims } of all) {
      if (sql.startsWith('INSERT')) expect(claims).toEqual([]);
      else expect(claims[0]?.lock, sql).toMatch(/^(Sch-M|S)$/);
      for (const [, table] of sql.matchAll(/ REFERENCES \[?(\w+)\]?/g))
        expect(claims.map((claim) => claim.table)).toContain(table);
    }
    const late = await claimed(48);
    expect(find(late, /ALTER TABLE model_versions DROP CONSTRAINT [\s\S]*registered_models/)).toEqual([
      schM('model_versions', 'metadata'),
      schM('registered_models', 'metadata'),
    ]);
    expect(find(late, /^ALTER TABLE trace_info ADD CONSTRAINT fk_trace_info_experiment_id/)).toEqual([
      schM('trace_info', 'scan'),
      schM('experiments', 'metadata'),
    ]);
  });

  it('tell notes from scans, indexes and rewrites', async () => {
    const all = await claimed(5);
    expect(find(all, /^ALTER TABLE runs ADD deleted_time/)).toEqual([schM('runs', 'metadata')]);
    expect(find(all, /^ALTER TABLE params ALTER COLUMN \S*value\S* varchar\(8000\)/)).toEqual([
      schM('params', 'metadata'),
    ]);
    expect(find(all, /^CREATE INDEX index_params_run_uuid/)).toEqual([
      { table: 'params', lock: 'S', work: 'build', blocks: 'writers' },
    ]);
    expect(find(all, /^ALTER TABLE registered_models ADD CONSTRAINT \S+ PRIMARY KEY/)[0]).toEqual(
      schM('registered_models', 'metadata', 'nothing'),
    );
    expect(
      find(await claimed(48), /^ALTER TABLE registered_models ADD CONSTRAINT \S+ PRIMARY KEY/)[0],
    ).toEqual(schM('registered_models', 'rewrite'));
  });

  it('know that only some editions note a column with a default', async () => {
    const pattern = /^ALTER TABLE inputs ADD \[?step\]? bigint .*NOT NULL/;
    expect(find(await claimed(29, 3), pattern)).toEqual([schM('inputs', 'metadata')]);
    expect(find(await claimed(29, 2), pattern)).toEqual([schM('inputs', 'rewrite')]);
  });
});
