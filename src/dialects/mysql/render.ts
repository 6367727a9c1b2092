import {
  type Check,
  type Column,
  type Default,
  type ForeignKey,
  type Index,
  type IndexColumn,
  sameColumns,
  type Table,
  type Trigger,
} from '../../schema/table.js';
import type { Flavour } from './flavour.js';
import { literalText, quote, quoteAll } from './quote.js';
import { columnType } from './types.js';

/** CREATE TABLE with all its keys, so that the table is there whole or not at all. */
export function renderTable(table: Table, flavour: Flavour): string {
  const items = [
    ...table.columns.map((column) => renderColumn(column, flavour)),
    ...(table.primaryKey ? [`PRIMARY KEY (${quoteAll(table.primaryKey.columns)})`] : []),
    ...table.indexes.filter((index) => !isMadeFor(index, table.foreignKeys)).map(renderKey),
    ...table.checks.filter((check) => !check.ofColumn).map(renderCheck),
    ...table.foreignKeys.map((key) => renderForeignKey(key, table.name)),
  ];
  return `CREATE TABLE ${quote(table.name)} (\n  ${items.join(',\n  ')}\n)`;
}

/** A column as CREATE TABLE, ADD, MODIFY and CHANGE want it: always whole. */
export function renderColumn(column: Column, flavour: Flavour): string {
  return [
    quote(column.name),
    columnType(column, flavour),
    ...(column.generated
      ? [
          `GENERATED ALWAYS AS (${column.generated.expression}) ${column.generated.stored ? 'STORED' : 'VIRTUAL'}`,
        ]
      : []),
    ...(column.nullable ? (column.generated ? [] : ['NULL']) : ['NOT NULL']),
    ...(column.default ? [`DEFAULT ${renderDefault(column.default, flavour)}`] : []),
    ...(column.identity ? ['AUTO_INCREMENT'] : []),
  ].join(' ');
}

/** MySQL tells a constant default without quotes, MariaDB as SQL; `(…)` is an expression on both. */
function renderDefault(value: Default, flavour: Flavour): string {
  if (value.kind === 'literal') return literalText(value.value);
  if (value.kind === 'boolean') return value.value ? '1' : '0';
  const isSql = flavour === 'mariadb' || /^\(|^CURRENT_TIMESTAMP/i.test(value.sql);
  return isSql ? value.sql : literalText(value.sql);
}

/** An expression of an index stands as its column's name, in parentheses. */
const keyPart = ({ name, desc, length }: IndexColumn): string =>
  `${name.startsWith('(') ? name : quote(name)}${length === null ? '' : `(${length})`}${desc ? ' DESC' : ''}`;

export const renderKey = (index: Index): string =>
  `${index.unique ? 'UNIQUE ' : ''}KEY ${quote(index.name)} (${index.columns.map(keyPart).join(', ')})`;

const named = (name: string | null): string => (name === null ? '' : `CONSTRAINT ${quote(name)} `);

export const renderCheck = (check: Check): string => `${named(check.name)}CHECK (${check.expression})`;

/** A name that the server chose is left to it: the index it makes for the key would be called after a given one. */
export const renderForeignKey = (key: ForeignKey, table: string): string =>
  [
    `${named(isChosen(key, table) && !key.pinned ? null : key.name)}FOREIGN KEY (${quoteAll(key.columns)})`,
    `REFERENCES ${quote(key.refTable)} (${quoteAll(key.refColumns)})`,
    ...(key.onDelete ? [`ON DELETE ${key.onDelete}`] : []),
    ...(key.onUpdate ? [`ON UPDATE ${key.onUpdate}`] : []),
  ].join(' ');

const isChosen = ({ name }: ForeignKey, table: string): boolean => name?.startsWith(`${table}_ibfk_`) ?? true;

/** Whether the server makes this index by itself for one of the keys. */
const isMadeFor = (index: Index, keys: readonly ForeignKey[]): boolean =>
  index.implicit === true &&
  keys.some((key) =>
    sameColumns(
      key.columns,
      index.columns.map((column) => column.name),
    ),
  );

/** In the shape of MLflow's text, because MariaDB keeps the text. */
export function renderTrigger(table: string, trigger: Trigger): string {
  if (trigger.kind === 'native') return trigger.sql;
  const changed = trigger.columns.map((name) => `OLD.${name} != NEW.${name}`).join(' OR ');
  return [
    `CREATE TRIGGER ${trigger.name}`,
    `BEFORE UPDATE ON ${table}`,
    'FOR EACH ROW',
    'BEGIN',
    `    IF ${changed} THEN`,
    "        SIGNAL SQLSTATE '45000'",
    `        SET MESSAGE_TEXT = ${literalText(trigger.message)};`,
    '    END IF;',
    'END',
  ].join('\n');
}
