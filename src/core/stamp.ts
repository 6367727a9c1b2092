import type { Dialect } from '../dialects/dialect.js';
import { required, string, table } from '../schema/index.js';
import { versionTable } from './state.js';
import type { StampStep } from './steps.js';

/** `alembic_version` as Alembic makes it (alembic/runtime/migration.py). */
export const versionTableDefinition = table(versionTable, {
  columns: [required('version_num', string(32))],
  primaryKey: ['alembic_version_pkc', ['version_num']],
});

/** The statements that write the stamp. */
export function stampStatements(dialect: Dialect, step: StampStep, revision: string): string[] {
  const create = step.createTable ? dialect.create(new Map([[versionTable, versionTableDefinition]])) : [];
  return [
    ...create.map(({ sql }) => sql),
    step.insert
      ? `INSERT INTO ${versionTable} (version_num) VALUES ('${revision}')`
      : `UPDATE ${versionTable} SET version_num = '${revision}'`,
  ];
}
