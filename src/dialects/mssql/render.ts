import type {
  Check,
  Column,
  Default,
  ForeignKey,
  Index,
  PrimaryKey,
  Table,
  Trigger,
  Unique,
} from '../../schema/table.js';
import { literalText, quote, quoteAll } from './quote.js';
import { columnType } from './types.js';

export function renderTable(table: Table): string {
  const items = [
    ...table.columns.map(renderColumn),
    ...(table.primaryKey ? [renderPrimaryKey(table.primaryKey)] : []),
    ...table.uniques.map(renderUnique),
    ...table.checks.map(renderCheck),
    ...table.foreignKeys.map(renderForeignKey),
  ];
  return `CREATE TABLE ${quote(table.name)} (\n  ${items.join(',\n  ')}\n)`;
}

/** NULL is written out, because what a column is without it depends on the session. */
export function renderColumn(column: Column): string {
  if (column.generated)
    return `${quote(column.name)} AS (${column.generated.expression})${
      column.generated.stored ? ` PERSISTED${column.nullable ? '' : ' NOT NULL'}` : ''
    }`;
  return [
    quote(column.name),
    columnType(column),
    ...(column.identity ? ['IDENTITY'] : []),
    column.nullable ? 'NULL' : 'NOT NULL',
    ...(column.default ? [`DEFAULT ${renderDefault(column.default)}`] : []),
  ].join(' ');
}

export function renderDefault(value: Default): string {
  if (value.kind === 'literal') return literalText(value.value);
  if (value.kind === 'boolean') return value.value ? '1' : '0';
  return value.sql;
}

const named = (name: string | null): string => (name === null ? '' : `CONSTRAINT ${quote(name)} `);

export const renderPrimaryKey = (key: PrimaryKey): string =>
  `${named(key.name)}PRIMARY KEY (${quoteAll(key.columns)})`;

export const renderUnique = (unique: Unique): string =>
  `${named(unique.name)}UNIQUE (${quoteAll(unique.columns)})`;

export const renderCheck = (check: Check): string => `${named(check.name)}CHECK (${check.expression})`;

/** RESTRICT is what the server does without a word. */
export const renderForeignKey = (key: ForeignKey): string =>
  [
    `${named(key.name)}FOREIGN KEY (${quoteAll(key.columns)})`,
    `REFERENCES ${quote(key.refTable)} (${quoteAll(key.refColumns)})`,
    ...(key.onDelete && key.onDelete !== 'RESTRICT' ? [`ON DELETE ${key.onDelete}`] : []),
    ...(key.onUpdate && key.onUpdate !== 'RESTRICT' ? [`ON UPDATE ${key.onUpdate}`] : []),
  ].join(' ');

/**
 * One of MLflow's indexes is whole and plain here: what it filters and includes elsewhere it does not on SQL Server.
 * One that was found is told in its own words.
 */
export function renderIndex(table: string, index: Index): string {
  if (index.sql) return index.sql;
  const columns = index.columns.map((column) => quote(column.name) + (column.desc ? ' DESC' : '')).join(', ');
  return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quote(index.name)} ON ${quote(table)} (${columns})`;
}

/** In the shape of MLflow's text: only rows whose key stays are compared. */
export function renderTrigger(table: string, trigger: Trigger): string {
  if (trigger.kind === 'native') return trigger.sql;
  const [key = ''] = trigger.columns;
  const changed = trigger.columns.map((name) => `i.${quote(name)} != d.${quote(name)}`).join(' OR ');
  return [
    `CREATE TRIGGER ${quote(trigger.name)}`,
    `ON ${quote(table)}`,
    'AFTER UPDATE',
    'AS',
    'BEGIN',
    '    SET NOCOUNT ON;',
    '    IF EXISTS (',
    '        SELECT 1 FROM inserted i',
    `        INNER JOIN deleted d ON i.${quote(key)} = d.${quote(key)}`,
    `        WHERE ${changed}`,
    '    )',
    '    BEGIN',
    `        RAISERROR(${literalText(trigger.message.replaceAll('%', '%%'))}, 16, 1);`,
    '        ROLLBACK TRANSACTION;',
    '    END',
    'END;',
  ].join('\n');
}
