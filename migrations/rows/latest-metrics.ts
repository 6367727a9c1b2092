import { type AlongIndex, type RowContext, rows } from '../../src/schema/index.js';

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
    await clear(context);
    await context.execute(await statement(context));
    if (context.script) return;

    const count = await countTied(context);
    if (count === 0) return;
    context.warn(
      `${count} latest metrics had a NaN and a number at the same step and time, where MLflow itself fails: ` +
        'the greater value was kept (NaN counts as 0), and of equal values the number',
    );
  },
});

/** What an upgrade that died after this work has copied is copied again; a script cannot look whether there is any. */
async function clear(context: RowContext): Promise<void> {
  const key = context.quote('key');
  if (!context.script) {
    const [found] = await context.query<{ count: unknown }>('SELECT COUNT(*) AS count FROM latest_metrics');
    if (Number(found?.count) === 0) return;
  }
  await context.execute(`
    DELETE FROM latest_metrics WHERE EXISTS (
      SELECT 1 FROM metrics m WHERE m.${key} = latest_metrics.${key} AND m.run_uuid = latest_metrics.run_uuid
    )`);
}

async function statement(context: RowContext): Promise<string> {
  if (context.keepsFirst) return firstInOrder(context);
  const { alongIndex } = context;
  if (alongIndex && (await alongIndex.has('metrics', 'run_uuid')))
    return greatestAlongIndex(context, alongIndex);
  return firstByNumber(context);
}

/** Of the rows of one run and key the first is the latest. */
const order = (q: RowContext['quote']): string =>
  `${q('step')} DESC, ${q('timestamp')} DESC, ${q('value')} DESC, ${q('is_nan')}`;

function firstByNumber({ quote: q }: RowContext): string {
  const columns = COLUMNS.map(q).join(', ');
  return `
      INSERT INTO latest_metrics (${columns})
      SELECT ${columns} FROM (
        SELECT ${columns}, ROW_NUMBER() OVER (
          PARTITION BY ${q('run_uuid')}, ${q('key')}
          ORDER BY ${order(q)}
        ) AS place
        FROM metrics
      ) AS ranked WHERE place = 1`;
}

/**
 * The same without a number for each row, a third of the time: metrics are read by the index of their key, which
 * begins with `key`, sorted within one key at a time, and appended to both B-trees. WHERE tells ON of a join from ON
 * CONFLICT (https://www.sqlite.org/lang_upsert.html, "Parsing Ambiguity").
 */
function firstInOrder({ quote: q }: RowContext): string {
  const columns = COLUMNS.map(q).join(', ');
  const key = [q('key'), q('run_uuid')].join(', ');
  return `
      INSERT INTO latest_metrics (${columns})
      SELECT ${columns} FROM metrics WHERE 1 = 1 ORDER BY ${key}, ${order(q)}
      ON CONFLICT (${key}) DO NOTHING`;
}

/**
 * The same for a tenth of the cost where a sort carries every column at its declared width: an index of `run_uuid` goes
 * on with the primary key, so holds all columns, in the order of runs and keys. Read once it tells the last moment of
 * each, read again what was measured then; only ties are numbered. MIN of what is grouped by keeps MariaDB from
 * splitting the groups (its manual, "Lateral Derived Optimization"), for which it would sort them after all.
 */
function greatestAlongIndex({ quote: q }: RowContext, { pair }: AlongIndex): string {
  const columns = COLUMNS.map(q).join(', ');
  const [run, key] = [q('run_uuid'), q('key')];
  const moment = (table: string) => pair(`${table}.${q('step')}`, `${table}.${q('timestamp')}`);
  return `
      INSERT INTO latest_metrics (${columns})
      SELECT ${columns} FROM (
        SELECT ${COLUMNS.map((name) => `m.${q(name)}`).join(', ')}, ROW_NUMBER() OVER (
          PARTITION BY m.${run}, m.${key} ORDER BY m.${q('value')} DESC, m.${q('is_nan')}
        ) AS place
        FROM (
          SELECT MIN(${run}) AS ${run}, MIN(${key}) AS ${key}, MAX(${moment('metrics')}) AS moment
          FROM metrics GROUP BY ${run}, ${key}
        ) AS latest
        JOIN metrics m ON m.${run} = latest.${run} AND m.${key} = latest.${key}
          AND ${moment('m')} = latest.moment
      ) AS ranked WHERE place = 1`;
}

/** Only a NaN can share everything but its value with another metric; mostly there is none, which one read tells. */
async function countTied({ query, quote: q, bind }: RowContext): Promise<number> {
  const isNan = (one: string) => `${one}.is_nan = ${bind('boolean')}`;
  const [nan] = await query<{ count: unknown }>(
    `SELECT COUNT(*) AS count FROM metrics n WHERE ${isNan('n')}`,
    [true],
  );
  if (Number(nan?.count) === 0) return 0;
  const sameMoment = (one: string) =>
    ['key', 'timestamp', 'step', 'run_uuid'].map((name) => `${one}.${q(name)} = n.${q(name)}`).join(' AND ');
  const [tied] = await query<{ count: unknown }>(
    `SELECT COUNT(*) AS count FROM (
       SELECT DISTINCT l.${q('key')}, l.run_uuid FROM metrics n JOIN latest_metrics l ON ${sameMoment('l')}
       WHERE ${isNan('n')} AND EXISTS (
         SELECT 1 FROM metrics m WHERE ${sameMoment('m')} AND m.is_nan <> n.is_nan
       )
     ) tied`,
    [true],
  );
  return Number(tied?.count ?? 0);
}
