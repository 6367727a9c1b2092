INSERT INTO latest_metrics (`key`, value, timestamp, step, is_nan, run_uuid)
SELECT `key`, value, timestamp, step, is_nan, run_uuid FROM (
  SELECT m.*, ROW_NUMBER() OVER (
    PARTITION BY run_uuid, `key` ORDER BY step DESC, timestamp DESC, value DESC
  ) AS place FROM metrics m
) ranked WHERE place = 1;
