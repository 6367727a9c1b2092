import { type RowContext, rows } from '../../src/schema/index.js';
import { listed, NAMED } from './naming.js';

const USER_TAG = 'mlflow.user';

/** The length of tags.value at revision 90e64c465722; runs.user_id may hold 256 characters. */
const TAG_LENGTH = 250;

/**
 * The runs that get a tag. MLflow maps `runs` with experiment_id as its primary key, so that SQLAlchemy's identity
 * map keeps only the first run it reads of each experiment; the others are never looked at. Runs without an
 * experiment make MLflow fail with an AttributeError, and are left out.
 *
 * `LIKE '_%'` is "not empty", also where a comparison ignores trailing spaces.
 */
const untagged = (context: RowContext): string => `
  FROM (
    SELECT run_uuid, user_id,
      ROW_NUMBER() OVER (PARTITION BY experiment_id ORDER BY ${context.scanOrder('runs')}) AS place
    FROM runs WHERE experiment_id IS NOT NULL
  ) AS first_run
  WHERE place = 1 AND user_id LIKE '_%' AND NOT EXISTS (
    SELECT 1 FROM tags WHERE tags.run_uuid = first_run.run_uuid AND tags.${context.quote('key')} = '${USER_TAG}'
  )`;

/**
 * Revision 90e64c465722: the user of the first run of each experiment becomes its tag mlflow.user
 * (mlflow/store/db_migrations/versions/90e64c465722_migrate_user_column_to_tags.py).
 */
export const tagFirstRunsWithTheirUser = rows({
  title: 'tag the first run of each experiment with its user',
  reads: ['runs', 'tags'],
  writes: ['tags'],

  async preflight(context) {
    if (!context.enforcesLengths) return [];
    // Trailing spaces beyond a VARCHAR's length are cut off without an error.
    const tooLong = `${untagged(context)} AND ${context.characters('RTRIM(user_id)')} > ${TAG_LENGTH}`;
    const [total] = await context.query<{ count: unknown }>(`SELECT COUNT(*) AS count ${tooLong}`);
    const count = Number(total?.count ?? 0);
    if (count === 0) return [];
    const runs = await context.query<{ run_uuid: string }>(
      `SELECT run_uuid ${tooLong} ORDER BY run_uuid ${context.limit(NAMED)}`,
    );
    const names = listed(
      runs.map((run) => run.run_uuid),
      count,
    );
    return [
      {
        message: `runs.user_id is longer than the ${TAG_LENGTH} characters of a tag in these runs: ${names}. Shorten it first.`,
      },
    ];
  },

  async run(context) {
    const columns = ['key', 'value', 'run_uuid'].map((column) => context.quote(column)).join(', ');
    await context.execute(
      `INSERT INTO tags (${columns}) SELECT '${USER_TAG}', user_id, run_uuid ${untagged(context)}`,
    );
  },
});
