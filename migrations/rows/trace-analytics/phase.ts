import type { BoundColumn, Row, RowContext } from '../../../src/schema/index.js';

/** How much of a row's new values can be trusted. */
export interface Phase {
  /** What `columns` of a row shall hold, of what its sources say now. */
  values(found: readonly unknown[], columns: readonly BoundColumn[], row: Row): unknown[];
}

/**
 * The revision deletes the sources of these columns after it has created the rollup tables. Until the first of them
 * is there, the sources decide, as in MLflow. From then on an upgrade that died may have deleted some: what a source
 * still says is taken, and nothing is ever replaced by NULL.
 */
export async function phaseOf(context: RowContext): Promise<Phase> {
  const begun = (await context.columnsOf('sql_trace_metric_daily_rollups')).length > 0;
  if (!begun) return { values: (found) => [...found] };
  return {
    values: (found, columns, row) => found.map((value, i) => value ?? row[(columns[i] as BoundColumn).name]),
  };
}
