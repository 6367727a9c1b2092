import type { RowContext } from '../../../src/schema/index.js';

/**
 * Whether a value that no source gives leaves what is there. The revision deletes the sources of these columns after
 * it has created the rollup tables. Until the first of them is there, the sources decide, as in MLflow. From then on
 * an upgrade that died may have deleted some: what a source still says is taken, and nothing is ever replaced by
 * NULL.
 */
export const keepsValues = async (context: RowContext): Promise<boolean> =>
  (await context.columnsOf('sql_trace_metric_daily_rollups')).length > 0;
