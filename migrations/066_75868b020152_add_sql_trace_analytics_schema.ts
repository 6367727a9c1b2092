import {
  addColumn,
  alterColumn,
  bigint,
  boolean,
  column,
  createIndex,
  createTable,
  date,
  dropColumn,
  FALSE,
  float,
  index,
  integer,
  required,
  revision,
  string,
  table,
} from '../src/schema/index.js';
import {
  FILLED_KEYS,
  type FilledTable,
  fillRange,
  fillTraceAnalytics,
  nextRange,
  removeLegacyAnalytics,
} from './rows/trace-analytics/index.js';
import { assessmentSummaries } from './rows/unchanged.js';

const costs = [
  column('input_cost', float(53)),
  column('output_cost', float(53)),
  column('total_cost', float(53)),
];

const traceColumns = [
  column('trace_name', string(4096)),
  column('session_id', string(250)),
  column('input_tokens', bigint),
  column('output_tokens', bigint),
  column('total_tokens', bigint),
  column('cache_read_input_tokens', bigint),
  column('cache_creation_input_tokens', bigint),
  column('cache_creation_input_tokens_above_1hr', bigint),
  ...costs,
];

const assessmentColumns = [
  column('experiment_id', integer),
  column('trace_timestamp_ms', bigint),
  column('aggregate_value', float(53)),
  column('is_numeric_value', boolean, { default: FALSE }),
];

const spanColumns = [...costs, column('model_name', string(500)), column('model_provider', string(500))];

const rollupKey = [
  required('id', bigint, { identity: 'BY DEFAULT' }),
  required('experiment_id', integer),
  required('rollup_day', date),
  required('metric_name', string(250)),
  required('grouping_set', string(50)),
];
const rollupValues = [
  required('sample_count', bigint),
  column('sum_value', float(53)),
  column('min_value', float(53)),
  column('max_value', float(53)),
];
const lookup = ['experiment_id', 'rollup_day', 'metric_name', 'grouping_set'];

/** PostgreSQL alone gets these: MLflow leaves the index plain and whole on SQLite too, which could filter it. */
const spansWithCost = {
  include: ['input_cost', 'output_cost', 'total_cost', 'model_name', 'model_provider'],
  where: 'input_cost IS NOT NULL OR output_cost IS NOT NULL OR total_cost IS NOT NULL',
};

/**
 * What was spread over tags, metadata and metrics moves into columns of the traces, spans and assessments; then the
 * old rows go. The columns may be there already: `mlflow db prepopulate-trace-analytics` adds and fills them ahead
 * of the upgrade, and leaves `is_numeric_value` nullable, as this revision first does.
 */
export default revision({
  revision: '75868b020152',
  down: 'b7e2c1a4d9f3',
  title: 'keep trace analytics in columns',
  release: '3.17.0',
  created: '2026-07-22',
  irreversible: {
    kind: 'rows',
    tables: ['trace_tags', 'trace_request_metadata', 'trace_metrics', 'span_metrics', 'spans'],
    why: 'trace names, sessions, tokens and costs move into columns; what does not parse is dropped, what is too long is cut, and the old rows are deleted',
  },
  undo: {
    leaves: 'what moved into columns keeps the revision from going down; what was discarded is lost already',
    own: [assessmentSummaries],
  },
  ahead: {
    tables: Object.keys(FILLED_KEYS),
    next: (context, table, after, count) => nextRange(context, table as FilledTable, after, count),
    fill: (context, table, piece, progress) => fillRange(context, table as FilledTable, piece, progress),
  },
  up: [
    ...traceColumns.map((added) => addColumn('trace_info', added, { ifMissing: true })),
    ...assessmentColumns.map((added) => addColumn('assessments', added, { ifMissing: true })),
    ...spanColumns.map((added) => addColumn('spans', added, { ifMissing: true })),
    fillTraceAnalytics,
    alterColumn('assessments', 'is_numeric_value', { nullable: false }),

    createTable(
      table('sql_trace_metric_daily_rollups', {
        columns: [
          ...rollupKey,
          column('trace_status', string(50)),
          ...rollupValues,
          column('p50_value', float(53)),
          column('p90_value', float(53)),
          column('p99_value', float(53)),
        ],
        primaryKey: ['sql_trace_metric_daily_rollups_pk', ['id']],
      }),
    ),
    createTable(
      table('sql_span_cost_daily_rollups', {
        columns: [
          ...rollupKey,
          column('model_name', string(500)),
          column('model_provider', string(500)),
          ...rollupValues,
        ],
        primaryKey: ['sql_span_cost_daily_rollups_pk', ['id']],
      }),
    ),
    createTable(
      table('sql_assessment_daily_rollups', {
        columns: [...rollupKey, ...rollupValues],
        primaryKey: ['sql_assessment_daily_rollups_pk', ['id']],
      }),
    ),
    createTable(
      table('sql_trace_rollup_rebuild_queue', {
        columns: [
          required('experiment_id', integer),
          required('rollup_day', date),
          required('rollup_family', string(50)),
        ],
        primaryKey: ['sql_trace_rollup_rebuild_queue_pk', ['experiment_id', 'rollup_day', 'rollup_family']],
      }),
    ),
    removeLegacyAnalytics,
    dropColumn('spans', 'dimension_attributes'),

    createIndex(
      'trace_info',
      index('index_trace_info_experiment_id_session_id', ['experiment_id', 'session_id']),
    ),
    createIndex(
      'sql_trace_metric_daily_rollups',
      index('idx_trace_rollups_lookup', [...lookup, 'trace_status']),
    ),
    createIndex(
      'sql_span_cost_daily_rollups',
      index('idx_span_cost_rollups_lookup', [...lookup, 'model_name', 'model_provider'], {
        prefix: { model_name: 64, model_provider: 64 },
      }),
    ),
    createIndex('sql_assessment_daily_rollups', index('idx_assessment_rollups_lookup', lookup)),
    createIndex(
      'spans',
      index('idx_spans_cost_trace_time_cover', ['trace_id', 'start_time_unix_nano'], spansWithCost),
    ),
    createIndex(
      'spans',
      index('idx_spans_cost_exp_time_cover', ['experiment_id', 'start_time_unix_nano'], spansWithCost),
    ),
    createIndex(
      'assessments',
      index('idx_assessments_exp_trace_ts', ['experiment_id', 'trace_timestamp_ms']),
    ),
    createIndex(
      'assessments',
      index('idx_assessments_exp_trace_ts_name', ['experiment_id', 'trace_timestamp_ms', 'name']),
    ),
    createIndex('assessments', index('idx_assessments_exp_name_valid', ['experiment_id', 'name', 'valid'])),
  ],
});
