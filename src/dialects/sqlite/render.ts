import type { Check, Column, Default, ForeignKey, Index, Table, Trigger } from '../../schema/table.js';
import { literalText, quote, quoteAll } from './quote.js';
import { columnType } from './types.js';

/** The text of CREATE TABLE, one item a line, as SQLAlchemy writes it. */
export function renderTable(table: Table, name = table.name): string {
  const items = [
    ...table.columns.map((column) => renderColumn(column, table)),
    ...primaryKey(table),
    ...table.uniques.map(
      (unique) => `${named(unique.name)}UNIQUE (${quoteAll(unique.columns)})${conflict(unique)}`,
    ),
    ...table.checks.map(renderCheck),
    ...table.foreignKeys.map(renderForeignKey),
  ];
  return `CREATE TABLE ${quote(name)} (\n\t${items.join(', \n\t')}\n)${table.options ? ` ${table.options}` : ''}`;
}

/** A column as it stands in CREATE TABLE or after ADD COLUMN. */
export function renderColumn(column: Column, table?: Table): string {
  const type = columnType(column);
  return [
    quote(column.name),
    ...(type ? [type] : []),
    ...(column.default ? [`DEFAULT ${renderDefault(column.default)}`] : []),
    ...(column.generated
      ? [
          `GENERATED ALWAYS AS (${column.generated.expression}) ${column.generated.stored ? 'STORED' : 'VIRTUAL'}`,
        ]
      : []),
    ...(column.collation
      ? [`COLLATE ${/^\w+$/.test(column.collation) ? column.collation : quote(column.collation)}`]
      : []),
    ...(column.nullable ? [] : [`NOT NULL${conflict(column)}`]),
    ...(column.autoincrement && table?.primaryKey
      ? [`${named(table.primaryKey.name)}PRIMARY KEY${conflict(table.primaryKey)} AUTOINCREMENT`]
      : []),
  ].join(' ');
}

function primaryKey(table: Table): string[] {
  if (!table.primaryKey || table.columns.some((column) => column.autoincrement)) return [];
  const { name, columns } = table.primaryKey;
  return [`${named(name)}PRIMARY KEY (${quoteAll(columns)})${conflict(table.primaryKey)}`];
}

const named = (name: string | null): string => (name === null ? '' : `CONSTRAINT ${quote(name)} `);

const conflict = (part: { onConflict?: string }): string =>
  part.onConflict ? ` ON CONFLICT ${part.onConflict}` : '';

const renderCheck = (check: Check): string => `${named(check.name)}CHECK (${check.expression})`;

function renderForeignKey(key: ForeignKey): string {
  const target = key.refColumns.length > 0 ? ` (${quoteAll(key.refColumns)})` : '';
  return [
    `${named(key.name)}FOREIGN KEY(${quoteAll(key.columns)}) REFERENCES ${quote(key.refTable)}${target}`,
    ...(key.onDelete ? [`ON DELETE ${key.onDelete}`] : []),
    ...(key.onUpdate ? [`ON UPDATE ${key.onUpdate}`] : []),
    ...(key.suffix ? [key.suffix] : []),
  ].join(' ');
}

export function renderDefault(value: Default): string {
  if (value.kind === 'literal') return literalText(value.value);
  if (value.kind === 'boolean') return value.value ? '1' : '0';
  return value.sql;
}

/** CREATE INDEX. MLflow's INCLUDE and WHERE are PostgreSQL's alone; a found index keeps its own words. */
export function renderIndex(table: string, index: Index): string {
  if (index.sql) return index.sql;
  const columns = index.columns.map((column) => quote(column.name) + (column.desc ? ' DESC' : '')).join(', ');
  return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quote(index.name)} ON ${quote(table)} (${columns})`;
}

export function renderTrigger(table: string, trigger: Trigger): string {
  if (trigger.kind === 'native') return trigger.sql;
  const changed = trigger.columns.map((name) => `OLD.${quote(name)} != NEW.${quote(name)}`).join(' OR ');
  return [
    `CREATE TRIGGER ${quote(trigger.name)}`,
    `BEFORE UPDATE ON ${quote(table)}`,
    'FOR EACH ROW',
    `WHEN ${changed}`,
    'BEGIN',
    `    SELECT RAISE(ABORT, ${literalText(trigger.message)});`,
    'END',
  ].join('\n');
}
