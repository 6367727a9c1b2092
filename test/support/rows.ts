import pg from 'pg';
import type { Database, ServerKind } from './databases.js';

/** A value as fixtures/databases/README.md writes it: nothing is lost, and any language can make it. */
type Encoded = string | null;

export interface TableRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Encoded[])[];
}

/** Every row of every table, by the driver alone, sorted by the UTF-8 of its JSON. */
export async function allRows(database: Database): Promise<Record<string, TableRows>> {
  const { names, read } = readers[database.kind];
  const found = (await database.rows(names)).map((row) => row.name as string);
  const tables: Record<string, TableRows> = {};
  for (const name of found.sort()) tables[name] = await read(database, name);
  return tables;
}

interface Reader {
  /** Asks for the names of the tables. */
  readonly names: string;
  read(database: Database, table: string): Promise<TableRows>;
}

const readers: Readonly<Record<ServerKind, Reader>> = {
  sqlite: {
    names: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    /** The storage class decides; integers come as text, because they may not fit a JavaScript number. */
    read: async (database, table) => {
      const info = await database.rows(`SELECT name FROM pragma_table_xinfo('${table}') ORDER BY cid`);
      const columns = info.map((row) => row.name as string);
      const listed = columns.flatMap((name, i) => [
        `typeof("${name}") AS t${i}`,
        `CASE typeof("${name}") WHEN 'integer' THEN CAST("${name}" AS TEXT) WHEN 'blob' THEN lower(hex("${name}")) ELSE "${name}" END AS v${i}`,
      ]);
      const found = await database.rows(`SELECT ${listed.join(', ')} FROM "${table}"`);
      const rows = found.map((row) =>
        columns.map((_, i) => sqliteValue(row[`t${i}`] as string, row[`v${i}`])),
      );
      return { columns, rows: sorted(rows) };
    },
  },
  postgresql: {
    names: "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
    read: async (database, table) => {
      const info = await database.rows(
        `SELECT attname AS name, atttypid::int AS type FROM pg_attribute
         WHERE attrelid = '"${table}"'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
      );
      const columns = info.map((row) => row.name as string);
      const listed = columns.map((name, i) => `"${name}"::text AS v${i}`);
      const found = await database.rows(`SELECT ${listed.join(', ')} FROM "${table}"`);
      const rows = found.map((row) =>
        columns.map((_, i) => postgresValue(info[i]?.type as number, row[`v${i}`] as string | null)),
      );
      return { columns, rows: sorted(rows) };
    },
  },
  mysql: mysqlReader(),
  mariadb: mysqlReader(),
};

function mysqlReader(): Reader {
  return {
    names: `SELECT TABLE_NAME AS name FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'`,
    read: async (database, table) => {
      const info = await database.rows(
        `SELECT COLUMN_NAME AS name, DATA_TYPE AS type FROM information_schema.COLUMNS
         WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '${table}' ORDER BY ORDINAL_POSITION`,
      );
      const columns = info.map((row) => row.name as string);
      const types = info.map((row) => String(row.type).toLowerCase());
      const listed = columns.map((name, i) => `${mysqlText(`\`${name}\``, types[i] as string)} AS v${i}`);
      const found = await database.rows(`SELECT ${listed.join(', ')} FROM \`${table}\``);
      const rows = found.map((row) =>
        columns.map((_, i) => mysqlValue(types[i] as string, row[`v${i}`] as string | null)),
      );
      return { columns, rows: sorted(rows) };
    },
  };
}

const isFloat = (type: string) => type === 'float' || type === 'double';
const isBytes = (type: string) => /blob|binary|bit/.test(type);

/** A FLOAT is shown with six digits only, a DOUBLE with all; times 1e0 makes one of it and keeps the sign of zero. */
function mysqlText(column: string, type: string): string {
  if (isBytes(type)) return `LOWER(HEX(${column}))`;
  return isFloat(type) ? `CAST(${column} * 1e0 AS CHAR)` : `CAST(${column} AS CHAR)`;
}

function mysqlValue(type: string, value: string | null): Encoded {
  if (value === null) return null;
  if (/int$/.test(type)) return `i:${value}`;
  if (isFloat(type)) return float(Number(value));
  return isBytes(type) ? `b:${value}` : `t:${value}`;
}

function sqliteValue(type: string, value: unknown): Encoded {
  if (type === 'null') return null;
  if (type === 'integer') return `i:${value}`;
  if (type === 'real') return float(value as number);
  return type === 'blob' ? `b:${value}` : `t:${value}`;
}

const { builtins } = pg.types;

function postgresValue(type: number, value: string | null): Encoded {
  if (value === null) return null;
  if (type === builtins.INT4 || type === builtins.INT8 || type === builtins.INT2) return `i:${value}`;
  if (type === builtins.BOOL) return value === 'true' ? 'i:1' : 'i:0';
  if (type === builtins.FLOAT8) return float(Number(value.replace('nan', 'NaN')));
  return type === builtins.BYTEA ? `b:${value.slice(2)}` : `t:${value}`;
}

function float(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(Number.isNaN(value) ? Number.NaN : value);
  return `f:${bytes.toString('hex')}`;
}

const sorted = (rows: Encoded[][]): Encoded[][] =>
  rows
    .map((row) => ({ row, key: Buffer.from(JSON.stringify(row)) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ row }) => row);
