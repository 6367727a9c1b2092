/**
 * Names and limits of revision 75868b020152 (mlflow/store/db/trace_analytics_backfill_75868b020152.py and
 * trace_analytics_schema_75868b020152.py).
 */

/** Columns of trace_info, and at the same time the keys of trace_metrics and of the token usage they come from. */
export const TOKEN_COLUMNS = [
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cache_creation_input_tokens_above_1hr',
] as const;

/** Columns of trace_info and spans, and at the same time the keys of span_metrics and of the trace's cost. */
export const COST_COLUMNS = ['input_cost', 'output_cost', 'total_cost'] as const;

export const TRACE_NAME_TAG = 'mlflow.traceName';
export const SESSION_KEY = 'mlflow.trace.session';
export const TOKEN_USAGE_KEY = 'mlflow.trace.tokenUsage';
export const COST_KEY = 'mlflow.trace.cost';
export const GATEWAY_ENDPOINT_KEY = 'mlflow.gateway.endpointId';
export const MODEL_ATTRIBUTE = 'mlflow.llm.model';
export const PROVIDER_ATTRIBUTE = 'mlflow.llm.provider';

/** Characters, counted as Python counts them: code points. */
export const TRACE_NAME_LENGTH = 4096;
export const SESSION_ID_LENGTH = 250;
export const MODEL_LENGTH = 500;

export type TokenColumn = (typeof TOKEN_COLUMNS)[number];
export type CostColumn = (typeof COST_COLUMNS)[number];
