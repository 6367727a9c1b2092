import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import type { Database } from './databases.js';

/** A file that is not there yet, in a directory of its own. */
export async function createSqlite(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'mltrack-'));
  return {
    ...sqliteIn(join(folder, 'mlflow.db')),
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The same in a file that the test removes itself. */
export function sqliteIn(path: string): Database {
  const all = (sql: string) =>
    new Promise<Record<string, unknown>[]>((done, fail) => {
      const db = new sqlite3.Database(path);
      db.all(sql, (error, rows) =>
        db.close(() => (error ? fail(error) : done(rows as Record<string, unknown>[]))),
      );
    });
  const exec = (sql: string) =>
    new Promise<void>((done, fail) => {
      const db = new sqlite3.Database(path);
      db.exec(sql, (error) => db.close(() => (error ? fail(error) : done())));
    });
  return {
    kind: 'sqlite',
    dialect: 'sqlite',
    uri: `sqlite:///${path}`,
    run: (...statements) => exec(`BEGIN; ${statements.map((sql) => `${sql};`).join('\n')} COMMIT;`),
    rows: all,
    drop: async () => undefined,
  };
}
