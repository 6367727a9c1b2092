import { strangerName, type Writer } from './edit.js';
import type { GoldenForeignKey, GoldenIndex, GoldenTable } from './golden.js';
import { indexSpeaksOf, speaksOf } from './golden.js';

const q = (name: string): string => `"${name}"`;
const list = (names: readonly string[]): string => names.map(q).join(', ');

/** Types to which PostgreSQL casts by itself or by the given expression. */
const others: Readonly<Record<string, string>> = {
  integer: 'numeric',
  bigint: 'numeric',
  'double precision': 'real',
  text: 'bytea',
  json: 'text',
  boolean: 'text',
  date: 'timestamp without time zone',
  bytea: 'text',
};

const lengthOf = (type: string): number | null =>
  Number(/^character varying\((\d+)\)$/.exec(type)?.[1]) || null;

const defaults: readonly (readonly [RegExp, string, string])[] = [
  [/^character varying|^text/, "'m'", "'n'"],
  [/^integer|^bigint|^double/, '7', '8'],
  [/^json/, `'{"m": 1}'`, `'{"n": 1}'`],
  [/^boolean/, 'true', 'false'],
  [/^date/, "'2020-01-01'", "'2020-01-02'"],
  [/^bytea/, "'\\x00'", "'\\x01'"],
];

export const postgresql: Writer = {
  otherType(column, inForeignKey) {
    const length = lengthOf(column.type);
    // Blank-padded, and compares so; a foreign key accepts it.
    if (length !== null) return { to: `character(${length})`, wider: false };
    if (column.identity) return { to: 'integer', wider: false };
    if (inForeignKey || column.default?.startsWith('nextval'))
      return column.type === 'integer' ? { to: 'bigint', wider: true } : { to: 'integer', wider: false };
    return { to: others[column.type] as string, wider: false };
  },
  otherLength(column, by) {
    const length = lengthOf(column.type);
    return length === null ? null : `character varying(${by === 'longer' ? length + 10 : length - 1})`;
  },
  otherDefault(column) {
    if (column.generated || column.identity) return null;
    const [, first, second] = defaults.find(([type]) => type.test(column.type)) as (typeof defaults)[0];
    return column.default?.startsWith(first) ? second : first;
  },
  hasDefault: (column) => column.default !== null,
  counts: (_table, column) => column.identity !== null || (column.default?.startsWith('nextval(') ?? false),
  write(edit, golden) {
    const table = golden[edit.table] as GoldenTable;
    const alter = `ALTER TABLE ${q(edit.table)}`;
    const name = strangerName(edit.table);
    switch (edit.kind) {
      case 'drop table':
        return [`DROP TABLE ${q(edit.table)} CASCADE`];
      case 'drop column':
        return [`${alter} DROP COLUMN ${q(edit.column.name)} CASCADE`];
      case 'drop primary key':
      case 'drop foreign key':
        return [`${alter} DROP CONSTRAINT ${q(edit.key.name as string)} CASCADE`];
      case 'drop unique':
        return [`${alter} DROP CONSTRAINT ${q(edit.unique.name as string)} CASCADE`];
      case 'drop check':
        return [`${alter} DROP CONSTRAINT ${q(edit.check.name as string)}`];
      case 'drop index':
        return [`DROP INDEX ${q(edit.index.name)}`];
      case 'drop trigger':
        return [`DROP TRIGGER ${q(edit.trigger.name)} ON ${q(edit.table)}`];
      case 'drop identity':
        return [
          `${alter} ALTER COLUMN ${q(edit.column.name)} DROP ${edit.column.identity ? 'IDENTITY' : 'DEFAULT'}`,
        ];
      case 'type':
      case 'longer':
      case 'shorter': {
        const column = q(edit.column.name);
        const using =
          edit.to === 'bytea' ? ` USING NULL::bytea` : edit.column.type === 'bytea' ? ' USING NULL' : '';
        const change = `${alter} ALTER COLUMN ${column} TYPE ${edit.to}${using}`;
        // "cannot alter type of a column used by a generated column": it goes and comes back.
        const fed = table.columns.filter(
          ({ generated }) => generated !== null && speaksOf(generated.expression, edit.column.name),
        );
        return [
          ...fed.map((one) => `${alter} DROP COLUMN ${q(one.name)}`),
          change,
          ...fed.map(
            (one) =>
              `${alter} ADD COLUMN ${q(one.name)} ${one.type} GENERATED ALWAYS AS (${one.generated?.expression}) STORED`,
          ),
          ...table.indexes
            .filter((index) => fed.some((one) => indexSpeaksOf(index, one.name)))
            .map((index) => createIndex(edit.table, index)),
        ];
      }
      case 'null':
        if (table.primaryKey?.columns.includes(edit.column.name))
          return { impossible: "a primary key's column is NOT NULL on PostgreSQL" };
        if (edit.column.identity) return { impossible: 'an identity column is NOT NULL on PostgreSQL' };
        return [`${alter} ALTER COLUMN ${q(edit.column.name)} DROP NOT NULL`];
      case 'not null':
        return [`${alter} ALTER COLUMN ${q(edit.column.name)} SET NOT NULL`];
      case 'default': {
        if (edit.column.generated) return { impossible: 'a generated column has no default' };
        if (edit.column.identity) return { impossible: 'an identity column has no default on PostgreSQL' };
        const to = edit.to === null ? 'DROP DEFAULT' : `SET DEFAULT ${edit.to}`;
        return [`${alter} ALTER COLUMN ${q(edit.column.name)} ${to}`];
      }
      case 'generated':
        return [`${alter} ALTER COLUMN ${q(edit.column.name)} SET EXPRESSION AS (${edit.to})`];
      case 'on delete':
      case 'on update': {
        const action = edit.kind === 'on delete' ? 'onDelete' : 'onUpdate';
        const key = { ...edit.key, [action]: edit.to };
        return [`${alter} DROP CONSTRAINT ${q(key.name as string)}`, `${alter} ADD ${foreignKey(key)}`];
      }
      case 'index columns':
      case 'index unique':
        return [`DROP INDEX ${q(edit.index.name)}`, createIndex(edit.table, edit.to)];
      case 'stranger table':
        return [
          `CREATE TABLE ${q(edit.table)} (id integer PRIMARY KEY, note text${edit.parent ? `, parent integer REFERENCES ${q(edit.parent)}` : ''})`,
        ];
      case 'stranger column':
        return [
          `${alter} ADD COLUMN ${q(name)} varchar(20) ${edit.form === 'with default' ? "DEFAULT 'm'" : ''} ${edit.form === 'nullable' ? '' : 'NOT NULL'}`,
        ];
      case 'stranger index':
        return [`CREATE INDEX ${q(name)} ON ${q(edit.table)} (${list(edit.columns)})`];
      case 'stranger unique':
        return [`${alter} ADD CONSTRAINT ${q(name)} UNIQUE (${list(edit.columns)})`];
      case 'stranger check':
        return [`${alter} ADD CONSTRAINT ${q(name)} CHECK (length(${q(edit.column)}::text) < 100000)`];
      case 'stranger foreign key':
        return [`${alter} ADD ${foreignKey(edit.key)}`];
      case 'stranger trigger':
        return [
          'CREATE OR REPLACE FUNCTION mutant() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$',
          `CREATE TRIGGER ${q(name)} AFTER DELETE ON ${q(edit.table)} FOR EACH ROW EXECUTE FUNCTION mutant()`,
        ];
    }
  },
};

const foreignKey = (key: GoldenForeignKey): string =>
  `CONSTRAINT ${q(key.name as string)} FOREIGN KEY (${list(key.columns)}) REFERENCES ${q(key.refTable)} (${list(key.refColumns)})` +
  `${key.onDelete ? ` ON DELETE ${key.onDelete}` : ''}${key.onUpdate ? ` ON UPDATE ${key.onUpdate}` : ''}`;

const createIndex = (table: string, index: GoldenIndex): string =>
  `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${q(index.name)} ON ${q(table)} (${index.columns
    .map((part) => `${q(part.name)}${part.desc ? ' DESC' : ''}`)
    .join(', ')})${index.include.length > 0 ? ` INCLUDE (${list(index.include)})` : ''}${
    index.where === null ? '' : ` WHERE ${index.where}`
  }`;
