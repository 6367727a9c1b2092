import { type RowContext, rows } from '../../src/schema/index.js';

const COLUMNS = ['key', 'value', 'timestamp', 'step', 'is_nan', 'run_uuid'];

/**
 * Revision 89d4b8295536: of every run and key the metric with the greatest step, then timestamp, then value
 * (mlflow/store/db_migrations/versions/89d4b8295536_create_latest_metrics_table.py).
 *
 * MLflow fails with a duplicate key where a NaN (stored as 0 with is_nan) and a number share run, key, step and
 * timestamp. There we keep what its own writer keeps: the greater value, and of equal values the number.
 */
export const copyLatestMetrics = rows({
  title: 'copy the latest metrics',
  reads: ['metrics'],
  writes: ['latest_metrics'],
  fills: ['latest_metrics'],

  async run(context) {
    const q = context.quote;
    await clear(context);
    const columns = COLUMNS.map(q).join(', ');
    const copied = await context.execute(`
      INSERT INTO latest_metrics (${columns})
      SELECT ${columns} FROM (
        SELECT ${columns}, ROW_NUMBER() OVER (
          PARTITION BY ${q('run_uuid')}, ${q('key')}
          ORDER BY ${q('step')} DESC, ${q('timestamp')} DESC, ${q('value')} DESC, ${q('is_nan')}
        ) AS place
        FROM metrics
      ) AS ranked WHERE place = 1`);
    context.progress(copied, copied);
    if (context.script) return;

    const [tied] = await context.query<{ count: unknown }>(`
      SELECT COUNT(*) AS count FROM latest_metrics l WHERE EXISTS (
        SELECT 1 FROM metrics m WHERE m.${q('key')} = l.${q('key')} AND m.${q('timestamp')} = l.${q('timestamp')}
          AND m.step = l.step AND m.run_uuid = l.run_uuid AND m.is_nan <> l.is_nan
      )`);
    const count = Number(tied?.count ?? 0);
    if (count === 0) return;
    context.warn(
      `${count} latest metrics had a NaN and a number at the same step and time, where MLflow itself fails: ` +
        'the greater value was kept (NaN counts as 0), and of equal values the number',
    );
  },
});

/** What an upgrade that died after this work has copied is copied again. */
async function clear(context: RowContext): Promise<void> {
  const key = context.quote('key');
  await context.execute(`
    DELETE FROM latest_metrics WHERE EXISTS (
      SELECT 1 FROM metrics m WHERE m.${key} = latest_metrics.${key} AND m.run_uuid = latest_metrics.run_uuid
    )`);
}
