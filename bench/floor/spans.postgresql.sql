UPDATE spans SET input_cost = found.input, output_cost = found.output, total_cost = found.total,
  model_name = left(found.dimensions ->> 'mlflow.llm.model', 500),
  model_provider = left(found.dimensions ->> 'mlflow.llm.provider', 500)
FROM (
  SELECT s.trace_id, s.span_id, s.dimension_attributes AS dimensions, i.value AS input, o.value AS output,
    t.value AS total
  FROM spans s
  LEFT JOIN span_metrics i ON i.trace_id = s.trace_id AND i.span_id = s.span_id AND i.key = 'input_cost'
  LEFT JOIN span_metrics o ON o.trace_id = s.trace_id AND o.span_id = s.span_id AND o.key = 'output_cost'
  LEFT JOIN span_metrics t ON t.trace_id = s.trace_id AND t.span_id = s.span_id AND t.key = 'total_cost'
  WHERE s.dimension_attributes::text <> 'null' OR i.value IS NOT NULL OR o.value IS NOT NULL OR t.value IS NOT NULL
) AS found WHERE found.trace_id = spans.trace_id AND found.span_id = spans.span_id;
DELETE FROM span_metrics WHERE key IN ('input_cost', 'output_cost', 'total_cost');
