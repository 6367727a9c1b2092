import type { BoundColumn, Row, RowContext, SetWords } from '../../../src/schema/index.js';
import { finiteFloat } from '../python/float.js';
import type { KeyRange } from '../ranges.js';
import { fill, type InSets } from '../sets/fill.js';
import { numbersObject } from '../sets/objects.js';
import { printable } from '../sets/texts.js';
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
import { plainTokenMetric } from './plain-metrics.js';
import { bounded, jsonObject, metricOf, tokenCount } from './values.js';

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
 * metadata, also where it is no usable number.
 */
export async function fillTraces(
  context: RowContext,
  keeps: boolean,
  progress: (rows: number) => void,
  range: KeyRange = {},
): Promise<void> {
  const truncated = { name: 0, session: 0 };
  const [key, value] = [context.quote('key'), context.quote('value')];
  const found = [
    { name: 'source_name', table: 'trace_tags', wanted: TRACE_NAME_TAG },
    { name: 'source_session', table: 'trace_request_metadata', wanted: SESSION_KEY },
    { name: 'source_usage', table: 'trace_request_metadata', wanted: TOKEN_USAGE_KEY },
    { name: 'source_cost', table: 'trace_request_metadata', wanted: COST_KEY },
    ...TOKEN_COLUMNS.map((column) => ({ name: `source_${column}`, table: 'trace_metrics', wanted: column })),
  ].map((one, i) => ({ ...one, alias: `s${i}`, where: `s${i}.${key} = '${one.wanted}'` }));
  const shownBy = ({ table, alias }: (typeof found)[number]): string =>
    table === 'trace_metrics'
      ? `CASE WHEN ${alias}.request_id IS NOT NULL THEN COALESCE(${alias}.${value}, ${NO_VALUE}) END`
      : `${alias}.${value}`;
  const filling = {
    table: 'trace_info',
    key: ['request_id'],
    filled: TRACE_VALUES,
    keeps,
    sources: Object.fromEntries(found.map((one) => [one.name, { from: one, value: shownBy(one) }])),
    joins: (named: (table: string) => string) =>
      found.map(
        ({ alias, table, where }) =>
          `LEFT JOIN ${named(table)} ${alias} ON ${alias}.request_id = t.request_id AND ${where}`,
      ),
    inSets: (words: SetWords) => inSets(context, words),
    values: (row: Row) => {
      const name = bounded(row.source_name, TRACE_NAME_LENGTH);
      const session = bounded(row.source_session, SESSION_ID_LENGTH);
      truncated.name += Number(name.cut);
      truncated.session += Number(session.cut);
      return [name.value, session.value, ...tokens(context, row), ...costs(row)];
    },
  };
  await fill(context, filling, range, progress);
  if (truncated.name + truncated.session === 0) return;
  context.warn(
    `cut to their column's length: ${truncated.name} trace names (${TRACE_NAME_LENGTH} characters), ` +
      `${truncated.session} session ids (${SESSION_ID_LENGTH} characters)`,
  );
}

/** The traces that the server does by itself: ASCII names and sessions within bounds, and numbers as MLflow writes them. */
function inSets(context: RowContext, words: SetWords): InSets {
  const usage = numbersObject(context, words, 'source_usage', TOKEN_COLUMNS, 'whole');
  const cost = numbersObject(context, words, 'source_cost', COST_COLUMNS, 'decimal');
  const within = (text: string, length: number) => ({
    of: text,
    levels: [],
    plain: `(${text} IS NULL OR (${printable(words, text)} AND ${context.characters(text)} <= ${length}))`,
  });
  const metrics = TOKEN_COLUMNS.map((column) => {
    const metric = plainTokenMetric(words, `source_${column}`);
    const counted = `CASE WHEN ${metric.plain} THEN ${metric.value} END`;
    const either = `CASE WHEN source_${column} IS NOT NULL THEN ${counted} ELSE ${usage.value(column)} END`;
    const plain = `(source_${column} IS NULL OR ${metric.plain})`;
    return { column, of: `source_${column}`, levels: [], plain, value: either };
  });
  return {
    sources: [
      within('source_name', TRACE_NAME_LENGTH),
      within('source_session', SESSION_ID_LENGTH),
      { ...usage, of: 'source_usage' },
      { ...cost, of: 'source_cost' },
      ...metrics,
    ],
    values: {
      trace_name: words.text('source_name'),
      session_id: words.text('source_session'),
      ...Object.fromEntries(metrics.map(({ column, value }) => [column, value])),
      ...Object.fromEntries(COST_COLUMNS.map((column) => [column, cost.value(column)])),
    },
  };
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
