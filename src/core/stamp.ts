import type { Session } from '../dialects/dialect.js';
import { required, string, table } from '../schema/index.js';
import { versionTable } from './state.js';

/** `alembic_version` as Alembic makes it (alembic/runtime/migration.py). */
export const versionTableDefinition = table(versionTable, {
  columns: [required('version_num', string(32))],
  primaryKey: ['alembic_version_pkc', ['version_num']],
});

/** Creates the stamp's table, which is empty at first. */
export async function createVersionTable(session: Session): Promise<void> {
  for (const statement of session.dialect.create(new Map([[versionTable, versionTableDefinition]])))
    await session.query(statement.sql);
}

/** Writes the stamp: in the transaction of the changes it stands for, or right after them where there is none. */
export async function stamp(session: Session, exists: boolean, revision: string): Promise<void> {
  if (!exists) await createVersionTable(session);
  const updated = await session.execute(`UPDATE ${versionTable} SET version_num = ?`, [revision]);
  if (updated === 0)
    await session.execute(`INSERT INTO ${versionTable} (version_num) VALUES (?)`, [revision]);
}
