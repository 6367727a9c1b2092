UPDATE trace_info SET
  trace_name = found.name, session_id = found.session,
  input_tokens = coalesce(found.input_metric, (found.usage ->> 'input_tokens')::bigint),
  output_tokens = coalesce(found.output_metric, (found.usage ->> 'output_tokens')::bigint),
  total_tokens = coalesce(found.total_metric, (found.usage ->> 'total_tokens')::bigint),
  cache_read_input_tokens = coalesce(found.read_metric, (found.usage ->> 'cache_read_input_tokens')::bigint),
  cache_creation_input_tokens =
    coalesce(found.creation_metric, (found.usage ->> 'cache_creation_input_tokens')::bigint),
  cache_creation_input_tokens_above_1hr =
    coalesce(found.above_metric, (found.usage ->> 'cache_creation_input_tokens_above_1hr')::bigint),
  input_cost = (found.cost ->> 'input_cost')::float8, output_cost = (found.cost ->> 'output_cost')::float8,
  total_cost = (found.cost ->> 'total_cost')::float8
FROM (
  SELECT i.request_id AS id, left(n.value, 4096) AS name, left(s.value, 250) AS session, u.value::jsonb AS usage,
    c.value::jsonb AS cost, m.*
  FROM trace_info i
  LEFT JOIN trace_tags n ON n.key = 'mlflow.traceName' AND n.request_id = i.request_id
  LEFT JOIN trace_request_metadata s ON s.key = 'mlflow.trace.session' AND s.request_id = i.request_id
  LEFT JOIN trace_request_metadata u ON u.key = 'mlflow.trace.tokenUsage' AND u.request_id = i.request_id
  LEFT JOIN trace_request_metadata c ON c.key = 'mlflow.trace.cost' AND c.request_id = i.request_id
  LEFT JOIN (
    SELECT request_id AS of_trace,
      max(value) FILTER (WHERE key = 'input_tokens')::bigint AS input_metric,
      max(value) FILTER (WHERE key = 'output_tokens')::bigint AS output_metric,
      max(value) FILTER (WHERE key = 'total_tokens')::bigint AS total_metric,
      max(value) FILTER (WHERE key = 'cache_read_input_tokens')::bigint AS read_metric,
      max(value) FILTER (WHERE key = 'cache_creation_input_tokens')::bigint AS creation_metric,
      max(value) FILTER (WHERE key = 'cache_creation_input_tokens_above_1hr')::bigint AS above_metric
    FROM trace_metrics GROUP BY request_id
  ) m ON m.of_trace = i.request_id
) AS found WHERE found.id = trace_info.request_id;

UPDATE assessments SET
  experiment_id = t.experiment_id, trace_timestamp_ms = t.timestamp_ms,
  is_numeric_value = jsonb_typeof(value::jsonb) = 'number',
  aggregate_value = CASE
    WHEN jsonb_typeof(value::jsonb) = 'number' THEN value::float8
    WHEN value = 'true' OR lower(trim(value::jsonb #>> '{}')) = 'yes' THEN 1
    WHEN value = 'false' OR lower(trim(value::jsonb #>> '{}')) = 'no' THEN 0
  END
FROM trace_info t WHERE t.request_id = assessments.trace_id;

DELETE FROM trace_tags WHERE key = 'mlflow.traceName';
DELETE FROM trace_request_metadata
WHERE key IN ('mlflow.trace.session', 'mlflow.trace.tokenUsage', 'mlflow.trace.cost');
DELETE FROM trace_metrics WHERE key IN ('input_tokens', 'output_tokens', 'total_tokens', 'cache_read_input_tokens',
  'cache_creation_input_tokens', 'cache_creation_input_tokens_above_1hr');
