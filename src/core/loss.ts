import type { Operation } from '../schema/operation.js';
import type { Own, Revision } from '../schema/revision.js';
import { type Column, columnOf, type Schema, type Table } from '../schema/table.js';
import type { Traits } from '../schema/traits.js';
import { defaultText, narrowings } from './narrowing.js';

/** Something that would be lost if the live rows hold it. Conditions are on `t`, a row of the table. */
export type Question =
  | {
      readonly kind: 'rows';
      readonly table: string;
      /** "have no run_id". */
      readonly what: string;
      readonly columns: readonly string[];
      readonly condition: (words: Words) => string;
    }
  | { readonly kind: 'own'; readonly table: string; readonly what: string; readonly own: Own }
  | {
      readonly kind: 'twice';
      readonly table: string;
      readonly what: string;
      readonly columns: readonly string[];
      /** Of these upper and lower case count as the same. */
      readonly folded: readonly string[];
    };

/** What conditions need of a server. */
export interface Words {
  quote(name: string): string;
  characters(expression: string): string;
}

/**
 * What going down over one revision could lose, read off the schemas with it (`above`) and without it (`below`).
 * Rows that the revision inserted or derived itself do not count as long as they are unchanged.
 */
export function questionsOf(
  revision: Revision,
  operations: readonly Operation[],
  above: Schema,
  below: Schema,
  traits: Traits,
): Question[] {
  const own = revision.undo?.own ?? [];
  return [...above.values()].flatMap((table): Question[] => {
    const old = below.get(table.name);
    if (old === table) return [];
    if (!old) return wholeTable(table, operations, own);
    return [
      ...goneColumns(table, old, operations, own),
      ...narrowings(table, old, originIn(operations, table.name), traits),
      ...keysBefore(table, old, originIn(operations, table.name)),
      ...checksBefore(table, old, traits),
    ];
  });
}

/** From a column's name before the revision to its name with it. */
export const originIn =
  (operations: readonly Operation[], table: string) =>
  (name: string): string => {
    const rename = operations.find(
      (operation) =>
        operation.kind === 'renameColumn' && operation.table === table && operation.column === name,
    );
    return rename?.kind === 'renameColumn' ? rename.to : name;
  };

function wholeTable(table: Table, operations: readonly Operation[], own: readonly Own[]): Question[] {
  const what = `are in ${table.name}, a table that goes`;
  const mine = own.find((one) => one.table === table.name && !one.columns);
  if (mine) return [{ kind: 'own', table: table.name, what, own: mine }];
  const inserted = operations.flatMap((operation) =>
    operation.kind === 'insertRow' && operation.table === table.name ? [operation.row] : [],
  );
  const condition = ({ quote }: Words): string => {
    const rows = inserted.map((row) =>
      table.columns.map(({ name }) => is(`t.${quote(name)}`, row[name])).join(' AND '),
    );
    return rows.length === 0
      ? '1 = 1'
      : `CASE WHEN ${rows.map((row) => `(${row})`).join(' OR ')} THEN 0 ELSE 1 END = 1`;
  };
  const columns = inserted.length === 0 ? [] : table.columns.map((column) => column.name);
  return [{ kind: 'rows', table: table.name, what, columns, condition }];
}

const is = (column: string, value: string | number | undefined): string =>
  value === undefined
    ? `${column} IS NULL`
    : `${column} = ${typeof value === 'number' ? value : `'${value.replaceAll("'", "''")}'`}`;

/** Values other than the default in columns that go. */
function goneColumns(
  table: Table,
  old: Table,
  operations: readonly Operation[],
  own: readonly Own[],
): Question[] {
  const kept = new Set(old.columns.map((column) => originIn(operations, table.name)(column.name)));
  return table.columns
    .filter((column) => !kept.has(column.name) && !column.generated)
    .flatMap((column): Question[] => {
      const what = `have ${valueIn(column)} in ${table.name}.${column.name}, a column that goes`;
      const mine = own.find((one) => one.table === table.name && one.columns?.includes(column.name));
      // Columns that were derived together are asked about once.
      if (mine && mine.columns?.[0] !== column.name) return [];
      if (mine) return [{ kind: 'own', table: table.name, what, own: mine }];
      const condition = ({ quote }: Words) => differsFromDefault(`t.${quote(column.name)}`, column);
      return [{ kind: 'rows', table: table.name, what, columns: [column.name], condition }];
    });
}

const valueIn = ({ default: value }: Column): string =>
  value ? `a value other than ${defaultText(value)}` : 'a value';

const differsFromDefault = (name: string, { default: value, nullable }: Column): string =>
  value === null
    ? `${name} IS NOT NULL`
    : `(${name} <> ${defaultText(value)}${nullable ? ` OR ${name} IS NULL` : ''})`;

/** Keys that are narrower before, or that do not tell case apart there. */
function keysBefore(table: Table, old: Table, origin: (name: string) => string): Question[] {
  const foldsBefore = (name: string): boolean => {
    const [was, now] = [columnOf(old, name), columnOf(table, origin(name))];
    return now?.type.kind === 'string' && now.type.caseSensitive === true
      ? !(was?.type.kind === 'string' && was.type.caseSensitive === true)
      : false;
  };
  const held = uniqueKeys(table);
  return uniqueKeys(old).flatMap((key): Question[] => {
    const columns = key.map(origin);
    const folded = key.filter(foldsBefore).map(origin);
    const isHeld = held.some((other) => other.every((name) => columns.includes(name)));
    if (isHeld && folded.length === 0) return [];
    const what = `share ${columns.join(', ')}${folded.length > 0 ? ' but for case' : ''}, which is unique before`;
    return [{ kind: 'twice', table: table.name, what, columns, folded }];
  });
}

const uniqueKeys = (table: Table): (readonly string[])[] => {
  const keys = [
    ...(table.primaryKey ? [table.primaryKey.columns] : []),
    ...table.uniques.map((unique) => unique.columns),
    ...table.indexes
      .filter((index) => index.unique && index.where === null)
      .map((index) => index.columns.map((column) => column.name)),
  ];
  return keys.filter((key, i) => keys.findIndex((other) => String(other) === String(key)) === i);
};

/** Checks that are there before only. */
const checksBefore = (table: Table, old: Table, traits: Traits): Question[] =>
  old.checks
    .filter((check) => !table.checks.some((now) => traits.sameExpression(now.expression, check.expression)))
    .map(({ expression }) => ({
      kind: 'rows',
      table: table.name,
      what: `break the check before: ${expression}`,
      columns: [/^\W*(\w+)/.exec(expression)?.[1] ?? ''],
      condition: () => `NOT (${expression})`,
    }));
