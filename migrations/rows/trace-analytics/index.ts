import { type RowContext, rows } from '../../../src/schema/index.js';
import { constants } from '../sql.js';
import { fillAssessments } from './fill-assessments.js';
import { fillSpans } from './fill-spans.js';
import { fillTraceCostsFromSpans } from './fill-trace-costs.js';
import { fillTraces } from './fill-traces.js';
import {
  COST_COLUMNS,
  COST_KEY,
  SESSION_KEY,
  TOKEN_COLUMNS,
  TOKEN_USAGE_KEY,
  TRACE_NAME_TAG,
} from './names.js';
import { phaseOf } from './phase.js';
import { refuseDimensions, refuseOrphans } from './preflight.js';

/** The rows of these tables that move into columns, and are deleted at the end. */
const LEGACY: Readonly<Record<string, readonly string[]>> = {
  trace_tags: [TRACE_NAME_TAG],
  trace_request_metadata: [SESSION_KEY, TOKEN_USAGE_KEY, COST_KEY],
  trace_metrics: TOKEN_COLUMNS,
  span_metrics: COST_COLUMNS,
};

const FILLED = ['trace_info', 'spans', 'assessments'];

/**
 * Revision 75868b020152, after its columns are added: fills them from tags, metadata, metrics and dimension
 * attributes (mlflow/store/db_migrations/versions/75868b020152_add_sql_trace_analytics_schema.py).
 *
 * The sum of span costs is the server's: SQLite adds with compensation since 3.43, so that its last digit may differ
 * from that of an older SQLite.
 */
export const fillTraceAnalytics = rows({
  title: 'fill the analytics columns of traces, spans and assessments',
  reads: [...FILLED, ...Object.keys(LEGACY)],
  writes: FILLED,

  async preflight(context) {
    return [...(await refuseOrphans(context)), ...(await refuseDimensions(context))];
  },

  async run(context) {
    await context.lockOut([...FILLED, ...Object.keys(LEGACY)]);
    // A database that began before these tables were complete was not looked at yet.
    const refusals = await refuseOrphans(context);
    if (refusals.length > 0) throw new Error(refusals.map((refusal) => refusal.message).join('\n'));
    await fill(context);
  },
});

/** Revision 75868b020152, after the columns are filled: removes the rows they were filled from. */
export const removeLegacyAnalytics = rows({
  title: 'remove the trace analytics that moved into columns',
  reads: Object.keys(LEGACY),
  writes: Object.keys(LEGACY),

  async run(context) {
    // What came since the columns were filled would be lost.
    if (!(await context.lockOut(Object.keys(LEGACY)))) await fill(context);
    for (const [table, keys] of Object.entries(LEGACY)) {
      context.checkpoint();
      await context.execute(`DELETE FROM ${table} WHERE ${context.quote('key')} IN (${constants(keys)})`);
    }
  },
});

async function fill(context: RowContext): Promise<void> {
  const progress = progressOf(context, await count(context, FILLED));
  const phase = await phaseOf(context);
  await fillTraces(context, phase, progress);
  await fillSpans(context, phase, progress);
  await fillTraceCostsFromSpans(context);
  await fillAssessments(context, progress);
}

async function count(context: RowContext, tables: readonly string[]): Promise<number> {
  let total = 0;
  for (const table of tables) {
    const [row] = await context.query<{ count: unknown }>(`SELECT COUNT(*) AS count FROM ${table}`);
    total += Number(row?.count ?? 0);
  }
  return total;
}

function progressOf(context: RowContext, total: number): (rows: number) => void {
  let done = 0;
  return (rows) => {
    done += rows;
    context.progress(done, total);
  };
}
