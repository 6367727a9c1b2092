import sqlite3 from 'sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { parseCreateTable } from '../../../src/dialects/sqlite/parse.js';
import { parseCreateIndex } from '../../../src/dialects/sqlite/parse-index.js';
import { renderTable } from '../../../src/dialects/sqlite/render.js';

const db = new sqlite3.Database(':memory:');
const all = (sql: string) =>
  new Promise<Record<string, unknown>[]>((done, fail) =>
    db.all(sql, (error, rows) => (error ? fail(error) : done(rows as Record<string, unknown>[]))),
  );
afterAll(() => new Promise((done) => db.close(done)));

/** What SQLite itself knows of a table, names of automatic indexes aside. */
async function account(name: string): Promise<unknown> {
  const columns = await all(
    `SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo('${name}')`,
  );
  const keys = await all(
    `SELECT "from", "to", "table", on_update, on_delete, seq FROM pragma_foreign_key_list('${name}') ORDER BY "table", "from", seq`,
  );
  const indexes = await all(
    `SELECT l.origin, l."unique", (SELECT group_concat(i.name || i.coll) FROM pragma_index_xinfo(l.name) i WHERE i.key) AS parts
     FROM pragma_index_list('${name}') l ORDER BY 1, 3`,
  );
  const [{ n: autoincrement } = { n: 0 }] = await all(
    `SELECT sql LIKE '%AUTOINCREMENT%' AS n FROM sqlite_master WHERE name = '${name}'`,
  );
  return { columns, keys, indexes, autoincrement };
}

/** Texts as SQLAlchemy, Django, DB Browser, ALTER TABLE and people leave them. */
const corpus: [string, string][] = [
  [
    'SQLAlchemy',
    'CREATE TABLE t (\n\t"key" VARCHAR(250) NOT NULL, \n\tvalue FLOAT, \n\tis_nan BOOLEAN DEFAULT \'0\' NOT NULL, \n\tCONSTRAINT pk PRIMARY KEY ("key"), \n\tCHECK (is_nan IN (0, 1)), \n\tUNIQUE (value)\n)',
  ],
  ['ALTER TABLE ADD', 'CREATE TABLE t (\n\ta INTEGER NOT NULL, b TEXT, c BIGINT, \n\tPRIMARY KEY (a)\n)'],
  [
    'Django',
    'CREATE TABLE "t" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(80) NOT NULL UNIQUE, "at" datetime NULL, "n" integer unsigned NOT NULL CHECK ("n" >= 0), "p_id" integer NOT NULL REFERENCES "p" ("id") DEFERRABLE INITIALLY DEFERRED)',
  ],
  [
    'DB Browser',
    "CREATE TABLE `t` (\n\t`id`\tINTEGER,\n\t[a b]\tTEXT DEFAULT 'x, (y)',\n\tPRIMARY KEY(`id`)\n)",
  ],
  ['comments', 'CREATE TABLE t ( -- the, table (\n  a INTEGER, /* b, c) */ d TEXT -- last\n)'],
  ['quotes of four kinds', `CREATE TABLE t ("a""b" TEXT, 'c' TEXT, \`d\`\`e\` TEXT, [f g] TEXT)`],
  [
    'defaults',
    "CREATE TABLE t (a TEXT DEFAULT 'it''s', b INTEGER DEFAULT -1, c REAL DEFAULT +1.5e3, d TEXT DEFAULT (lower('A, B')), e DEFAULT CURRENT_TIMESTAMP, f BLOB DEFAULT x'00ff', g DEFAULT NULL, h DEFAULT TRUE)",
  ],
  ['no types', 'CREATE TABLE t (a, b PRIMARY KEY, c NOT NULL)'],
  [
    'types of several words',
    'CREATE TABLE t (a UNSIGNED BIG INT, b DOUBLE PRECISION, c DECIMAL(10, 5), d VARCHAR ( 20 ))',
  ],
  [
    'named constraints beside columns',
    'CREATE TABLE t (a TEXT CONSTRAINT nn NOT NULL CONSTRAINT uq UNIQUE, b INTEGER CONSTRAINT ck CHECK (b > 0 AND b IN (1, 2)), c INTEGER CONSTRAINT fk REFERENCES p ON DELETE SET NULL ON UPDATE CASCADE)',
  ],
  [
    'conflict clauses',
    'CREATE TABLE t (a TEXT NOT NULL ON CONFLICT IGNORE, b INTEGER UNIQUE ON CONFLICT REPLACE, PRIMARY KEY (a) ON CONFLICT ROLLBACK)',
  ],
  [
    'generated columns',
    "CREATE TABLE t (a INT, b INT, c INT GENERATED ALWAYS AS (a + b) STORED, d TEXT AS (a || '(' || b) VIRTUAL, e INT AS (a * (b + 1)) NOT NULL)",
  ],
  [
    'composite foreign keys',
    'CREATE TABLE t (a INT, b INT, FOREIGN KEY (a, b) REFERENCES q (x, y) ON UPDATE CASCADE MATCH FULL, CONSTRAINT z FOREIGN KEY(b) REFERENCES p (id) NOT DEFERRABLE)',
  ],
  ['collations', 'CREATE TABLE t (a TEXT COLLATE NOCASE, b TEXT COLLATE "rtrim" NOT NULL, UNIQUE (a))'],
  ['options', 'CREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER) WITHOUT ROWID, STRICT'],
  ['lower case and odd spacing', 'create table if_not (x int,y text not\nnull,primary key(x,y))'],
  [
    'names that are words',
    'CREATE TABLE t ("order" INT, "check" TEXT, "primary" INT, "select" TEXT NOT NULL)',
  ],
  ['unicode', 'CREATE TABLE t (größe REAL, "日本" TEXT, emoji😀 TEXT)'],
];

describe('CREATE TABLE, read and written again, is the same table to SQLite', () => {
  it.each(corpus)('%s', async (_name, sql) => {
    await all('DROP TABLE IF EXISTS p');
    await all('CREATE TABLE p (id INTEGER PRIMARY KEY)');
    await all(sql);
    const [made] = await all(
      "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT IN ('p', 'sqlite_sequence')",
    );
    const table = parseCreateTable(made?.sql as string);
    const before = await account(made?.name as string);
    await all(`DROP TABLE "${made?.name}"`);
    await all(renderTable(table, 'again'));
    expect(await account('again')).toEqual(before);
    // Written once more it says the same: nothing drifts from rebuild to rebuild.
    expect(renderTable(parseCreateTable(renderTable(table)))).toBe(renderTable(table));
    await all('DROP TABLE again');
  });

  it.each([
    ['a virtual table', 'CREATE VIRTUAL TABLE t USING fts5(a)'],
    ['a key with its own order', 'CREATE TABLE t (a INT, PRIMARY KEY (a DESC))'],
    ['a key with its own collation', 'CREATE TABLE t (a TEXT, UNIQUE (a COLLATE NOCASE))'],
  ])('%s is not half understood but refused', (_name, sql) => {
    expect(() => parseCreateTable(sql)).toThrow();
  });
});

describe('CREATE INDEX', () => {
  it.each([
    ['CREATE INDEX i ON t (a, b DESC)', ['a', 'b'], false, null],
    [
      'CREATE UNIQUE INDEX "i" ON "t" ("a b" ASC) WHERE "a b" IS NOT NULL',
      ['a b'],
      true,
      '"a b" IS NOT NULL',
    ],
    ['create index i on t (lower(a), b COLLATE NOCASE)', ['lower(a)', 'b COLLATE NOCASE'], false, null],
  ])('%s', (sql, columns, unique, where) => {
    const index = parseCreateIndex('i', sql);
    expect(index.columns.map((column) => column.name)).toEqual(columns);
    expect([index.unique, index.where, index.sql]).toEqual([unique, where, sql]);
  });
});
