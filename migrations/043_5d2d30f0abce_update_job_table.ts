import {
  alterColumn,
  createIndex,
  dropIndex,
  index,
  only,
  renameColumn,
  revision,
} from '../src/schema/index.js';

/**
 * MySQL describes a column anew when it renames one, and MLflow left NOT NULL out: the name of a job may be null
 * there.
 */
export default revision({
  revision: '5d2d30f0abce',
  down: 'b7c8d9e0f1a2',
  title: 'call the function of a job its name',
  release: '3.9.0',
  created: '2025-12-16',
  up: [
    dropIndex('jobs', 'index_jobs_function_status_creation_time'),
    renameColumn('jobs', 'function_fullname', 'job_name'),
    only(['mysql'], alterColumn('jobs', 'job_name', { nullable: true })),
    createIndex(
      'jobs',
      index('index_jobs_name_status_creation_time', ['job_name', 'status', 'creation_time']),
    ),
  ],
});
