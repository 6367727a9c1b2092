import { native } from '../../schema/column-type.js';
import type { Schema, Table } from '../../schema/table.js';
import { readChecks, readForeignKeys, readIndexes, readTriggers } from './introspect-keys.js';
import { readShown } from './introspect-shown.js';
import type { MysqlSession } from './session.js';

export type Query = Pick<MysqlSession, 'query' | 'flavour'>;
export type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };
export type Found = Map<string, Mutable<Table>>;

/** Reads the tables of the current database from information_schema, in the words of the server. */
export async function introspect(session: Query): Promise<Schema> {
  const schema: Found = new Map();
  await readColumns(session, schema);
  await readIndexes(session, schema);
  await readForeignKeys(session, schema);
  await readChecks(session, schema);
  await readShown(session, schema);
  await readTriggers(session, schema);
  return schema as Schema;
}

async function readColumns(session: Query, schema: Found): Promise<void> {
  const rows = await session.query<{
    tbl: string;
    name: string;
    type: string;
    nullable: string;
    value: string | null;
    extra: string;
    expression: string | null;
    collation: string | null;
    tableCollation: string | null;
  }>(
    `SELECT c.TABLE_NAME AS tbl, c.COLUMN_NAME AS name, c.COLUMN_TYPE AS type, c.IS_NULLABLE AS nullable,
            c.COLUMN_DEFAULT AS value, c.EXTRA AS extra, c.GENERATION_EXPRESSION AS expression,
            CASE WHEN c.COLLATION_NAME <> t.TABLE_COLLATION THEN c.COLLATION_NAME END AS collation,
            t.TABLE_COLLATION AS tableCollation
     FROM information_schema.COLUMNS c JOIN information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME)
     WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE'
     ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`,
  );
  for (const row of rows) {
    const { tbl: name } = row;
    const table = schema.get(name) ?? {
      ...{ name, columns: [], primaryKey: null, uniques: [], foreignKeys: [], checks: [] },
      ...{ indexes: [], triggers: [] },
      ...(row.tableCollation === null ? {} : { collation: row.tableCollation }),
    };
    schema.set(name, table);
    const isExpression =
      row.extra.includes('DEFAULT_GENERATED') && !/^CURRENT_TIMESTAMP/i.test(row.value ?? '');
    table.columns.push({
      name: row.name,
      type: native(row.type),
      nullable: row.nullable === 'YES',
      default:
        row.value === null ? null : { kind: 'native', sql: isExpression ? `(${row.value})` : row.value },
      generated: row.expression
        ? { expression: row.expression, stored: row.extra.startsWith('STORED') }
        : null,
      identity: row.extra.includes('auto_increment') ? 'AUTO_INCREMENT' : null,
      collation: row.collation,
    });
  }
}
