UPDATE trace_info SET
  trace_name = found.name, session_id = found.session,
  input_tokens = coalesce(found.input_metric, found.usage ->> '$.input_tokens'),
  output_tokens = coalesce(found.output_metric, found.usage ->> '$.output_tokens'),
  total_tokens = coalesce(found.total_metric, found.usage ->> '$.total_tokens'),
  cache_read_input_tokens = coalesce(found.read_metric, found.usage ->> '$.cache_read_input_tokens'),
  cache_creation_input_tokens = coalesce(found.creation_metric, found.usage ->> '$.cache_creation_input_tokens'),
  cache_creation_input_tokens_above_1hr =
    coalesce(found.above_metric, found.usage ->> '$.cache_creation_input_tokens_above_1hr'),
  input_cost = found.cost ->> '$.input_cost', output_cost = found.cost ->> '$.output_cost',
  total_cost = found.cost ->> '$.total_cost'
FROM (
  SELECT i.rowid AS id, substr(n.value, 1, 4096) AS name, substr(s.value, 1, 250) AS session, u.value AS usage,
    c.value AS cost, m.*
  FROM trace_info i
  LEFT JOIN trace_tags n ON n.key = 'mlflow.traceName' AND n.request_id = i.request_id
  LEFT JOIN trace_request_metadata s ON s.key = 'mlflow.trace.session' AND s.request_id = i.request_id
  LEFT JOIN trace_request_metadata u ON u.key = 'mlflow.trace.tokenUsage' AND u.request_id = i.request_id
  LEFT JOIN trace_request_metadata c ON c.key = 'mlflow.trace.cost' AND c.request_id = i.request_id
  LEFT JOIN (
    SELECT request_id,
      max(value) FILTER (WHERE key = 'input_tokens') AS input_metric,
      max(value) FILTER (WHERE key = 'output_tokens') AS output_metric,
      max(value) FILTER (WHERE key = 'total_tokens') AS total_metric,
      max(value) FILTER (WHERE key = 'cache_read_input_tokens') AS read_metric,
      max(value) FILTER (WHERE key = 'cache_creation_input_tokens') AS creation_metric,
      max(value) FILTER (WHERE key = 'cache_creation_input_tokens_above_1hr') AS above_metric
    FROM trace_metrics GROUP BY request_id
  ) m ON m.request_id = i.request_id
) AS found WHERE found.id = trace_info.rowid;

UPDATE assessments SET
  experiment_id = t.experiment_id, trace_timestamp_ms = t.timestamp_ms,
  is_numeric_value = json_valid(value) AND json_type(value) IN ('integer', 'real'),
  aggregate_value = CASE
    WHEN NOT json_valid(value) THEN
      CASE lower(trim(value)) WHEN 'yes' THEN 1.0 WHEN 'no' THEN 0.0 END
    WHEN json_type(value) IN ('integer', 'real', 'true', 'false') THEN value ->> '$'
    WHEN json_type(value) = 'text' THEN CASE lower(trim(value ->> '$')) WHEN 'yes' THEN 1.0 WHEN 'no' THEN 0.0 END
  END
FROM trace_info t WHERE t.request_id = assessments.trace_id;

DELETE FROM trace_tags WHERE key = 'mlflow.traceName';
DELETE FROM trace_request_metadata
WHERE key IN ('mlflow.trace.session', 'mlflow.trace.tokenUsage', 'mlflow.trace.cost');
DELETE FROM trace_metrics WHERE key IN ('input_tokens', 'output_tokens', 'total_tokens', 'cache_read_input_tokens',
  'cache_creation_input_tokens', 'cache_creation_input_tokens_above_1hr');
