-- The table is copied anyhow: its generated column moves.
INSERT INTO floor_spans (trace_id, experiment_id, span_id, parent_span_id, name, type, status, start_time_unix_nano,
  end_time_unix_nano, content, input_cost, output_cost, total_cost, model_name, model_provider)
SELECT s.trace_id, s.experiment_id, s.span_id, s.parent_span_id, s.name, s.type, s.status, s.start_time_unix_nano,
  s.end_time_unix_nano, s.content, i.value, o.value, t.value,
  substr(s.dimension_attributes ->> '$."mlflow.llm.model"', 1, 500),
  substr(s.dimension_attributes ->> '$."mlflow.llm.provider"', 1, 500)
FROM spans s
LEFT JOIN span_metrics i ON i.trace_id = s.trace_id AND i.span_id = s.span_id AND i.key = 'input_cost'
LEFT JOIN span_metrics o ON o.trace_id = s.trace_id AND o.span_id = s.span_id AND o.key = 'output_cost'
LEFT JOIN span_metrics t ON t.trace_id = s.trace_id AND t.span_id = s.span_id AND t.key = 'total_cost';
DELETE FROM span_metrics WHERE key IN ('input_cost', 'output_cost', 'total_cost');
