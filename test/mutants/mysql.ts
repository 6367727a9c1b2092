import { type Edit, strangerName, type Writer } from './edit.js';
import {
  type Golden,
  type GoldenColumn,
  type GoldenForeignKey,
  type GoldenIndex,
  type GoldenTable,
  keysTo,
  keysWith,
  madeForKey,
  speaksOf,
} from './golden.js';

const q = (name: string): string => `\`${name}\``;
const list = (names: readonly string[]): string => names.map(q).join(', ');

const others: Readonly<Record<string, string>> = {
  int: 'double',
  bigint: 'double',
  double: 'float',
  float: 'decimal(10,2)',
  text: 'blob',
  mediumtext: 'mediumblob',
  longtext: 'longblob',
  json: 'longtext',
  tinyint: 'int',
  date: 'datetime',
  blob: 'text',
};

/** MySQL's texts by how much they hold. */
const sizes = ['tinytext', 'text', 'mediumtext', 'longtext'];

const base = (type: string): string => type.replace(/\(.*/, '');
const lengthOf = (type: string): number | null => Number(/^varchar\((\d+)\)$/.exec(type)?.[1]) || null;

/** The two are one dialect but for how they tell defaults and JSON. */
function writer(mariadb: boolean): Writer {
  const value = (text: string): string =>
    mariadb ? text : /^[\d.]+$/.test(text) || text.startsWith('(') ? text : `'${text.replaceAll("'", "''")}'`;
  const isJson = (table: GoldenTable, { name, type }: GoldenColumn): boolean =>
    type === 'json' ||
    (mariadb && table.checks.some((check) => check.expression === `json_valid(${q(name)})`));

  /** A column as MODIFY and ADD want it: whole. */
  const define = (table: GoldenTable, column: GoldenColumn, checked = true): string => {
    const text = /char|text/.test(column.type);
    return [
      `${q(column.name)} ${column.type}`,
      text && column.collation ? `CHARACTER SET utf8mb4 COLLATE ${column.collation}` : '',
      column.generated ? `GENERATED ALWAYS AS (${column.generated.expression}) STORED` : '',
      column.nullable ? (column.generated ? '' : 'NULL') : 'NOT NULL',
      column.default === null || column.generated ? '' : `DEFAULT ${value(column.default)}`,
      column.identity ? 'AUTO_INCREMENT' : '',
      mariadb && checked && isJson(table, column) ? `CHECK (json_valid(${q(column.name)}))` : '',
    ].join(' ');
  };
  /** Foreign keys go while a statement runs that the server refuses under them, and come back as they were. */
  const aside = (keys: ReturnType<typeof keysWith>, ...statements: string[]): string[] => [
    ...keys.map(({ table, key }) => dropKey(table, key)),
    ...statements,
    ...keys.map(({ table, key }) => `ALTER TABLE ${q(table)} ADD ${foreignKey(key)}`),
  ];
  /** MySQL refuses to drop an index that a foreign key needs, MariaDB forgets the key: it goes and comes back. */
  const indexAside = (
    name: string,
    table: GoldenTable,
    columns: readonly string[],
    ...statements: string[]
  ) =>
    aside(
      table.foreignKeys.filter((key) => isPrefix(key.columns, columns)).map((key) => ({ table: name, key })),
      ...statements,
    );
  /** MariaDB refuses to change a column under a foreign key, whatever foreign_key_checks says. */
  const columnAside = (golden: Golden, table: string, column: GoldenColumn, ...statements: string[]) =>
    aside(mariadb ? keysWith(golden, table, column.name) : [], ...statements);
  const withoutKeys = (golden: Golden, table: string, column: string): string[] =>
    keysWith(golden, table, column).map(({ table: of, key }) => dropKey(of, key));

  return {
    otherType(column) {
      const length = lengthOf(column.type);
      // A foreign key accepts CHAR for VARCHAR, and nothing else but the same number; a CHECK stays in its words.
      if (length !== null)
        return {
          to: length < 256 ? `char(${length})` : `varbinary(${length})`,
          wider: false,
        };
      if (column.identity)
        return base(column.type) === 'int' ? { to: 'bigint', wider: true } : { to: 'int', wider: false };
      return { to: others[base(column.type)] as string, wider: false };
    },
    otherLength(column, by) {
      const length = lengthOf(column.type);
      if (length !== null) return `varchar(${by === 'longer' ? length + 10 : length - 1})`;
      const at = sizes.indexOf(column.type);
      return at < 0 ? null : (sizes[at + (by === 'longer' ? 1 : -1)] ?? null);
    },
    otherDefault(column) {
      if (column.generated || column.identity) return null;
      const type = base(column.type);
      const text = (word: string) => (mariadb ? `'${word}'` : word);
      if (type === 'varchar') return text('m');
      if (/int|double|float/.test(type)) return '7';
      if (type === 'date') return text('2020-01-01');
      if (type === 'json') return '(json_array())';
      return mariadb ? (column.collation ? "'[]'" : "'m'") : "('m')";
    },
    hasDefault: (column) => column.default !== null && column.default !== 'NULL',
    counts: (_table, column) => column.identity !== null,
    write(edit, golden) {
      const statements = write(edit, golden);
      return Array.isArray(statements) ? ['SET foreign_key_checks = 0', ...statements] : statements;
    },
  };

  function write(edit: Edit, golden: Golden): string[] | { impossible: string } {
    const table = golden[edit.table] as GoldenTable;
    const alter = `ALTER TABLE ${q(edit.table)}`;
    const name = strangerName(edit.table);
    const modify = (change: Partial<GoldenColumn>, column: GoldenColumn, checked = true): string =>
      `${alter} MODIFY ${define(table, { ...column, ...change }, checked)}`;
    switch (edit.kind) {
      case 'drop table':
        return [`DROP TABLE ${q(edit.table)}`];
      case 'drop column':
        if (table.columns.length === 1) return { impossible: 'a table has a column' };
        return dropColumn(edit.table, table, edit.column, golden);
      case 'drop primary key': {
        const counter = table.columns.find(({ identity }) => identity !== null);
        return [
          ...keysTo(golden, edit.table)
            .filter(({ key }) => [...key.refColumns].sort().join() === [...edit.key.columns].sort().join())
            .map(({ table: of, key }) => dropKey(of, key)),
          ...indexAside(
            ...([edit.table, table, edit.key.columns] as const),
            ...(counter ? [modify({ identity: null }, counter)] : []),
            `${alter} DROP PRIMARY KEY`,
          ),
        ];
      }
      case 'drop unique':
        throw new Error('a unique constraint is an index here');
      case 'drop foreign key':
        return [dropKey(edit.table, edit.key)];
      case 'drop check': {
        const column = table.columns.find((one) => one.name === edit.check.name);
        if (mariadb && column && isJson(table, column)) return [modify({}, column, false)];
        return [`${alter} DROP CONSTRAINT ${q(edit.check.name as string)}`];
      }
      case 'drop index':
        if (madeForKey(table, edit.index))
          return { impossible: 'the server has this index for a foreign key' };
        return indexAside(
          edit.table,
          table,
          namesIn(edit.index),
          `${alter} DROP INDEX ${q(edit.index.name)}`,
        );
      case 'drop trigger':
        return [`DROP TRIGGER ${q(edit.trigger.name)}`];
      case 'drop identity':
        return [modify({ identity: null }, edit.column)];
      case 'type': {
        const change = modify({ type: edit.to }, edit.column, !/blob|text/.test(edit.to));
        return /^char\(/.test(edit.to)
          ? columnAside(golden, edit.table, edit.column, change)
          : [...withoutKeys(golden, edit.table, edit.column.name), change];
      }
      case 'longer':
      case 'shorter':
        return columnAside(golden, edit.table, edit.column, modify({ type: edit.to }, edit.column));
      case 'null':
        if (table.primaryKey?.columns.includes(edit.column.name))
          return { impossible: "a primary key's column is NOT NULL on MySQL" };
        return [modify({ nullable: true }, edit.column)];
      case 'not null':
        if (edit.column.generated && mariadb)
          return { impossible: 'MariaDB has no NOT NULL on generated columns' };
        if (
          table.foreignKeys.some(
            (key) => key.columns.includes(edit.column.name) && key.onDelete === 'SET NULL',
          )
        )
          return { impossible: 'a column that ON DELETE SET NULL empties may be NULL' };
        return [
          modify(
            { nullable: false, default: edit.column.default === 'NULL' ? null : edit.column.default },
            edit.column,
          ),
        ];
      case 'default':
        if (edit.column.generated) return { impossible: 'a generated column has no default' };
        if (edit.column.identity) return { impossible: 'an AUTO_INCREMENT column has no default' };
        return [modify({ default: edit.to }, edit.column)];
      case 'generated':
        return [modify({ generated: { expression: edit.to, stored: true } }, edit.column)];
      case 'on delete':
      case 'on update': {
        const action = edit.kind === 'on delete' ? 'onDelete' : 'onUpdate';
        return [
          dropKey(edit.table, edit.key),
          `${alter} ADD ${foreignKey({ ...edit.key, [action]: edit.to })}`,
        ];
      }
      case 'index columns':
      case 'index unique':
        return indexAside(
          ...([edit.table, table, namesIn(edit.index)] as const),
          ...[`${alter} DROP INDEX ${q(edit.index.name)}`, createIndex(edit.table, edit.to)],
        );
      case 'stranger table':
        return [
          `CREATE TABLE ${q(edit.table)} (id int PRIMARY KEY, note text${edit.parent ? `, parent int, FOREIGN KEY (parent) REFERENCES ${q(edit.parent)} (experiment_id)` : ''})`,
        ];
      case 'stranger column':
        return [
          `${alter} ADD COLUMN ${q(name)} varchar(20) ${edit.form === 'nullable' ? '' : 'NOT NULL'} ${edit.form === 'with default' ? "DEFAULT 'm'" : ''}`,
        ];
      case 'stranger index':
        return [`CREATE INDEX ${q(name)} ON ${q(edit.table)} (${list(edit.columns)})`];
      case 'stranger unique':
        return [`${alter} ADD CONSTRAINT ${q(name)} UNIQUE (${list(edit.columns)})`];
      case 'stranger check':
        return [`${alter} ADD CONSTRAINT ${q(name)} CHECK (length(${q(edit.column)}) < 100000)`];
      case 'stranger foreign key':
        return [`${alter} ADD ${foreignKey(edit.key)}`];
      case 'stranger trigger':
        return [`CREATE TRIGGER ${q(name)} AFTER DELETE ON ${q(edit.table)} FOR EACH ROW SET @mutant = 1`];
    }
  }

  /** With the keys and checks that MySQL wants gone first; indexes lose the column by themselves. */
  function dropColumn(name: string, table: GoldenTable, column: GoldenColumn, golden: Golden): string[] {
    const alter = `ALTER TABLE ${q(name)}`;
    const uniques = table.indexes.filter(
      (index) => index.unique && index.columns.some((part) => part.name === column.name),
    );
    const checks = table.checks.filter(
      (check) => check.name !== column.name && speaksOf(check.expression, column.name),
    );
    const fed = table.columns.filter(
      ({ generated }) => generated && speaksOf(generated.expression, column.name),
    );
    const parts = [
      ...uniques.map((index) => `DROP INDEX ${q(index.name)}`),
      ...checks.map((check) => `DROP CONSTRAINT ${q(check.name as string)}`),
      ...fed.map((one) => `DROP COLUMN ${q(one.name)}`),
      ...(table.primaryKey?.columns.includes(column.name) ? ['DROP PRIMARY KEY'] : []),
      `DROP COLUMN ${q(column.name)}`,
    ];
    const change = `${alter} ${parts.join(', ')}`;
    const key = table.primaryKey?.columns ?? [];
    const kept = {
      ...table,
      foreignKeys: table.foreignKeys.filter(({ columns }) => !columns.includes(column.name)),
    };
    return [
      ...withoutKeys(golden, name, column.name),
      ...aside(
        kept.foreignKeys
          .filter(({ columns }) =>
            [...(key.includes(column.name) ? [key] : []), ...uniques.map(namesIn)].some((all) =>
              isPrefix(columns, all),
            ),
          )
          .map((one) => ({ table: name, key: one })),
        change,
      ),
    ];
  }
}

const namesIn = (index: GoldenIndex): string[] => index.columns.map(({ name }) => name);

/** In any order: that is how a server looks for an index that serves a key. */
const isPrefix = (columns: readonly string[], all: readonly string[]): boolean =>
  [...columns].sort().join() === all.slice(0, columns.length).sort().join();

const dropKey = (table: string, key: GoldenForeignKey): string =>
  `ALTER TABLE ${q(table)} DROP FOREIGN KEY ${q(key.name as string)}`;

/** Where the server chose the name it chooses again: said, the index would be called after it. */
const foreignKey = (key: GoldenForeignKey): string =>
  `${/_ibfk_\d+$/.test(key.name ?? '') ? '' : `CONSTRAINT ${q(key.name as string)} `}FOREIGN KEY (${list(key.columns)}) REFERENCES ${q(key.refTable)} (${list(key.refColumns)})` +
  `${key.onDelete ? ` ON DELETE ${key.onDelete}` : ''}${key.onUpdate ? ` ON UPDATE ${key.onUpdate}` : ''}`;

const createIndex = (table: string, index: GoldenIndex): string =>
  `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${q(index.name)} ON ${q(table)} (${index.columns
    .map(
      (part) => `${q(part.name)}${part.length === null ? '' : `(${part.length})`}${part.desc ? ' DESC' : ''}`,
    )
    .join(', ')})`;

export const mysql = writer(false);
export const mariadb = writer(true);
