import type { ReferentialAction } from '../../schema/table.js';
import type { Found, Query } from './introspect.js';
import { quote } from './quote.js';

/** Primary keys and indexes; a unique constraint is an index here. */
export async function readIndexes(session: Query, schema: Found): Promise<void> {
  // MariaDB has no indexes on expressions.
  const expression = session.flavour === 'mysql' ? 'EXPRESSION' : 'NULL';
  const rows = await session.query<{
    tbl: string;
    name: string;
    plain: number;
    column: string | null;
    direction: string | null;
    length: number | null;
    expression: string | null;
  }>(
    `SELECT TABLE_NAME AS tbl, INDEX_NAME AS name, NON_UNIQUE AS plain, COLUMN_NAME AS \`column\`,
            COLLATION AS direction, SUB_PART AS length, ${expression} AS expression
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()
     ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
  );
  for (const row of rows) {
    const table = schema.get(row.tbl);
    if (!table) continue;
    const name = row.column ?? `(${row.expression ?? ''})`;
    if (row.name === 'PRIMARY') {
      table.primaryKey = { name: null, columns: [...(table.primaryKey?.columns ?? []), name] };
      continue;
    }
    const part = {
      name,
      desc: row.direction === 'D',
      length: row.length === null ? null : Number(row.length),
    };
    const last = table.indexes.at(-1);
    if (last?.name === row.name) table.indexes.splice(-1, 1, { ...last, columns: [...last.columns, part] });
    else
      table.indexes.push({
        ...{ name: row.name, columns: [part], unique: Number(row.plain) === 0, include: [], where: null },
      });
  }
}

/** What servers do when nothing is said shows as NO ACTION or RESTRICT, which InnoDB treats alike. */
export const action = (rule: string): ReferentialAction | null =>
  rule === 'NO ACTION' || rule === 'RESTRICT' ? null : (rule as ReferentialAction);

export async function readForeignKeys(session: Query, schema: Found): Promise<void> {
  const rows = await session.query<{
    tbl: string;
    name: string;
    column: string;
    refTable: string;
    refColumn: string;
    onDelete: string;
    onUpdate: string;
  }>(
    `SELECT r.TABLE_NAME AS tbl, r.CONSTRAINT_NAME AS name, k.COLUMN_NAME AS \`column\`,
            r.REFERENCED_TABLE_NAME AS refTable, k.REFERENCED_COLUMN_NAME AS refColumn,
            r.DELETE_RULE AS onDelete, r.UPDATE_RULE AS onUpdate
     FROM information_schema.REFERENTIAL_CONSTRAINTS r
     JOIN information_schema.KEY_COLUMN_USAGE k
       ON k.CONSTRAINT_SCHEMA = r.CONSTRAINT_SCHEMA AND k.TABLE_NAME = r.TABLE_NAME
      AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME
     WHERE r.CONSTRAINT_SCHEMA = DATABASE()
     ORDER BY r.TABLE_NAME, r.CONSTRAINT_NAME, k.ORDINAL_POSITION`,
  );
  for (const row of rows) {
    const keys = schema.get(row.tbl)?.foreignKeys;
    const last = keys?.at(-1);
    if (last?.name === row.name)
      keys?.splice(-1, 1, {
        ...last,
        columns: [...last.columns, row.column],
        refColumns: [...last.refColumns, row.refColumn],
      });
    else
      keys?.push({
        ...{ name: row.name, columns: [row.column], refTable: row.refTable, refColumns: [row.refColumn] },
        ...{ onDelete: action(row.onDelete), onUpdate: action(row.onUpdate) },
      });
  }
}

/** MariaDB names checks per table and says which belong to a column; MySQL names them per database. */
export async function readChecks(session: Query, schema: Found): Promise<void> {
  const rows = await session.query<{ tbl: string; name: string; clause: string; level: string }>(
    session.flavour === 'mariadb'
      ? `SELECT TABLE_NAME AS tbl, CONSTRAINT_NAME AS name, CHECK_CLAUSE AS clause, LEVEL AS level
         FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()
         ORDER BY TABLE_NAME, CONSTRAINT_NAME`
      : `SELECT t.TABLE_NAME AS tbl, c.CONSTRAINT_NAME AS name, c.CHECK_CLAUSE AS clause, 'Table' AS level
         FROM information_schema.CHECK_CONSTRAINTS c
         JOIN information_schema.TABLE_CONSTRAINTS t USING (CONSTRAINT_SCHEMA, CONSTRAINT_NAME)
         WHERE c.CONSTRAINT_SCHEMA = DATABASE() AND t.CONSTRAINT_TYPE = 'CHECK'
         ORDER BY t.TABLE_NAME, c.CONSTRAINT_NAME`,
  );
  for (const { tbl, name, clause, level } of rows)
    schema
      .get(tbl)
      ?.checks.push({ name, expression: clause, ...(level === 'Column' ? { ofColumn: name } : {}) });
}

/** The text without its definer, who is whoever made it. */
export async function readTriggers(session: Query, schema: Found): Promise<void> {
  const rows = await session.query<{ tbl: string; name: string }>(
    `SELECT EVENT_OBJECT_TABLE AS tbl, TRIGGER_NAME AS name FROM information_schema.TRIGGERS
     WHERE TRIGGER_SCHEMA = DATABASE() ORDER BY TRIGGER_NAME`,
  );
  for (const { tbl, name } of rows) {
    // Without the right TRIGGER the text stays unknown; the preflight says so where a trigger is to be made.
    const [shown] = await session.query(`SHOW CREATE TRIGGER ${quote(name)}`).catch(() => []);
    const sql = String(shown?.['SQL Original Statement'] ?? '').replace(/^CREATE DEFINER=\S+ /, 'CREATE ');
    schema.get(tbl)?.triggers.push({ kind: 'native', name, sql });
  }
}
