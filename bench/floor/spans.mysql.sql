UPDATE spans s
LEFT JOIN span_metrics i ON i.trace_id = s.trace_id AND i.span_id = s.span_id AND i.`key` = 'input_cost'
LEFT JOIN span_metrics o ON o.trace_id = s.trace_id AND o.span_id = s.span_id AND o.`key` = 'output_cost'
LEFT JOIN span_metrics t ON t.trace_id = s.trace_id AND t.span_id = s.span_id AND t.`key` = 'total_cost'
SET
  s.input_cost = i.value, s.output_cost = o.value, s.total_cost = t.value,
  s.model_name = left(json_unquote(json_extract(s.dimension_attributes, '$."mlflow.llm.model"')), 500),
  s.model_provider = left(json_unquote(json_extract(s.dimension_attributes, '$."mlflow.llm.provider"')), 500)
WHERE json_type(s.dimension_attributes) = 'OBJECT'
  OR i.value IS NOT NULL OR o.value IS NOT NULL OR t.value IS NOT NULL;
DELETE FROM span_metrics WHERE `key` IN ('input_cost', 'output_cost', 'total_cost');
