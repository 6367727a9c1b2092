import {
  beginsWith,
  type Check,
  type ForeignKey,
  type Index,
  sameColumns,
  type Table,
} from '../../schema/table.js';
import type { Flavour } from './flavour.js';

/**
 * What the server does by itself: a unique constraint is an index; unnamed keys and checks get names; a foreign key
 * without an index on its columns gets one, which goes again when another index serves.
 */
export function settleOn(flavour: Flavour) {
  return (table: Table): Table => {
    const foreignKeys = nameForeignKeys(table);
    const checks = nameChecks(table, flavour);
    const indexes = settleIndexes(table, foreignKeys);
    const primaryKey =
      table.primaryKey && table.primaryKey.name !== null
        ? { ...table.primaryKey, name: null }
        : table.primaryKey;
    const same =
      table.uniques.length === 0 &&
      primaryKey === table.primaryKey &&
      foreignKeys === table.foreignKeys &&
      checks === table.checks &&
      indexes === table.indexes;
    return same ? table : { ...table, uniques: [], primaryKey, foreignKeys, checks, indexes };
  };
}

/** `<table>_ibfk_<n>`, one more than the greatest there is. */
function nameForeignKeys(table: Table): readonly ForeignKey[] {
  if (table.foreignKeys.every((key) => key.name !== null)) return table.foreignKeys;
  const number = counter(table.foreignKeys, `${table.name}_ibfk_`);
  return table.foreignKeys.map((key) => (key.name === null ? { ...key, name: number() } : key));
}

/** `<table>_chk_<n>`; MariaDB counts `CONSTRAINT_<n>` in each table. */
function nameChecks(table: Table, flavour: Flavour): readonly Check[] {
  if (table.checks.every((check) => check.name !== null)) return table.checks;
  const number = counter(table.checks, flavour === 'mariadb' ? 'CONSTRAINT_' : `${table.name}_chk_`);
  return table.checks.map((check) => (check.name === null ? { ...check, name: number() } : check));
}

function counter(parts: readonly { name: string | null }[], prefix: string): () => string {
  const numbers = parts.flatMap(({ name }) =>
    name?.startsWith(prefix) ? [Number(name.slice(prefix.length)) || 0] : [],
  );
  let last = Math.max(0, ...numbers);
  return () => `${prefix}${++last}`;
}

function settleIndexes(table: Table, foreignKeys: readonly ForeignKey[]): readonly Index[] {
  const wanted = [
    ...table.indexes,
    ...table.uniques.map((unique) => uniqueIndex(unique.name, unique.columns)),
  ];
  const named: Index[] = [];
  for (const index of wanted)
    named.push(
      index.name === ''
        ? { ...index, name: freeName(index.columns[0]?.name ?? '', [...wanted, ...named]) }
        : index,
    );
  const explicit = named.filter((index) => !index.implicit);
  const kept = named.filter(
    (index) => !index.implicit || !explicit.some((other) => beginsWith(other, names(index))),
  );
  const isKey = (columns: readonly string[]) =>
    sameColumns((table.primaryKey?.columns ?? []).slice(0, columns.length), columns);
  for (const { name, columns } of foreignKeys)
    if (!isKey(columns) && !kept.some((index) => beginsWith(index, columns)))
      kept.push({
        ...uniqueIndex(name, columns),
        name: /_ibfk_\d+$/.test(name ?? '') ? freeName(columns[0] ?? '', kept) : (name ?? ''),
        unique: false,
        implicit: true,
      });
  const same = kept.length === table.indexes.length && kept.every((index, i) => index === table.indexes[i]);
  return same ? table.indexes : kept;
}

const names = (index: Index): string[] => index.columns.map((column) => column.name);

const uniqueIndex = (name: string | null, columns: readonly string[]): Index => ({
  name: name ?? '',
  columns: columns.map((column) => ({ name: column, desc: false, length: null })),
  unique: true,
  include: [],
  where: null,
});

/** An index without a name is called after its first column, then `_2`, `_3` (sql_table.cc, make_unique_key_name). */
function freeName(column: string, taken: readonly Index[]): string {
  const isTaken = (name: string) => taken.some((index) => index.name.toLowerCase() === name.toLowerCase());
  if (!isTaken(column)) return column;
  for (let i = 2; ; i++) if (!isTaken(`${column}_${i}`)) return `${column}_${i}`;
}
