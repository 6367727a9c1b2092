import { type BoundColumn, type Condition, tuples } from '../schema/row-work.js';

/** What the statements here need of a dialect. */
interface Words {
  quote(name: string): string;
  bind(type: BoundColumn['type']): string;
}

/** `UPDATE … FROM` a list of constants, which SQLite (3.33 and later) and PostgreSQL read alike. */
export function updateFromValues(
  words: Words,
  table: string,
  keys: readonly BoundColumn[],
  values: readonly BoundColumn[],
  count: number,
): string {
  const name = words.quote(table);
  const columns = [...keys, ...values];
  const changed = (column: BoundColumn): string => `changed.new_${column.name}`;
  const set = values.map((column) => `${words.quote(column.name)} = ${changed(column)}`).join(', ');
  const match = keys.map((key) => `${name}.${words.quote(key.name)} = ${changed(key)}`).join(' AND ');
  return (
    `WITH changed (${columns.map((column) => `new_${column.name}`).join(', ')})` +
    ` AS (VALUES ${tuples(words, columns, count)}) UPDATE ${name} SET ${set} FROM changed WHERE ${match}`
  );
}

/** `(a, b) > (?, ?)`, of text columns; or `<=`. */
export function afterRowValue(
  words: Words,
  columns: readonly string[],
  values: readonly unknown[],
  than: '>' | '<=' = '>',
): Condition {
  const bound = columns.map(() => words.bind('text')).join(', ');
  const sql =
    columns.length === 1 ? `${columns[0]} ${than} ${bound}` : `(${columns.join(', ')}) ${than} (${bound})`;
  return { sql, params: values };
}

/** `a > ? OR (a = ? AND b > ?)`, or `a < ? OR (a = ? AND b <= ?)`: what servers use an index for that do not for a row value. */
export function afterByColumns(
  words: Words,
  columns: readonly string[],
  values: readonly unknown[],
  than: '>' | '<=' = '>',
): Condition {
  const params: unknown[] = [];
  const alternatives = columns.map((column, i) => {
    const same = columns.slice(0, i).map((other) => `${other} = ${words.bind('text')}`);
    params.push(...values.slice(0, i + 1));
    const order = than === '<=' && i < columns.length - 1 ? '<' : than;
    return `(${[...same, `${column} ${order} ${words.bind('text')}`].join(' AND ')})`;
  });
  return { sql: `(${alternatives.join(' OR ')})`, params };
}

/** `UPDATE … FROM` a query, which SQLite (3.33 and later) and PostgreSQL read alike. */
export function updateFromQuery(
  words: Pick<Words, 'quote'>,
  table: string,
  identity: readonly string[],
  set: readonly string[],
  query: string,
): string {
  const name = words.quote(table);
  const values = set.map((column) => `${words.quote(column)} = found.new_${column}`).join(', ');
  const match = identity.map((column) => `${name}.${column} = found.${column}_of`).join(' AND ');
  return `UPDATE ${name} SET ${values} FROM (${query}) AS found WHERE ${match}`;
}
