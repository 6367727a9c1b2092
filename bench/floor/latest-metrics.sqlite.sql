-- Read in the order of the key, of each key the first row stays.
INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
SELECT key, value, timestamp, step, is_nan, run_uuid FROM metrics WHERE true
ORDER BY key, run_uuid, step DESC, timestamp DESC, value DESC
ON CONFLICT DO NOTHING;
