import {
  beginsWith,
  type Column,
  columnOf,
  type ForeignKey,
  type Index,
  sameColumns,
  type Table,
} from '../../schema/table.js';
import type { Flavour } from './flavour.js';
import { quote, quoteAll } from './quote.js';
import { renderCheck, renderColumn, renderForeignKey, renderKey } from './render.js';

export interface Alteration {
  readonly sql: string;
  /** The server reads or writes every row for it. */
  readonly scans: boolean;
}

/** From a column's name after the changes to its name before them. */
type Origin = (name: string) => string;

/**
 * The fewest ALTERs from one shape of a table to another. What rewrites the table takes everything else along; alone,
 * new columns and new indexes are two statements, because the first is only a change of the catalog. A foreign key
 * cannot come in the statement in which another one goes.
 */
export function alterTable(before: Table, after: Table, origin: Origin, flavour: Flavour): Alteration[] {
  const { columns, rebuild } = columnClauses(before, after, origin, flavour);
  const { drops, adds, foreignKeys } = keyClauses(before, after, origin, flavour);
  // What stands on a column has to go in the statement in which the column goes.
  const together = rebuild.length > 0 || columns.some((clause) => clause.startsWith('DROP COLUMN'));
  const apart = drops.some((clause) => clause.startsWith('DROP FOREIGN KEY'));
  const keys = [...adds, ...(apart ? [] : foreignKeys)];
  const statements = together
    ? [{ clauses: [...drops, ...columns, ...rebuild, ...keys], scans: true }]
    : [
        { clauses: columns, scans: false },
        { clauses: [...drops, ...keys], scans: keys.length > 0 },
      ];
  if (apart) statements.push({ clauses: foreignKeys, scans: true });
  return statements
    .filter(({ clauses }) => clauses.length > 0)
    .map(({ clauses, scans }) => ({ sql: `ALTER TABLE ${quote(before.name)} ${clauses.join(', ')}`, scans }));
}

function columnClauses(before: Table, after: Table, origin: Origin, flavour: Flavour) {
  const columns: string[] = [];
  const rebuild: string[] = [];
  const old = (column: Column): Column | undefined => columnOf(before, origin(column.name));
  const kept = new Set(after.columns.map(old));
  for (const column of before.columns)
    if (!kept.has(column)) columns.push(`DROP COLUMN ${quote(column.name)}`);
  for (const column of after.columns) {
    const from = old(column);
    const check = ownCheck(after, column);
    const definition = renderColumn(column, flavour) + (check ? ` ${check}` : '');
    if (!from) columns.push(`ADD COLUMN ${definition}`);
    else if (movesToDisk(from, column))
      columns.push(`DROP COLUMN ${quote(column.name)}`, `ADD COLUMN ${definition}`);
    else if (from.name !== column.name) rebuild.push(`CHANGE COLUMN ${quote(from.name)} ${definition}`);
    else if (from !== column || check !== ownCheck(before, from)) rebuild.push(`MODIFY COLUMN ${definition}`);
  }
  const key = after.primaryKey?.columns ?? [];
  if (!sameColumns(before.primaryKey?.columns ?? [], key.map(origin))) {
    if (before.primaryKey) rebuild.push('DROP PRIMARY KEY');
    if (key.length > 0) rebuild.push(`ADD PRIMARY KEY (${quoteAll(key)})`);
  }
  return { columns, rebuild };
}

/** The check that is a part of a column, which goes where MODIFY does not say it again; JSON brings its own along. */
function ownCheck({ checks }: Table, { name, type }: Column): string {
  const check = type.kind === 'json' ? undefined : checks.find(({ ofColumn }) => ofColumn === name);
  return check ? `CHECK (${check.expression})` : '';
}

/**
 * A column that is stored cannot become one that is not, nor the other way round (ALTER TABLE, "Generated Columns").
 * Its indexes stay where both happen in one statement.
 */
const movesToDisk = (from: Column, to: Column): boolean =>
  from.name === to.name &&
  (to.generated !== null || from.generated?.stored === false) &&
  (from.generated?.stored ?? true) !== (to.generated?.stored ?? true);

function keyClauses(before: Table, after: Table, origin: Origin, flavour: Flavour) {
  const same = (name: string) => name;
  const indexes = changes(before.indexes, after.indexes, indexText(same), indexText(origin));
  const foreignKeys = changes(before.foreignKeys, after.foreignKeys, keyText(same), keyText(origin));
  const checks = changes(before.checks, after.checks, JSON.stringify, JSON.stringify);
  // An index that the server makes for a foreign key comes and goes by itself; on the way back the key stays as it is.
  const explicit = (index: Index) => !index.implicit;
  const goes = (index: Index) =>
    explicit(index) || !after.indexes.some((other) => beginsWith(other, index.columns.map(nameOf)));
  const comes = (index: Index) =>
    explicit(index) || !foreignKeys.fresh.some((key) => isOwnIndexOf(key, index));
  const dropped = [...indexes.gone.filter(goes), ...superfluous(before, after, indexes.fresh)];
  const added = indexes.fresh.filter(comes);
  const renamed = renaming(before, dropped, added);
  return {
    drops: [
      ...foreignKeys.gone.map((key) => `DROP FOREIGN KEY ${quote(key.name ?? '')}`),
      ...checks.gone
        .filter((check) => !check.ofColumn)
        .map((check) => `DROP ${flavour === 'mysql' ? 'CHECK' : 'CONSTRAINT'} ${quote(check.name ?? '')}`),
      ...dropped.filter((index) => index !== renamed?.from).map((index) => `DROP INDEX ${quote(index.name)}`),
      ...(renamed ? [`RENAME INDEX ${quote(renamed.from.name)} TO ${quote(renamed.to.name)}`] : []),
    ],
    adds: [
      ...added.filter((index) => index !== renamed?.to).map((index) => `ADD ${renderKey(index)}`),
      ...checks.fresh.filter((check) => !check.ofColumn).map((check) => `ADD ${renderCheck(check)}`),
    ],
    foreignKeys: pinnedOnlyWhereNeeded(before, foreignKeys).map(
      (key) => `ADD ${renderForeignKey(key, before.name)}`,
    ),
  };
}

/**
 * The server would call the index it made for a key after a given name; so a name is given only where the one that it
 * chooses, one more than the greatest there is, would be another.
 */
function pinnedOnlyWhereNeeded(
  { name: table, foreignKeys }: Table,
  { gone, fresh }: { gone: readonly ForeignKey[]; fresh: readonly ForeignKey[] },
): ForeignKey[] {
  const numberOf = ({ name }: ForeignKey): number =>
    Number((name ?? '').startsWith(`${table}_ibfk_`) ? name?.slice(table.length + 6) : 0) || 0;
  let last = Math.max(0, ...foreignKeys.filter((key) => !gone.includes(key)).map(numberOf));
  return fresh.map((key) => {
    const { pinned: _pinned, ...rest } = key;
    if (!key.pinned || numberOf(key) !== last + 1) return key;
    last++;
    return rest;
  });
}

/** In the name and columns that the server gives an index it makes for a key. */
const isOwnIndexOf = ({ name, columns }: ForeignKey, index: Index): boolean =>
  !index.unique &&
  sameColumns(columns, index.columns.map(nameOf)) &&
  (index.name === name || (/_ibfk_\d+$/.test(name ?? '') && index.name.startsWith(columns[0] ?? '')));

const nameOf = (part: Index['columns'][number]): string => part.name;

/**
 * The own indexes of foreign keys for which a new index serves: the server forgets those that it made itself, but not
 * one that a downgrade or a dump has put back.
 */
function superfluous(before: Table, after: Table, fresh: readonly Index[]): Index[] {
  const serves = (index: Index, { columns }: ForeignKey) => beginsWith(index, columns);
  return after.indexes.filter(
    (index) =>
      before.indexes.includes(index) &&
      !index.implicit &&
      after.foreignKeys.some(
        (key) =>
          isOwnIndexOf(key, index) &&
          fresh.some((other) => serves(other, key)) &&
          !before.indexes.some((other) => other !== index && serves(other, key)),
      ),
  );
}

/**
 * An index that comes in the place of the same one under another name, which a change of the catalog does (MariaDB:
 * 10.5.2). Only where the table lists it in the same place, where a new one comes last.
 */
function renaming(before: Table, dropped: readonly Index[], added: readonly Index[]) {
  const [from, other] = before.indexes.filter((index) => !index.unique);
  const to = added.find((index) => !index.unique);
  const known = from && !other && dropped.includes(from) && !from.implicit && !from.sql;
  return known && to && partsOf(from) === partsOf(to) ? { from, to } : null;
}

const partsOf = ({ columns }: Index): string =>
  JSON.stringify(columns.map(({ name, desc, length }) => [name, desc, length]));

/** What is only before and what is only after, compared by text. */
function changes<T>(
  before: readonly T[],
  after: readonly T[],
  textBefore: (item: T) => string,
  textAfter: (item: T) => string,
): { gone: T[]; fresh: T[] } {
  const [old, now] = [new Set(before.map(textBefore)), new Set(after.map(textAfter))];
  return {
    gone: before.filter((item) => !now.has(textBefore(item))),
    fresh: after.filter((item) => !old.has(textAfter(item))),
  };
}

const indexText =
  (named: Origin) =>
  ({ name, columns, unique }: Index): string =>
    JSON.stringify([name, unique, columns.map((part) => [named(part.name), part.desc, part.length])]);

const keyText =
  (named: Origin) =>
  ({ name, columns, refTable, refColumns, onDelete, onUpdate }: ForeignKey): string =>
    JSON.stringify([name, columns.map(named), refTable, refColumns, onDelete, onUpdate]);
