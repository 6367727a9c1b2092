import { same } from '../../schema/same.js';
import type { Column, Table } from '../../schema/table.js';
import type { Statement } from '../dialect.js';
import { affinityOf } from './affinity.js';
import { assertions } from './assertions.js';
import { literalText, quote, quoteAll } from './quote.js';
import { renderDefault, renderTable } from './render.js';
import { columnType } from './types.js';

/** Makes `sqlite_master` writable; in the shell it needs more: see script.ts. */
export const writeSchema = 'PRAGMA writable_schema = ON';

/**
 * Whether `after` is only another text for the bytes that `before` has: then SQLite's documented procedure writes the
 * text and copies no row (https://www.sqlite.org/lang_altertable.html#otheralter: for changes that "do not affect the
 * on-disk content in any way").
 *
 * - Column names, order, affinity and collation stay, and which column is the rowid.
 * - Defaults stay: rows that are older than an added column hold nothing for it and read its default.
 * - The indexes of the primary key and of unique constraints have numbers for names, in the order of the text.
 * - STRICT and WITHOUT ROWID tables are left to the rebuild: none of MLflow's is one.
 *
 * Columns at the end that ADD COLUMN can add do not count.
 */
export const isTextOnly = (before: Table, after: Table): boolean =>
  !before.options &&
  !after.options &&
  !before.lateKey &&
  before.columns.length <= after.columns.length &&
  before.columns.every((column, i) => sameBytes(column, after.columns[i] as Column, before)) &&
  same(keysOf(before), keysOf(after));

function sameBytes(a: Column, b: Column, { primaryKey }: Table): boolean {
  const [old, now] = [columnType(a).toUpperCase(), columnType(b).toUpperCase()];
  const mayBeRowid = primaryKey?.columns.includes(a.name) && (old === 'INTEGER' || now === 'INTEGER');
  return (
    a.name === b.name &&
    (old === now || (affinityOf(a) === affinityOf(b) && !mayBeRowid)) &&
    defaultOf(a) === defaultOf(b) &&
    same([a.generated, a.collation, a.autoincrement], [b.generated, b.collation, b.autoincrement])
  );
}

/** DEFAULT NULL is what every column has. */
function defaultOf({ default: value }: Column): string {
  const text = value ? renderDefault(value) : 'NULL';
  return /^null$/i.test(text) ? 'NULL' : text;
}

/** Names of constraints are words. */
const keysOf = ({ primaryKey, uniques }: Table) =>
  [primaryKey, ...uniques].map((key) => key && { columns: key.columns, onConflict: key.onConflict });

/**
 * Gives a table its new text. An empty table is made of that text first: SQLite itself reads it, refuses the rows that
 * break it, if there are any, in the words in which it would refuse their copy, and shows that columns and keys stand
 * where they stood. ALTER TABLE of that one makes this connection and all others read the schema anew.
 *
 * @param before the table as it is, with the columns of `after`
 */
export function rewriteText(before: Table, after: Table, scratch: string): Statement[] {
  const statement = (sql: string, title: string, more: Partial<Statement> = {}): Statement => ({
    ...{ sql, table: after.name, title },
    ...more,
  });
  const title = `describe ${after.name} anew`;
  const broken = conditions(before, after);
  const stored = quoteAll(after.columns.filter(({ generated }) => !generated).map(({ name }) => name));
  return [
    statement(renderTable(after, scratch), title),
    ...(broken.length === 0
      ? []
      : [
          statement(
            `INSERT INTO ${quote(scratch)} (${stored}) SELECT ${stored} FROM ${quote(after.name)} WHERE ${broken.join(' OR ')} LIMIT 1`,
            `check ${after.name}`,
            { scans: true },
          ),
        ]),
    ...assertions({
      condition: sameLayout(after.name, scratch),
      reason: `${after.name} cannot be described anew without copying its rows, please report it`,
    }).map((sql) => statement(sql, title)),
    statement(writeSchema, title),
    statement(
      `UPDATE sqlite_master SET sql = ${literalText(renderTable(after))} WHERE type = 'table' AND name = ${literalText(after.name)}`,
      title,
      { describes: true },
    ),
    statement('PRAGMA writable_schema = OFF', title),
    statement(`ALTER TABLE ${quote(scratch)} ADD COLUMN mltrack_reads_the_schema_anew`, title),
    statement(`DROP TABLE ${quote(scratch)}`, title),
  ];
}

/** Which rows the text refuses. Checks that were there count too: a copy of the rows would be refused as well. */
const conditions = (before: Table, after: Table): string[] => [
  ...after.checks.map(({ expression }) => `NOT (${expression})`),
  ...after.columns
    .filter(({ nullable }, i) => !nullable && before.columns[i]?.nullable)
    .map(({ name }) => `${quote(name)} IS NULL`),
];

/** That two tables have the same columns, and the same automatic indexes under the same numbers. */
function sameLayout(a: string, b: string): string {
  const layout = (table: string) => {
    const name = literalText(table);
    return (
      `SELECT cid AS place, name, pk AS part, hidden, '' AS collation FROM pragma_table_xinfo(${name})` +
      ` UNION ALL SELECT x.seqno, substr(i.name, ${`sqlite_autoindex_${table}_`.length + 1}), x.cid, x."desc", x.coll` +
      ` FROM pragma_index_list(${name}) i, pragma_index_xinfo(i.name) x WHERE i.origin <> 'c'`
    );
  };
  const without = (left: string, right: string) =>
    `NOT EXISTS (SELECT * FROM (${layout(left)}) EXCEPT SELECT * FROM (${layout(right)}))`;
  return `${without(a, b)} AND ${without(b, a)}`;
}
