import { same } from '../../schema/same.js';
import type { Column, Index, Table } from '../../schema/table.js';
import type { Statement } from '../dialect.js';
import { isTextOnly, rewriteText } from './in-place.js';
import { quote, quoteAll } from './quote.js';
import { renderColumn, renderIndex, renderTable, renderTrigger } from './render.js';
import { sameType } from './types.js';

/** Where a rebuilt table stands until it takes its name. */
const scratchName = (table: string): string => `_mltrack_tmp_${table}`;

/**
 * The statements that turn `before` into `after`: ALTER TABLE ADD COLUMN, changes of indexes and triggers, and a new
 * text of the table where that is all; else SQLite's documented twelve-step rebuild
 * (https://www.sqlite.org/lang_altertable.html#otheralter).
 *
 * @param origin for a column of `after`, the name it had in `before` (renamed columns).
 */
export function changeTable(before: Table, after: Table, origin: (name: string) => string): Statement[] {
  if (before === after) return [];
  return needsRebuild(before, after) ? rebuild(before, after, origin) : alter(before, after);
}

/** Whether rows must be copied. */
export const needsRebuild = (before: Table, after: Table): boolean =>
  !(hasSameText(before, after) || isTextOnly(before, after)) ||
  !after.columns.slice(before.columns.length).every(canBeAdded);

/** Whether only columns at the end, indexes and triggers differ. */
const hasSameText = (before: Table, after: Table): boolean =>
  before.columns.length <= after.columns.length &&
  before.columns.every((column, i) => sameColumn(column, after.columns[i] as Column)) &&
  same(before.primaryKey, after.primaryKey) &&
  same(before.uniques, after.uniques) &&
  same(before.foreignKeys, after.foreignKeys) &&
  same(before.checks, after.checks);

const sameColumn = (a: Column, b: Column): boolean =>
  a === b || (sameType(a.type, b) && same({ ...a, type: null }, { ...b, type: null }));

/** https://www.sqlite.org/lang_altertable.html#altertabaddcol: no key, no stored column, NOT NULL needs a default. */
const canBeAdded = (column: Column): boolean =>
  !column.generated?.stored && !column.autoincrement && (column.nullable || column.default !== null);

function alter(before: Table, after: Table): Statement[] {
  const statement = (sql: string, title: string): Statement => ({ sql, table: after.name, title });
  return [
    ...before.triggers
      .filter((trigger) => !after.triggers.includes(trigger))
      .map((trigger) => statement(`DROP TRIGGER ${quote(trigger.name)}`, `drop trigger ${trigger.name}`)),
    ...gone(before, after).map((index) =>
      statement(`DROP INDEX ${quote(index.name)}`, `drop index ${index.name}`),
    ),
    ...after.columns
      .slice(before.columns.length)
      .map((column) =>
        statement(
          `ALTER TABLE ${quote(after.name)} ADD COLUMN ${renderColumn(column)}`,
          `add ${after.name}.${column.name}`,
        ),
      ),
    ...(hasSameText(before, after) ? [] : rewriteText(before, after, scratchName(after.name))),
    ...added(before, after).map((index) => ({
      ...statement(renderIndex(after.name, index), `create index ${index.name}`),
      scans: true,
    })),
    ...after.triggers
      .filter((trigger) => !before.triggers.includes(trigger))
      .map((trigger) => statement(renderTrigger(after.name, trigger), `create trigger ${trigger.name}`)),
  ];
}

/** Indexes to drop: those that went, and those that are there again with another definition. */
const gone = (before: Table, after: Table): Index[] =>
  before.indexes.filter((index) => !after.indexes.includes(index));
const added = (before: Table, after: Table): Index[] =>
  after.indexes.filter((index) => !before.indexes.includes(index));

function rebuild(before: Table, after: Table, origin: (name: string) => string): Statement[] {
  const statement = (sql: string, title: string, more: Partial<Statement> = {}): Statement => ({
    ...{ sql, table: after.name, title },
    ...more,
  });
  const scratch = scratchName(after.name);
  const copied = after.columns.filter(
    (column) => !column.generated && before.columns.some((old) => old.name === origin(column.name)),
  );
  const names = copied.map((column) => column.name);
  return [
    statement(renderTable(after, scratch), `build ${after.name} anew`),
    statement(
      `INSERT INTO ${quote(scratch)} (${quoteAll(names)}) ` +
        `SELECT ${quoteAll(names.map(origin))} FROM ${quote(after.name)}${readOrder(before)}`,
      `copy ${after.name}`,
      { scans: true },
    ),
    statement(`DROP TABLE ${quote(after.name)}`, `replace ${after.name}`, { replaces: true }),
    statement(`ALTER TABLE ${quote(scratch)} RENAME TO ${quote(after.name)}`, `replace ${after.name}`),
    ...after.indexes.map((index) =>
      statement(renderIndex(after.name, index), `create index ${index.name}`, { scans: true }),
    ),
    ...after.triggers.map((trigger) =>
      statement(renderTrigger(after.name, trigger), `create trigger ${trigger.name}`),
    ),
  ];
}

/** Copying in rowid order keeps the order in which a plain scan reads, on which 90e64c465722 depends. */
function readOrder(table: Table): string {
  const taken = new Set(table.columns.map((column) => column.name.toLowerCase()));
  // A column of the user's may hide one of the rowid's three names.
  const rowid = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
  return rowid && !/WITHOUT\s+ROWID/i.test(table.options ?? '') ? ` ORDER BY ${rowid}` : '';
}
