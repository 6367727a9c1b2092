import type {
  Check,
  Column,
  Default,
  ForeignKey,
  Index,
  Table,
  Trigger,
  Unique,
} from '../../schema/table.js';
import { literalText, quote, quoteAll } from './quote.js';
import { columnType } from './types.js';

export function renderTable(table: Table): string {
  const items = [
    ...table.columns.map(renderColumn),
    ...(table.primaryKey
      ? [`${named(table.primaryKey.name)}PRIMARY KEY (${quoteAll(table.primaryKey.columns)})`]
      : []),
    ...table.uniques.map(renderUnique),
    ...table.checks.map(renderCheck),
    ...table.foreignKeys.map(renderForeignKey),
  ];
  return `CREATE TABLE ${quote(table.name)} (\n  ${items.join(',\n  ')}\n)`;
}

export function renderColumn(column: Column): string {
  return [
    quote(column.name),
    columnType(column),
    ...(column.default ? [`DEFAULT ${renderDefault(column.default)}`] : []),
    ...(column.generated ? [`GENERATED ALWAYS AS (${column.generated.expression}) STORED`] : []),
    ...(column.identity === 'BY DEFAULT' || column.identity === 'ALWAYS'
      ? [`GENERATED ${column.identity} AS IDENTITY`]
      : []),
    ...(column.nullable ? [] : ['NOT NULL']),
  ].join(' ');
}

export function renderDefault(value: Default): string {
  if (value.kind === 'literal') return literalText(value.value);
  return value.kind === 'boolean' ? String(value.value) : value.sql;
}

const named = (name: string | null): string => (name === null ? '' : `CONSTRAINT ${quote(name)} `);

export const renderUnique = (unique: Unique): string =>
  `${named(unique.name)}UNIQUE (${quoteAll(unique.columns)})`;

export const renderCheck = (check: Check): string => `${named(check.name)}CHECK (${check.expression})`;

export const renderForeignKey = (key: ForeignKey): string =>
  [
    `${named(key.name)}FOREIGN KEY (${quoteAll(key.columns)})`,
    `REFERENCES ${quote(key.refTable)} (${quoteAll(key.refColumns)})`,
    ...(key.onDelete ? [`ON DELETE ${key.onDelete}`] : []),
    ...(key.onUpdate ? [`ON UPDATE ${key.onUpdate}`] : []),
  ].join(' ');

export function renderIndex(table: string, index: Index): string {
  const columns = index.columns.map((column) => quote(column.name) + (column.desc ? ' DESC' : '')).join(', ');
  return [
    `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quote(index.name)} ON ${quote(table)} (${columns})`,
    ...(index.include.length > 0 ? [`INCLUDE (${quoteAll(index.include)})`] : []),
    ...(index.where ? [`WHERE ${index.where}`] : []),
  ].join(' ');
}

/** The function a trigger calls, then the trigger. */
export function renderTrigger(table: string, trigger: Trigger): string[] {
  if (trigger.kind === 'native') return [trigger.sql];
  const changed = trigger.columns.map((name) => `OLD.${quote(name)} != NEW.${quote(name)}`).join(' OR ');
  const name = quote(trigger.name);
  return [
    [
      `CREATE OR REPLACE FUNCTION ${name}()`,
      'RETURNS TRIGGER AS $$',
      'BEGIN',
      `    IF ${changed} THEN`,
      `        RAISE EXCEPTION ${literalText(trigger.message.replaceAll('%', '%%'))};`,
      '    END IF;',
      '    RETURN NEW;',
      'END;',
      '$$ LANGUAGE plpgsql',
    ].join('\n'),
    `CREATE TRIGGER ${name} BEFORE UPDATE ON ${quote(table)} FOR EACH ROW EXECUTE FUNCTION ${name}()`,
  ];
}

/** The trigger, then the function it called. */
export const dropTrigger = (table: string, trigger: string): string[] => [
  `DROP TRIGGER ${quote(trigger)} ON ${quote(table)}`,
  `DROP FUNCTION IF EXISTS ${quote(trigger)}()`,
];
