import type { ForeignKey, ReferentialAction } from '../../schema/table.js';
import type { Query, Tables } from './introspect.js';

/** sys.foreign_keys.delete_referential_action / update_referential_action. */
const actions: Readonly<Record<string, ReferentialAction | null>> = {
  NO_ACTION: null,
  CASCADE: 'CASCADE',
  SET_NULL: 'SET NULL',
  SET_DEFAULT: 'SET DEFAULT',
};

interface KeyRow extends Record<string, unknown> {
  readonly owner: string;
  readonly id: number;
  readonly name: string;
  readonly target: string;
  readonly ondelete: string;
  readonly onupdate: string;
  readonly column: string;
  readonly refcolumn: string;
}

/** Reads foreign keys; a table of another schema is told with its schema. */
export async function readForeignKeys(session: Query, tables: Tables): Promise<void> {
  const rows = await session.query<KeyRow>(
    `SELECT t.name AS owner, k.object_id AS id, k.name,
            CASE WHEN r.schema_id = t.schema_id THEN r.name ELSE SCHEMA_NAME(r.schema_id) + N'.' + r.name END AS target,
            k.delete_referential_action_desc AS ondelete, k.update_referential_action_desc AS onupdate,
            COL_NAME(x.parent_object_id, x.parent_column_id) AS [column],
            COL_NAME(x.referenced_object_id, x.referenced_column_id) AS refcolumn
     FROM sys.foreign_keys k
     JOIN sys.tables t ON t.object_id = k.parent_object_id
     JOIN sys.tables r ON r.object_id = k.referenced_object_id
     JOIN sys.foreign_key_columns x ON x.constraint_object_id = k.object_id
     WHERE t.schema_id = SCHEMA_ID()
     ORDER BY k.object_id, x.constraint_column_id`,
  );
  const found = new Map<
    number,
    { owner: string; key: ForeignKey; columns: string[]; refColumns: string[] }
  >();
  for (const row of rows) {
    const known = found.get(row.id);
    if (known) {
      known.columns.push(row.column);
      known.refColumns.push(row.refcolumn);
      continue;
    }
    const [columns, refColumns] = [[row.column], [row.refcolumn]];
    const key: ForeignKey = {
      ...{ name: row.name, columns, refTable: row.target, refColumns },
      onDelete: actions[row.ondelete] ?? null,
      onUpdate: actions[row.onupdate] ?? null,
    };
    found.set(row.id, { owner: row.owner, key, columns, refColumns });
  }
  for (const { owner, key } of found.values()) tables.get(owner)?.foreignKeys.push(key);
}

export async function readChecks(session: Query, tables: Tables): Promise<void> {
  const rows = await session.query<{ owner: string; name: string; expression: string | null }>(
    `SELECT t.name AS owner, k.name, k.[definition] AS expression
     FROM sys.check_constraints k JOIN sys.tables t ON t.object_id = k.parent_object_id
     WHERE t.schema_id = SCHEMA_ID() ORDER BY k.object_id`,
  );
  for (const { owner, name, expression } of rows)
    tables.get(owner)?.checks.push({ name, expression: expression ?? '' });
}
