import { copyFileSync, statSync, truncateSync } from 'node:fs';
import sqlite3 from 'sqlite3';
import { afterEach, expect, it } from 'vitest';
import { dbUpgrade, expectDone } from '../support/cli.js';
import { createDatabase, type Database, databaseAt } from '../support/databases.js';
import { fileOf } from '../support/snapshot.js';

const databases: Database[] = [];
afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop();
});

/**
 * What a writer leaves that dies in the middle of its commit: pages of both states, a file shorter than its header
 * says, and the journal that undoes it. The short file alone would be refused as truncated.
 */
it('a file that a dead writer left half-written is undone by its journal, then upgraded', async () => {
  const source = await databaseAt('sqlite', 48);
  const copy = await createDatabase('sqlite');
  databases.push(source, copy);
  await source.run(
    'CREATE TABLE mine (id INTEGER PRIMARY KEY, text TEXT)',
    `INSERT INTO mine WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
     SELECT i, printf('old %0500d', i) FROM n`,
  );
  const writer = new sqlite3.Database(fileOf(source));
  const run = (sql: string) => new Promise((done) => writer.exec(sql, done));
  // With so small a cache the changed pages go to the file before the commit, the last ones by the second UPDATE.
  const change = "UPDATE mine SET text = printf('new %0500d', id)";
  await run(`PRAGMA cache_size = 5; BEGIN; ${change}; ${change} WHERE id < 300`);
  for (const ending of ['', '-journal'])
    copyFileSync(`${fileOf(source)}${ending}`, `${fileOf(copy)}${ending}`);
  await run('ROLLBACK');
  await new Promise((done) => writer.close(done));
  truncateSync(fileOf(copy), statSync(fileOf(copy)).size - 4096);

  expectDone(await dbUpgrade([copy.uri]));
  expect(await copy.rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  const [row] = await copy.rows("SELECT count(*) AS n FROM mine WHERE text LIKE 'old %'");
  expect(row?.n).toBe(500);
});
