import {
  addColumn,
  bigint,
  column,
  createIndex,
  createTable,
  foreignKey,
  index,
  integer,
  json,
  required,
  revision,
  rows,
  string,
  table,
  text,
} from '../src/schema/index.js';

/** Of mlflow/entities/_job_status.py. */
const PENDING = 0;
const RUNNING = 1;
const CANCELED = 5;

/** Jobs that the old executor had not finished have nobody who would. */
const cancelUnfinishedJobs = rows({
  title: 'cancel unfinished jobs',
  reads: ['jobs'],
  writes: ['jobs'],
  discards: async ({ query, quote, limit }) => {
    const found = `FROM ${quote('jobs')} WHERE ${quote('status')} IN (${PENDING}, ${RUNNING})`;
    const [total] = await query<{ count: unknown }>(`SELECT COUNT(*) AS count ${found}`);
    const count = Number(total?.count ?? 0);
    const jobs = await query<{ id: string }>(`SELECT id ${found} ORDER BY id ${limit(10)}`);
    return count === 0
      ? []
      : [{ what: 'jobs: pending or running, cancelled', count, examples: jobs.map(({ id }) => id) }];
  },
  run: async (context) => {
    const jobs = context.quote('jobs');
    const status = context.quote('status');
    await context.execute(
      `UPDATE ${jobs} SET ${status} = ${CANCELED}, ${context.quote('last_update_time')} = ${context.bind('bigint')}` +
        ` WHERE ${status} IN (${PENDING}, ${RUNNING})`,
      [context.now],
    );
  },
});

export default revision({
  revision: 'dc11669786a5',
  down: '75868b020152',
  title: 'let jobs outlive their server',
  release: '3.17.0',
  created: '2026-05-20',
  irreversible: {
    kind: 'rows',
    tables: ['jobs'],
    why: 'jobs that are pending or running are canceled, and nothing remembers what they were',
  },
  undo: { leaves: 'canceled jobs stay canceled' },
  up: [
    createTable(
      table('scheduler_leases', {
        columns: [
          required('lease_key', string(255)),
          required('acquired_at', bigint),
          required('ttl_seconds', integer),
        ],
        primaryKey: ['scheduler_leases_pk', ['lease_key']],
      }),
    ),
    createTable(
      table('job_locks', {
        columns: [
          required('lock_key', string(255)),
          required('job_id', string(36)),
          required('acquired_at', bigint),
        ],
        primaryKey: ['job_locks_pk', ['lock_key']],
        foreignKeys: [
          foreignKey(['job_id'], 'jobs', ['id'], { name: 'fk_job_locks_job_id', onDelete: 'CASCADE' }),
        ],
      }),
    ),
    createIndex('job_locks', index('index_job_locks_job_id', ['job_id'])),
    addColumn('jobs', column('executor_backend', string(255))),
    addColumn('jobs', column('lease_expires_at', bigint)),
    addColumn('jobs', column('status_message', text())),
    addColumn('jobs', column('progress', json)),
    addColumn('jobs', column('progress_updated_at', bigint)),
    addColumn('jobs', column('token_hash', string(64))),
    addColumn('jobs', column('scoped_permissions', json)),
    addColumn('jobs', column('next_attempt_at', bigint)),
    createIndex('jobs', index('index_jobs_status_lease_expires_at', ['status', 'lease_expires_at'])),
    cancelUnfinishedJobs,
  ],
});
