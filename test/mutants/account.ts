import { createConnection } from 'mysql2/promise';
import type { Database } from '../support/databases.js';
import type { ServerKind } from '../support/server-kinds.js';
import { plainCheck } from './same-golden.js';

/** Table → what the server itself says of it, a line a part, in no order. */
export type Account = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Reads a schema without mltrack: by the server's own SHOW CREATE, pg_get_*def functions or PRAGMAs. It proves that a
 * mutant is one, and that a repair left what MLflow made.
 */
export async function accountOf(database: Database): Promise<Account> {
  const account = new Map<string, Set<string>>();
  const lines: Lines = await read[database.kind](database);
  for (const [table, line] of lines) {
    const lines = account.get(table) ?? new Set();
    lines.add(line);
    account.set(table, lines);
  }
  return account;
}

/** Lines that are on one side only: [table, line]. */
export function changes(before: Account, after: Account): [table: string, line: string][] {
  const changed: [string, string][] = [];
  for (const name of new Set<string>([...before.keys(), ...after.keys()])) {
    const a = before.get(name) ?? new Set<string>();
    const b = after.get(name) ?? new Set<string>();
    for (const line of a) if (!b.has(line)) changed.push([name, line]);
    for (const line of b) if (!a.has(line)) changed.push([name, line]);
  }
  return changed;
}

type Lines = [table: string, line: string][];

const read: Readonly<Record<ServerKind, (database: Database) => Promise<Lines>>> = {
  sqlite: readSqlite,
  postgresql: async (database) =>
    (await database.rows(postgres)).map(({ tbl, line }) => [String(tbl), plainCheck(String(line))]),
  mysql: readMysql,
  mariadb: readMysql,
};

/** CHECKs and names of constraints are in no PRAGMA: of the table's text its CHECKs and the words CONSTRAINT x. */
async function readSqlite(database: Database): Promise<Lines> {
  const rows = await database.rows(
    `SELECT m.name AS tbl, 'table' AS line FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
     UNION ALL SELECT m.name, 'column ' || c.name || ' ' || c.type || ' notnull ' || c."notnull" || ' default ' ||
       coalesce(c.dflt_value, 'none') || ' hidden ' || c.hidden
       FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table'
     UNION ALL SELECT m.name, 'primary key ' || (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_table_info(m.name) WHERE pk > 0 ORDER BY pk))
       FROM sqlite_master m WHERE m.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE pk > 0)
     UNION ALL SELECT m.name, 'foreign key ' || group_concat(f."from", ',') || ' references ' || f."table" || ' ' || group_concat(f."to", ',') ||
       ' on delete ' || f.on_delete || ' on update ' || f.on_update
       FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' GROUP BY m.name, f.id
     UNION ALL SELECT m.name, CASE i.origin WHEN 'c' THEN 'index ' || i.name ELSE i.origin END || ' unique ' || i."unique" || ' partial ' || i.partial || ' ' ||
       (SELECT group_concat(coalesce(x.name, '()') || CASE x."desc" WHEN 1 THEN ' desc' ELSE '' END, ',') FROM pragma_index_xinfo(i.name) x WHERE x.key = 1)
       FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table'
     UNION ALL SELECT tbl_name, 'sql ' || sql FROM sqlite_master WHERE type = 'trigger'
     UNION ALL SELECT tbl_name, 'where ' || name || substr(sql, instr(sql, ' WHERE ')) FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'`,
  );
  const texts = await database.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table'");
  return [
    ...rows.map(({ tbl, line }): [string, string] => [String(tbl), String(line)]),
    ...texts.flatMap(({ name, sql }) =>
      constraints(String(sql)).map((line): [string, string] => [String(name), line]),
    ),
  ];
}

/** The CHECKs, generated expressions and keys of a CREATE TABLE, by the parentheses after the words. */
function constraints(sql: string): string[] {
  const found: string[] = [];
  for (const start of sql.matchAll(/(?:CONSTRAINT\s+("?\w+"?)\s+)?\b(CHECK|UNIQUE|FOREIGN KEY|AS)\s*\(/gi)) {
    const open = start.index + start[0].length - 1;
    let [depth, end] = [0, open];
    do {
      if (sql[end] === '(') depth++;
      if (sql[end] === ')') depth--;
      end++;
    } while (depth > 0 && end < sql.length);
    const inside = sql.slice(open, end).replace(/"/g, '').replace(/\s+/g, ' ');
    found.push(`${(start[1] ?? '').replace(/"/g, '')} ${(start[2] as string).toUpperCase()} ${inside}`);
  }
  return found;
}

const postgres = `
  WITH t AS (SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')
  SELECT relname AS tbl, 'table' AS line FROM t
  UNION ALL SELECT relname, concat_ws(' ', 'column', attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not null' END,
      CASE WHEN atthasdef THEN pg_get_expr(adbin, adrelid) END, 'identity' || nullif(attidentity::text, ''), 'generated ' || nullif(attgenerated::text, ''),
      collname)
    FROM t JOIN pg_attribute a ON attrelid = t.oid LEFT JOIN pg_attrdef ON adrelid = t.oid AND adnum = attnum
    LEFT JOIN pg_collation l ON l.oid = attcollation
    WHERE attnum > 0 AND NOT attisdropped
  UNION ALL SELECT relname, concat_ws(' ', conname, pg_get_constraintdef(c.oid)) FROM t JOIN pg_constraint c ON conrelid = t.oid
    WHERE contype IN ('p', 'u', 'f', 'c')
  UNION ALL SELECT relname, pg_get_indexdef(indexrelid) || CASE WHEN indisvalid THEN '' ELSE ' invalid' END FROM t JOIN pg_index ON indrelid = t.oid
  UNION ALL SELECT relname, pg_get_triggerdef(g.oid) || ' ' || tgenabled::text FROM t JOIN pg_trigger g ON tgrelid = t.oid WHERE NOT tgisinternal
  UNION ALL SELECT relname, concat_ws(' ', 'sequence', pg_get_serial_sequence(quote_ident(relname), attname), attname)
    FROM t JOIN pg_attribute a ON attrelid = t.oid AND attnum > 0 AND NOT attisdropped
    WHERE pg_get_serial_sequence(quote_ident(relname), attname) IS NOT NULL`;

/** On one connection: there are seventy tables. */
async function showAll(database: Database, tables: readonly string[]): Promise<object[]> {
  const connection = await createConnection(database.uri.replace(/^[^:]*/, 'mysql'));
  const shown: object[] = [];
  try {
    for (const table of tables) {
      const [rows] = await connection.query(`SHOW CREATE TABLE \`${table}\``);
      shown.push((rows as object[])[0] as object);
    }
  } finally {
    await connection.end();
  }
  return shown;
}

/** Names that the server chose say how often a key was made. */
const chosen = /`\w+_(?:ibfk|chk)_\d+`|`CONSTRAINT_\d+`/g;

async function readMysql(database: Database): Promise<Lines> {
  const tables = await database.rows('SHOW FULL TABLES');
  const lines: Lines = [];
  for (const row of await showAll(
    database,
    tables.map((table) => String(Object.values(table)[0])),
  )) {
    const [name, text] = Object.values(row).map(String) as [string, string];
    const counted = new Map<string, number>();
    for (const raw of text.split('\n').slice(1)) {
      const line = raw
        .trim()
        .replace(/,$/, '')
        .replace(chosen, '')
        .replace(/ AUTO_INCREMENT=\d+/, '');
      const times = (counted.get(line) ?? 0) + 1;
      counted.set(line, times);
      lines.push([name, times > 1 ? `${line} (${times})` : line]);
    }
  }
  const triggers = await database.rows(
    `SELECT EVENT_OBJECT_TABLE AS tbl, concat_ws(' ', TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT) AS line
     FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()`,
  );
  return [...lines, ...triggers.map(({ tbl, line }): [string, string] => [String(tbl), String(line)])];
}
