import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { deleteDangling, edgeName, findDangling } from '../../src/core/gc/dangling.js';
import { RowDeleter } from '../../src/core/gc/delete-rows.js';
import { keysAtOnce } from '../../src/core/gc/delete-rows-walk.js';
import { edgesOf, nodeOf } from '../../src/core/gc/graph.js';
import { loadLinks } from '../../src/core/gc/links.js';
import { expectedAt, loadChain } from '../../src/core/revisions.js';
import { loadDialect, parseUri } from '../../src/dialects/index.js';
import { fixturesFolder } from '../support/fixtures.js';

const folder = mkdtempSync(join(tmpdir(), 'mltrack-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of a database that an old release of MLflow made. */
async function oldDatabase(release: string) {
  const path = join(folder, `${release}.db`);
  copyFileSync(fileURLToPath(new URL(`databases/${release}.sqlite.db`, fixturesFolder)), path);
  const session = await (await loadDialect('sqlite')).connect(parseUri(`sqlite:///${path}`), {
    lockWaitMs: 1000,
  });
  const [stamp] = await session.query<{ version_num: string }>('SELECT version_num FROM alembic_version');
  const chain = await loadChain();
  const ordinal = chain.ordinalOf(stamp?.version_num as string) as number;
  const schema = expectedAt(chain, ordinal, session.dialect);
  return { session, schema, deleter: await RowDeleter.open(session, schema, await loadLinks()) };
}

describe('dangling rows', () => {
  it.each(['1.30', '2.22', '3.1', '3.10', '3.16'])(
    'of a run of MLflow %s go when they are orphans',
    async (release) => {
      const { session, deleter } = await oldDatabase(release);
      const before = new Set((await findDangling(deleter)).map(({ edge }) => edgeName(edge)));
      const [run] = await session.query<{ id: string }>(
        'SELECT run_uuid AS id FROM runs WHERE run_uuid IN (SELECT run_uuid FROM params) ORDER BY 1 LIMIT 1',
      );
      await session.execute('DELETE FROM runs WHERE run_uuid = ?', [run?.id]);
      const after = (await findDangling(deleter)).map(({ edge }) => edgeName(edge));
      expect(after).toContain('params.run_uuid → runs');
      await deleteDangling(deleter, () => undefined);
      const left = (await findDangling(deleter)).map(({ edge }) => edgeName(edge));
      expect(left).not.toContain('params.run_uuid → runs');
      // What has nothing to do with what a collection takes was there before and stays, for `db check` to tell.
      expect(left.filter((name) => !before.has(name))).toEqual([]);
      expect(await session.query('SELECT 1 AS there FROM params WHERE run_uuid = ?', [run?.id])).toEqual([]);
      await session.close();
    },
  );

  it('clear what a collection would have cleared, page by page', async () => {
    const { session, deleter } = await oldDatabase('3.16');
    // One more than a page of runs that are not there.
    await session.execute(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${keysAtOnce + 1})
      INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms,
        last_updated_timestamp_ms, status, lifecycle_stage, source_run_id)
      SELECT 'm-' || i, 0, 'm', 'a', 1, 1, 1, 'active', 'gone-' || i FROM n`);
    const [before] = await session.query('SELECT COUNT(*) AS n FROM logged_models');
    await deleteDangling(deleter, () => undefined);
    const left = (await findDangling(deleter)).map(({ edge }) => edgeName(edge));
    expect(left).not.toContain('logged_models.source_run_id → runs');
    expect(
      await session.query("SELECT 1 AS there FROM logged_models WHERE source_run_id LIKE 'gone-%'"),
    ).toEqual([]);
    expect(await session.query('SELECT COUNT(*) AS n FROM logged_models')).toEqual([before]);
    await session.close();
  });

  it('stop between two pages', async () => {
    const { session, deleter } = await oldDatabase('3.16');
    await expect(
      deleteDangling(deleter, () => {
        throw new Error('stopped');
      }),
    ).rejects.toThrow('stopped');
    await session.close();
  });
});

describe('the graph', () => {
  it('goes from an experiment down to the metrics of spans and the tags of inputs', async () => {
    const { session, schema } = await oldDatabase('3.16');
    const edges = edgesOf(schema, await loadLinks());
    const text = JSON.stringify(nodeOf(edges, { table: 'experiments', column: 'experiment_id' }));
    for (const table of ['span_metrics', 'input_tags', 'review_queue_items', 'online_scoring_configs'])
      expect(text).toContain(`"${table}"`);
    expect(text).not.toContain('"registered_models"');
    await session.close();
  });

  it('refuses links in a circle', () => {
    const edge = { columns: ['parent'], toColumns: ['parent'], action: 'delete' as const };
    const edges = [
      { ...edge, table: 'x', to: 'y' },
      { ...edge, table: 'y', to: 'x' },
    ];
    expect(() => nodeOf(edges, { table: 'x', column: 'parent' })).toThrow(
      'links in a circle: x.parent ← y.parent ← x.parent',
    );
  });
});
