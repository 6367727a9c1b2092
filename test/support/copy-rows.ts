import { fileURLToPath } from 'node:url';
import { format } from 'mysql2';
import sqlite3 from 'sqlite3';
import { inject } from 'vitest';
import { connectMysql } from './create-mysql.js';
import { type Database, databaseAt } from './databases.js';
import { fixturesFolder, ordinalOf } from './fixtures.js';
import type { ServerAddress } from './server.js';

type Row = Record<string, string | number | Buffer | null>;

/**
 * A MySQL or MariaDB database with the rows of an old release's real SQLite database: all that fit, because there
 * keys are compared without regard to case and foreign keys are kept.
 */
export async function oldRelease(kind: 'mysql' | 'mariadb', release: string): Promise<Database> {
  const file = fileURLToPath(new URL(`databases/${release}.sqlite.db`, fixturesFolder));
  const source = new sqlite3.Database(file, sqlite3.OPEN_READONLY);
  const all = (sql: string) =>
    new Promise<Row[]>((done, fail) =>
      source.all(sql, (error, rows) => (error ? fail(error) : done(rows as Row[]))),
    );
  const [stamp] = await all('SELECT version_num FROM alembic_version');
  const tables = await all(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'alembic_version'",
  );
  let inserts: string[] = [];
  for (const { name } of tables)
    for (const row of await all(`SELECT * FROM "${name}"`))
      inserts.push(format('INSERT INTO ?? SET ?', [name, row]));
  await new Promise((done) => source.close(done));

  const database = await databaseAt(kind, ordinalOf(stamp?.version_num as string));
  const count = inserts.length;
  const connection = await connectMysql(inject(kind) as ServerAddress, database.uri.split('/').at(-1));
  // Parents must come before their children: what fails is tried again for as long as something else went in.
  for (let left = count + 1; inserts.length > 0 && inserts.length < left; ) {
    left = inserts.length;
    const failed: string[] = [];
    for (const sql of inserts) await connection.query(sql).catch(() => failed.push(sql));
    inserts = failed;
  }
  await connection.end();
  if (inserts.length > count / 5) throw new Error(`only ${count - inserts.length} of ${count} rows fit`);
  return database;
}
