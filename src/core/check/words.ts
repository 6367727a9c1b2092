import type { ColumnType } from '../../schema/column-type.js';
import type { Difference } from '../../schema/diff.js';
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

const list = (names: readonly string[]): string => `(${names.join(', ')})`;

const typeText = (type: ColumnType): string => {
  if (type.kind === 'native') return type.text;
  if (type.kind === 'string')
    return `string(${type.length})${type.caseSensitive ? ' that tells case apart' : ''}`;
  return type.kind === 'text' && type.size ? `${type.size}text` : type.kind;
};

const defaultText = (value: Default | null): string => {
  if (value === null) return 'no default';
  if (value.kind === 'native') return `default ${value.sql}`;
  return value.kind === 'boolean' ? `default ${value.value}` : `default '${value.value}'`;
};

const generatedText = ({ generated }: Column): string =>
  generated
    ? `generated ${generated.stored ? 'stored' : 'virtual'} as (${generated.expression})`
    : 'not generated';

/** A column as a whole. */
const columnText = (column: Column): string =>
  [
    typeText(column.type),
    column.nullable ? 'NULL' : 'NOT NULL',
    ...(column.default ? [defaultText(column.default)] : []),
    ...(column.generated ? [generatedText(column)] : []),
  ].join(' ');

const keyText = (key: PrimaryKey | Unique): string => list(key.columns);

const foreignKeyText = (key: ForeignKey): string =>
  [
    `${list(key.columns)} → ${key.refTable}${list(key.refColumns)}`,
    ...(key.onDelete ? [`ON DELETE ${key.onDelete}`] : []),
    ...(key.onUpdate ? [`ON UPDATE ${key.onUpdate}`] : []),
  ].join(' ');

const indexText = (index: Index): string =>
  [
    ...(index.unique ? ['unique'] : []),
    list(
      index.columns.map(
        ({ name, desc, length }) => name + (length === null ? '' : `(${length})`) + (desc ? ' DESC' : ''),
      ),
    ),
    ...(index.include.length > 0 ? [`INCLUDE ${list(index.include)}`] : []),
    ...(index.where === null ? [] : [`WHERE ${index.where}`]),
  ].join(' ');

const triggerText = (trigger: Trigger): string =>
  trigger.kind === 'native'
    ? trigger.sql.replace(/\s+/g, ' ').slice(0, 200)
    : `refuses changes of ${trigger.columns.join(', ')}`;

const checkText = (check: Check): string => `CHECK (${check.expression})`;

const tableText = (table: Table): string =>
  table.opaque
    ? 'a table whose definition cannot be read'
    : `${table.columns.length} ${table.columns.length === 1 ? 'column' : 'columns'}`;

/** What is said of a column of which one facet differs. */
function facetText(column: Column, facet: Difference['facet']): string {
  switch (facet) {
    case 'nullable':
      return column.nullable ? 'NULL' : 'NOT NULL';
    case 'default':
      return defaultText(column.default);
    case 'generated':
      return generatedText(column);
    case 'identity':
      return column.identity ? 'counts by itself' : 'does not count by itself';
    case 'collation':
      return `${typeText(column.type)} with ${column.collation ? `collation ${column.collation}` : 'the default collation'}`;
    case null:
      return columnText(column);
    default:
      return typeText(column.type);
  }
}

/** Both sides of a difference in a few words; null for the side that is not there. */
export function sidesOf(difference: Difference): { expected: string | null; found: string | null } {
  const { wanted, found } = difference;
  const say = textOf(difference) as (part: unknown) => string;
  return { expected: wanted && say(wanted), found: found && say(found) };
}

function textOf(difference: Difference): (part: never) => string {
  switch (difference.part) {
    case 'column':
      return (column: Column) => facetText(column, difference.facet);
    case 'index':
      return difference.facet === 'name' ? (index: Index) => `named ${index.name}` : indexText;
    case 'table':
      return tableText;
    case 'primaryKey':
    case 'unique':
      return keyText;
    case 'foreignKey':
      return foreignKeyText;
    case 'check':
      return checkText;
    case 'trigger':
      return triggerText;
  }
}
