import { columnOf } from '../../schema/table.js';
import type { Walk } from './delete-rows-walk.js';

const queue = 'sql_trace_rollup_rebuild_queue';
const rollups = 'sql_assessment_daily_rollups';
const dayMs = 86_400_000;

/**
 * Assessments that go with a run may stand on traces that stay: their days are put in the queue from which MLflow
 * sums them up again, before a row goes, as its delete_run does (store/tracking/sqlalchemy_store.py:
 * _enqueue_assessment_rebuilds_for_filter). Only days that have sums; without MLflow's rollups there are none.
 *
 * @param runs at most `keysAtOnce`
 */
export async function queueRebuilds(walk: Walk, runs: readonly string[]): Promise<void> {
  const assessments = walk.schema.get('assessments');
  if (!walk.schema.has(queue) || !assessments || !columnOf(assessments, 'trace_timestamp_ms')) return;
  const { session } = walk;
  const own = walk.keyed('assessments', 'run_id', runs);
  const days = await session.query<{ experiment: number; day: string | number }>(
    `SELECT DISTINCT experiment_id AS experiment, trace_timestamp_ms - trace_timestamp_ms % ${dayMs} AS day
     FROM assessments WHERE ${own.sql} AND experiment_id IS NOT NULL AND trace_timestamp_ms IS NOT NULL ORDER BY 1, 2`,
    own.params,
  );
  for (const { experiment, day } of days) {
    const key = [experiment, new Date(Number(day)).toISOString().slice(0, 10)];
    const there = async (table: string, more: string): Promise<boolean> =>
      (
        await session.query(
          `SELECT 1 AS there FROM ${table} WHERE experiment_id = ? AND rollup_day = ?${more} ORDER BY 1 ${session.sql.limit(1)}`,
          key,
        )
      ).length > 0;
    if (!(await there(rollups, '')) || (await there(queue, " AND rollup_family = 'assessment'"))) continue;
    await session.execute(
      `INSERT INTO ${queue} (experiment_id, rollup_day, rollup_family) VALUES (?, ?, 'assessment')`,
      key,
    );
  }
}
