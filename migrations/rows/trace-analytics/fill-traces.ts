import { type BoundColumn, type Row, type RowContext, source } from '../../../src/schema/index.js';
import { type KeyRange, pages } from '../pages.js';
import { finiteFloat } from '../python/float.js';
import { updateRows } from '../write-rows.js';
import {
  COST_COLUMNS,
  COST_KEY,
  SESSION_ID_LENGTH,
  SESSION_KEY,
  TOKEN_COLUMNS,
  TOKEN_USAGE_KEY,
  TRACE_NAME_LENGTH,
  TRACE_NAME_TAG,
} from './names.js';
import type { Phase } from './phase.js';
import { bounded, jsonObject, metricOf, tokenCount } from './values.js';

const KEY: readonly BoundColumn[] = [{ name: 'request_id', type: 'text' }];
/** The columns it fills. */
export const TRACE_VALUES: readonly BoundColumn[] = [
  { name: 'trace_name', type: 'text' },
  { name: 'session_id', type: 'text' },
  ...TOKEN_COLUMNS.map((name): BoundColumn => ({ name, type: 'bigint' })),
  ...COST_COLUMNS.map((name): BoundColumn => ({ name, type: 'double' })),
];

/** A metric without a value: it outranks the token usage, and 0.5 is no token count either. */
const NO_VALUE = '0.5';

/**
 * Fills the columns of trace_info from tags, metadata and metrics. A token metric outranks the token usage in the
 * metadata, also where it is no usable number. Rows that hold their values already (from
 * `mlflow db prepopulate-trace-analytics`) are not written. The sources may be gone already, see `Phase`.
 */
export async function fillTraces(
  context: RowContext,
  phase: Phase,
  progress: (rows: number) => void,
  range: KeyRange = {},
): Promise<void> {
  const truncated = { name: 0, session: 0 };
  for await (const page of pages<Row>(context, { ...read(context), range })) {
    const updates: unknown[][] = [];
    for (const row of page) {
      const name = bounded(row.source_name, TRACE_NAME_LENGTH);
      const session = bounded(row.source_session, SESSION_ID_LENGTH);
      truncated.name += Number(name.cut);
      truncated.session += Number(session.cut);
      const found = [name.value, session.value, ...tokens(context, row), ...costs(row)];
      const values = phase.values(found, TRACE_VALUES, row);
      if (TRACE_VALUES.some((column, i) => row[column.name] !== values[i]))
        updates.push([row.request_id, ...values]);
    }
    await updateRows(context, 'trace_info', KEY, TRACE_VALUES, updates);
    progress(page.length);
  }
  if (truncated.name + truncated.session === 0) return;
  context.warn(
    `cut to their column's length: ${truncated.name} trace names (${TRACE_NAME_LENGTH} characters), ` +
      `${truncated.session} session ids (${SESSION_ID_LENGTH} characters)`,
  );
}

/** Token counts as text: they are 64-bit integers. */
function tokens(context: RowContext, row: Row): (string | null)[] {
  const usage = jsonObject(row.source_usage);
  return TOKEN_COLUMNS.map((column) => {
    const metric = row[`source_${column}`];
    const count = tokenCount(metric === null ? (usage.get(column) ?? null) : metricOf(context, metric));
    return count === null ? null : String(count);
  });
}

function costs(row: Row): (number | null)[] {
  const cost = jsonObject(row.source_cost);
  return COST_COLUMNS.map((column) => finiteFloat(cost.get(column) ?? null));
}

/** One row a trace: what its columns hold, and the sources by their primary keys. */
function read(context: RowContext) {
  const key = context.quote('key');
  const value = context.quote('value');
  const sourceOf = (name: string, table: string, of: string, found = `s.${value}`): string =>
    `(SELECT ${found} FROM ${source(context, table)} s WHERE s.request_id = t.request_id AND s.${key} = '${of}') AS source_${name}`;
  return {
    columns: [
      't.request_id, t.trace_name, t.session_id',
      ...TOKEN_COLUMNS.map((column) => `${context.asText(`t.${column}`)} AS ${column}`),
      ...COST_COLUMNS.map((column) => `t.${column}`),
      sourceOf('name', 'trace_tags', TRACE_NAME_TAG),
      sourceOf('session', 'trace_request_metadata', SESSION_KEY),
      sourceOf('usage', 'trace_request_metadata', TOKEN_USAGE_KEY),
      sourceOf('cost', 'trace_request_metadata', COST_KEY),
      ...TOKEN_COLUMNS.map((column) =>
        sourceOf(column, 'trace_metrics', column, `COALESCE(s.${value}, ${NO_VALUE})`),
      ),
    ].join(', '),
    from: `${source(context, 'trace_info')} t`,
    alias: 't',
    key: ['request_id'],
  };
}
