UPDATE trace_info i
LEFT JOIN trace_tags n ON n.`key` = 'mlflow.traceName' AND n.request_id = i.request_id
LEFT JOIN trace_request_metadata s ON s.`key` = 'mlflow.trace.session' AND s.request_id = i.request_id
LEFT JOIN trace_request_metadata u ON u.`key` = 'mlflow.trace.tokenUsage' AND u.request_id = i.request_id
LEFT JOIN trace_request_metadata c ON c.`key` = 'mlflow.trace.cost' AND c.request_id = i.request_id
LEFT JOIN (
  SELECT request_id,
    max(CASE WHEN `key` = 'input_tokens' THEN value END) AS input_metric,
    max(CASE WHEN `key` = 'output_tokens' THEN value END) AS output_metric,
    max(CASE WHEN `key` = 'total_tokens' THEN value END) AS total_metric,
    max(CASE WHEN `key` = 'cache_read_input_tokens' THEN value END) AS read_metric,
    max(CASE WHEN `key` = 'cache_creation_input_tokens' THEN value END) AS creation_metric,
    max(CASE WHEN `key` = 'cache_creation_input_tokens_above_1hr' THEN value END) AS above_metric
  FROM trace_metrics GROUP BY request_id
) m ON m.request_id = i.request_id
SET
  i.trace_name = left(n.value, 4096), i.session_id = left(s.value, 250),
  i.input_tokens = coalesce(m.input_metric, json_unquote(json_extract(u.value, '$.input_tokens'))),
  i.output_tokens = coalesce(m.output_metric, json_unquote(json_extract(u.value, '$.output_tokens'))),
  i.total_tokens = coalesce(m.total_metric, json_unquote(json_extract(u.value, '$.total_tokens'))),
  i.cache_read_input_tokens = coalesce(m.read_metric, json_unquote(json_extract(u.value, '$.cache_read_input_tokens'))),
  i.cache_creation_input_tokens =
    coalesce(m.creation_metric, json_unquote(json_extract(u.value, '$.cache_creation_input_tokens'))),
  i.cache_creation_input_tokens_above_1hr =
    coalesce(m.above_metric, json_unquote(json_extract(u.value, '$.cache_creation_input_tokens_above_1hr'))),
  i.input_cost = json_unquote(json_extract(c.value, '$.input_cost')),
  i.output_cost = json_unquote(json_extract(c.value, '$.output_cost')),
  i.total_cost = json_unquote(json_extract(c.value, '$.total_cost'));

UPDATE assessments a JOIN trace_info t ON t.request_id = a.trace_id SET
  a.experiment_id = t.experiment_id, a.trace_timestamp_ms = t.timestamp_ms,
  a.is_numeric_value = json_type(a.value) IN ('INTEGER', 'DOUBLE', 'DECIMAL', 'UNSIGNED INTEGER'),
  a.aggregate_value = CASE
    WHEN json_type(a.value) IN ('INTEGER', 'DOUBLE', 'DECIMAL', 'UNSIGNED INTEGER') THEN a.value
    WHEN a.value = 'true' OR lower(trim(json_unquote(a.value))) = 'yes' THEN 1
    WHEN a.value = 'false' OR lower(trim(json_unquote(a.value))) = 'no' THEN 0
  END;

DELETE FROM trace_tags WHERE `key` = 'mlflow.traceName';
DELETE FROM trace_request_metadata
WHERE `key` IN ('mlflow.trace.session', 'mlflow.trace.tokenUsage', 'mlflow.trace.cost');
DELETE FROM trace_metrics WHERE `key` IN ('input_tokens', 'output_tokens', 'total_tokens', 'cache_read_input_tokens',
  'cache_creation_input_tokens', 'cache_creation_input_tokens_above_1hr');
