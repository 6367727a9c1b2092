import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Database, ServerKind } from './databases.js';
import { allRows } from './rows.js';

/** The file of an SQLite database. */
export const fileOf = (database: Database): string => database.uri.replace('sqlite:///', '');

export const digest = (path: string): string =>
  existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'not there';

/** Everything that must not change: a file's bytes and time, or columns, constraints, indexes and rows of all schemas. */
export const snapshot = (database: Database): Promise<unknown> => take[database.kind](database);

const take: Readonly<Record<ServerKind, (database: Database) => Promise<unknown>>> = {
  sqlite: async (database) => fileSnapshot(fileOf(database)),
  postgresql: (database) => database.rows(everything),
  mysql: mysqlSnapshot,
  mariadb: mysqlSnapshot,
};

export const fileSnapshot = (path: string): unknown => ({
  bytes: digest(path),
  modified: existsSync(path) ? statSync(path).mtimeMs : null,
  journal: digest(`${path}-journal`),
});

const everything = `
  SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relfilenode AS file, c.relacl::text AS grants,
    (SELECT string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull), ', ' ORDER BY attnum)
     FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,
    (SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), ', ' ORDER BY conname)
     FROM pg_constraint WHERE conrelid = c.oid) AS constraints,
    CASE WHEN c.relkind = 'r'
      THEN query_to_xml(format('SELECT * FROM %I.%I', n.nspname, c.relname), true, false, '')::text END AS rows
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2`;

/** What the server says of every object, when each table was made last, and all rows. */
async function mysqlSnapshot(database: Database): Promise<unknown> {
  const objects = await database.rows(
    `SELECT TABLE_NAME AS name, 'TABLE' AS kind, CREATE_TIME AS made FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = DATABASE()
     UNION ALL SELECT TRIGGER_NAME, 'TRIGGER', CREATED FROM information_schema.TRIGGERS
     WHERE TRIGGER_SCHEMA = DATABASE() ORDER BY 2, 1`,
  );
  const shown = [];
  for (const { name, kind } of objects) shown.push(await database.rows(`SHOW CREATE ${kind} \`${name}\``));
  return { objects, shown, rows: await allRows(database) };
}
