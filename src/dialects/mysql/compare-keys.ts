import type { ScanWords } from '../scan-rows.js';
import { quote } from './quote.js';
import type { MysqlSession } from './session.js';

/**
 * How the columns of a foreign key are compared that is not there: where their collations differ, the server refuses
 * to compare them as they are (error 1267), and the parent's decides.
 */
export async function comparer(session: MysqlSession): Promise<NonNullable<ScanWords['equal']>> {
  const rows = await session.query<{ tbl: string; col: string; collation: string; charset: string }>(
    `SELECT TABLE_NAME AS tbl, COLUMN_NAME AS col, COLLATION_NAME AS collation, CHARACTER_SET_NAME AS charset
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND COLLATION_NAME IS NOT NULL`,
  );
  const known = new Map(rows.map((row) => [`${row.tbl}.${row.col}`, row]));
  return (key, position, table) => {
    const [column, refColumn] = [key.columns[position] as string, key.refColumns[position] as string];
    const child = known.get(`${table}.${column}`);
    const parent = known.get(`${key.refTable}.${refColumn}`);
    if (!child || !parent || child.collation === parent.collation) return null;
    return `p.${quote(refColumn)} = CONVERT(c.${quote(column)} USING ${parent.charset}) COLLATE ${parent.collation}`;
  };
}
