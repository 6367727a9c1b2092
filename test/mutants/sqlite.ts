import { type Edit, strangerName, type Writer } from './edit.js';
import { type GoldenColumn, type GoldenIndex, type GoldenTable, indexSpeaksOf, speaksOf } from './golden.js';

const q = (name: string): string => `"${name}"`;
const list = (names: readonly string[]): string => names.map(q).join(', ');

/** Another affinity (https://www.sqlite.org/datatype3.html), so what is stored changes. */
const others: Readonly<Record<string, string>> = {
  VARCHAR: 'NUMERIC',
  TEXT: 'INTEGER',
  BIGINT: 'TEXT',
  INTEGER: 'TEXT',
  FLOAT: 'TEXT',
  JSON: 'BLOB',
  BOOLEAN: 'TEXT',
  DATE: 'TEXT',
  BLOB: 'TEXT',
};

const lengthOf = (type: string): number | null => Number(/^VARCHAR\((\d+)\)$/.exec(type)?.[1]) || null;

/** SQLite has no ALTER for most of this: an empty table is made again from the edited golden. */
export const sqlite: Writer = {
  otherType: (column) => ({ to: others[column.type.replace(/\(.*/, '')] as string, wider: false }),
  otherLength(column, by) {
    const length = lengthOf(column.type);
    return length === null ? null : `VARCHAR(${by === 'longer' ? length + 10 : length - 1})`;
  },
  otherDefault: (column) => (column.generated ? null : column.default === "'m'" ? "'n'" : "'m'"),
  hasDefault: (column) => column.default !== null,
  counts: () => false,
  write(edit, golden) {
    const table = golden[edit.table] as GoldenTable;
    // The one table that holds a row.
    const keep = edit.table === 'alembic_version';
    const again = (after: GoldenTable) => [
      ...(keep ? ['CREATE TEMP TABLE kept AS SELECT * FROM alembic_version'] : []),
      `DROP TABLE ${q(edit.table)}`,
      ...create(edit.table, after),
      ...(keep ? ['INSERT INTO alembic_version (version_num) SELECT version_num FROM kept'] : []),
    ];
    switch (edit.kind) {
      case 'drop table':
        return [`DROP TABLE ${q(edit.table)}`];
      case 'drop column':
        if (table.columns.length === 1) return { impossible: 'a table has a column' };
        return again(edited(table, edit));
      case 'drop index':
        return [`DROP INDEX ${q(edit.index.name)}`];
      case 'drop trigger':
        return [`DROP TRIGGER ${q(edit.trigger.name)}`];
      case 'index columns':
      case 'index unique':
        return [`DROP INDEX ${q(edit.index.name)}`, createIndex(edit.table, edit.to)];
      case 'drop identity':
        return { impossible: 'SQLite counts by the type of the key alone' };
      case 'stranger table':
        return [
          `CREATE TABLE ${q(edit.table)} (id INTEGER PRIMARY KEY, note TEXT${edit.parent ? `, parent INTEGER REFERENCES ${q(edit.parent)} (experiment_id)` : ''})`,
        ];
      case 'stranger column':
        if (edit.form !== 'not null')
          return [
            `ALTER TABLE ${q(edit.table)} ADD COLUMN ${q(strangerName(edit.table))} VARCHAR(20) ${edit.form === 'nullable' ? '' : "DEFAULT 'm' NOT NULL"}`,
          ];
        return again(edited(table, edit));
      case 'stranger index':
        return [`CREATE INDEX ${q(strangerName(edit.table))} ON ${q(edit.table)} (${list(edit.columns)})`];
      case 'stranger trigger':
        return [
          `CREATE TRIGGER ${q(strangerName(edit.table))} AFTER DELETE ON ${q(edit.table)} BEGIN SELECT 1; END`,
        ];
      case 'default':
        if (edit.column.generated) return { impossible: 'a generated column has no default' };
        return again(edited(table, edit));
      default:
        return again(edited(table, edit));
    }
  },
};

/** The golden table with the edit in it. */
function edited(table: GoldenTable, edit: Edit): GoldenTable {
  const column = (change: Partial<GoldenColumn>): GoldenTable => ({
    ...table,
    columns: table.columns.map((one) =>
      'column' in edit && one === edit.column ? { ...one, ...change } : one,
    ),
  });
  const name = strangerName(edit.table);
  switch (edit.kind) {
    case 'drop column':
      return withoutColumn(table, edit.column.name);
    case 'drop primary key':
      return { ...table, primaryKey: null };
    case 'drop unique':
      return { ...table, uniques: table.uniques.filter((one) => one !== edit.unique) };
    case 'drop foreign key':
      return { ...table, foreignKeys: table.foreignKeys.filter((one) => one !== edit.key) };
    case 'drop check':
      return { ...table, checks: table.checks.filter((one) => one !== edit.check) };
    case 'type':
    case 'longer':
    case 'shorter':
      return column({ type: edit.to });
    case 'not null':
      return column({ nullable: false });
    case 'null':
      return column({ nullable: true });
    case 'default':
      return column({ default: edit.to });
    case 'generated':
      return column({ generated: { expression: edit.to, stored: true } });
    case 'on delete':
    case 'on update': {
      const action = edit.kind === 'on delete' ? 'onDelete' : 'onUpdate';
      const keys = table.foreignKeys.map((one) => (one === edit.key ? { ...one, [action]: edit.to } : one));
      return { ...table, foreignKeys: keys };
    }
    case 'stranger column':
      return {
        ...table,
        columns: [
          ...table.columns,
          {
            name,
            type: 'VARCHAR(20)',
            nullable: false,
            default: null,
            generated: null,
            identity: null,
            collation: null,
          },
        ],
      };
    case 'stranger unique':
      return { ...table, uniques: [...table.uniques, { name, columns: edit.columns }] };
    case 'stranger check':
      return {
        ...table,
        checks: [...table.checks, { name, expression: `length(${q(edit.column)}) < 100000` }],
      };
    case 'stranger foreign key':
      return { ...table, foreignKeys: [...table.foreignKeys, edit.key] };
    default:
      throw new Error(`${edit.kind} is no edit of a table`);
  }
}

/** Without everything that speaks of the column, as a table must be. */
const withoutColumn = (table: GoldenTable, name: string): GoldenTable => ({
  columns: table.columns.filter(
    (one) => one.name !== name && !(one.generated && speaksOf(one.generated.expression, name)),
  ),
  primaryKey: table.primaryKey?.columns.includes(name) ? null : table.primaryKey,
  uniques: table.uniques.filter(({ columns }) => !columns.includes(name)),
  foreignKeys: table.foreignKeys.filter(({ columns }) => !columns.includes(name)),
  checks: table.checks.filter(({ expression }) => !speaksOf(expression, name)),
  indexes: table.indexes.filter((index) => !indexSpeaksOf(index, name)),
  triggers: table.triggers.filter(({ sql }) => !speaksOf(sql, name)),
});

function create(name: string, table: GoldenTable): string[] {
  const called = (constraint: { name: string | null }) =>
    constraint.name === null ? '' : `CONSTRAINT ${q(constraint.name)} `;
  const { primaryKey } = table;
  const items = [
    ...table.columns.map(column),
    ...(primaryKey ? [`${called(primaryKey)}PRIMARY KEY (${list(primaryKey.columns)})`] : []),
    ...table.uniques.map((unique) => `${called(unique)}UNIQUE (${list(unique.columns)})`),
    ...table.checks.map((check) => `${called(check)}CHECK (${check.expression})`),
    ...table.foreignKeys.map(
      (key) =>
        `${called(key)}FOREIGN KEY (${list(key.columns)}) REFERENCES ${q(key.refTable)} (${list(key.refColumns)})` +
        `${key.onDelete ? ` ON DELETE ${key.onDelete}` : ''}${key.onUpdate ? ` ON UPDATE ${key.onUpdate}` : ''}`,
    ),
  ];
  return [
    `CREATE TABLE ${q(name)} (${items.join(', ')})`,
    ...table.indexes.map((index) => createIndex(name, index)),
    ...table.triggers.map(({ sql }) => sql),
  ];
}

const column = ({ name, type, nullable, default: value, generated }: GoldenColumn): string =>
  [
    `${q(name)} ${type}`,
    generated
      ? `GENERATED ALWAYS AS (${generated.expression}) ${generated.stored ? 'STORED' : 'VIRTUAL'}`
      : '',
    value === null ? '' : `DEFAULT ${value}`,
    nullable ? '' : 'NOT NULL',
  ].join(' ');

const createIndex = (table: string, index: GoldenIndex): string =>
  `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${q(index.name)} ON ${q(table)} (${index.columns
    .map((part) => `${q(part.name)}${part.desc ? ' DESC' : ''}`)
    .join(', ')})${index.where === null ? '' : ` WHERE ${index.where}`}`;
