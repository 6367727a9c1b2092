import {
  type BoundColumn,
  type RowContext,
  rows,
  type ScriptWords,
  type Source,
  source,
} from '../../../src/schema/index.js';
import { firstOf, type KeyRange } from '../ranges.js';
import { constants } from '../sql.js';
import { discardedAnalytics } from './discards.js';
import { ASSESSMENT_VALUES, fillAssessments, refuseGaps } from './fill-assessments.js';
import { fillSpans, SPAN_VALUES } from './fill-spans.js';
import { fillTraceCostsFromSpans } from './fill-trace-costs.js';
import { fillTraces, TRACE_VALUES } from './fill-traces.js';
import {
  COST_COLUMNS,
  COST_KEY,
  SESSION_KEY,
  TOKEN_COLUMNS,
  TOKEN_USAGE_KEY,
  TRACE_NAME_TAG,
} from './names.js';
import { keepsValues } from './phase.js';
import { refuseDimensions, refuseOrphans } from './preflight.js';

/** The rows of these tables that move into columns, and are deleted at the end. */
const LEGACY: Readonly<Record<string, readonly string[]>> = {
  trace_tags: [TRACE_NAME_TAG],
  trace_request_metadata: [SESSION_KEY, TOKEN_USAGE_KEY, COST_KEY],
  trace_metrics: TOKEN_COLUMNS,
  span_metrics: COST_COLUMNS,
};

/** The tables that get columns, and the columns of their primary keys, which are text. */
export const FILLED_KEYS = {
  trace_info: ['request_id'],
  spans: ['trace_id', 'span_id'],
  assessments: ['assessment_id'],
} as const;
export type FilledTable = keyof typeof FILLED_KEYS;

const FILLED = Object.keys(FILLED_KEYS);

const namesOf = (columns: readonly BoundColumn[]): string[] => columns.map((column) => column.name);

/** The column of each legacy table, beside key and value, that says whose value it is. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  trace_tags: ['request_id'],
  trace_request_metadata: ['request_id'],
  trace_metrics: ['request_id'],
  span_metrics: ['trace_id', 'span_id'],
};

const legacyRows = (keys: readonly string[], context: Pick<RowContext, 'quote'>): string =>
  `${context.quote('key')} IN (${constants(keys)})`;

const legacySources = Object.entries(LEGACY).map(
  ([table, keys]): Source => ({
    table,
    columns: [...(OWNERS[table] ?? []), 'key', 'value'],
    where: (context) => legacyRows(keys, context),
    needs: 'any',
  }),
);

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
  locksOut: true,
  streams: FILLED,
  sources: [
    {
      table: 'trace_info',
      columns: ['request_id', 'experiment_id', 'timestamp_ms'],
      filled: namesOf(TRACE_VALUES),
    },
    {
      table: 'spans',
      columns: ['trace_id', 'span_id', 'dimension_attributes'],
      filled: namesOf(SPAN_VALUES),
      needs: { column: 'dimension_attributes' },
    },
    {
      table: 'assessments',
      columns: ['assessment_id', 'trace_id', 'value'],
      filled: namesOf(ASSESSMENT_VALUES),
      needs: 'any',
    },
    ...legacySources,
  ],

  async preflight(context) {
    return [...(await refuseOrphans(context)), ...(await refuseDimensions(context))];
  },

  discards: discardedAnalytics,

  async run(context) {
    await context.lockOut([...FILLED, ...Object.keys(LEGACY)]);
    // A database that began before these tables were complete was not looked at yet.
    if (context.script) await assertParents(context, context.script);
    else {
      const refusals = await refuseOrphans(context);
      if (refusals.length > 0) throw new Error(refusals.map((refusal) => refusal.message).join('\n'));
    }
    await fill(context);
  },
});

/** Revision 75868b020152, after the columns are filled: removes the rows they were filled from. */
export const removeLegacyAnalytics = rows({
  title: 'remove the trace analytics that moved into columns',
  reads: Object.keys(LEGACY),
  writes: Object.keys(LEGACY),
  locksOut: true,

  async run(context) {
    // What came since the columns were filled would be lost.
    if (!(await context.lockOut(Object.keys(LEGACY)))) await fill(context);
    for (const [table, keys] of Object.entries(LEGACY)) {
      context.checkpoint();
      await context.execute(`DELETE FROM ${table} WHERE ${legacyRows(keys, context)}`);
    }
  },
});

/** What `refuseOrphans` looks for, in a script. */
async function assertParents({ quote }: RowContext, script: ScriptWords): Promise<void> {
  for (const table of ['spans', 'assessments'])
    await script.assert(
      `NOT EXISTS (SELECT 1 FROM ${quote(table)} c WHERE NOT EXISTS` +
        ' (SELECT 1 FROM trace_info t WHERE t.request_id = c.trace_id))',
      `${table} belong to traces that trace_info does not hold: delete these rows of ${table} first`,
    );
}

async function fill(context: RowContext): Promise<void> {
  const progress = progressOf(context, await count(context, FILLED));
  const keeps = await keepsValues(context);
  await fillTraces(context, keeps, progress);
  await fillSpans(context, keeps, progress);
  await fillTraceCostsFromSpans(context);
  await fillAssessments(context, progress);
  await refuseGaps(context);
}

/**
 * Fills the columns of the rows of one table in a range of its keys, from what their sources say now, as the
 * revision does; a row that holds its values already is not written. Neither are traces given the sums of their
 * spans' costs, which come last.
 *
 * @param progress told how many more rows are done, whether they were written or not
 * @throws on dimension attributes that MLflow refuses
 */
export async function fillRange(
  context: RowContext,
  table: FilledTable,
  range: KeyRange,
  progress: (rows: number) => void = () => undefined,
): Promise<void> {
  const keeps = await keepsValues(context);
  if (table === 'trace_info') await fillTraces(context, keeps, progress, range);
  else if (table === 'spans') await fillSpans(context, keeps, progress, range);
  else await fillAssessments(context, progress, range);
}

/** The next `count` rows of a table after a key, as a range; null where there are none. */
export async function nextRange(
  context: RowContext,
  table: FilledTable,
  after: readonly unknown[] | undefined,
  count: number,
): Promise<KeyRange | null> {
  const next = await firstOf(context, table, FILLED_KEYS[table], after ? { after } : {}, count);
  return next?.range ?? null;
}

async function count(context: RowContext, tables: readonly string[]): Promise<number> {
  let total = 0;
  for (const table of tables) {
    const [row] = await context.query<{ count: unknown }>(
      `SELECT COUNT(*) AS count FROM ${source(context, table)} c`,
    );
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
