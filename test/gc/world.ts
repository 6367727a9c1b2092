import { createHash } from 'node:crypto';
import type { SoftLink } from '../../src/schema/link.js';
import { columnOf, type Schema, type Table } from '../../src/schema/table.js';
import { kinds, type ServerKind } from '../support/databases.js';

type Value = string | number | boolean | null;

/** A small MLflow of its own: an item of every kind, and a row of every table for every link it can have. */
export interface World {
  readonly letter: 'a' | 'b';
  /** Tables it has rows in; what it names elsewhere is the other world's. */
  readonly tables: ReadonlySet<string>;
  readonly schema: Schema;
  readonly links: readonly SoftLink[];
}

/** When everything in a world was deleted. */
export const deletedAt = 1_700_000_000_000;

const fixed: Readonly<Record<string, Value>> = {
  'runs.lifecycle_stage': 'deleted',
  'runs.deleted_time': deletedAt,
  'runs.source_type': 'LOCAL',
  'runs.status': 'FINISHED',
  'experiments.lifecycle_stage': 'deleted',
  'experiments.last_update_time': deletedAt,
  'logged_models.lifecycle_stage': 'deleted',
  'logged_models.last_updated_timestamp_ms': deletedAt,
  'jobs.status': 2,
  'jobs.creation_time': deletedAt,
  'experiments.workspace': 'default',
};

/** The value of a column in a world; the keys of its parents are theirs. */
export function cellOf(world: World, table: string, column: string, variant = 0): Value {
  const found = world.schema.get(table) as Table;
  const key = found.foreignKeys.find((one) => one.columns.includes(column));
  if (key) {
    const to = key.refColumns[key.columns.indexOf(column)] as string;
    return cellOf(owner(world, key.refTable), key.refTable, to);
  }
  if (`${table}.${column}` in fixed) return fixed[`${table}.${column}`] as Value;
  const own = columnOf(found, column);
  if (!own) throw new Error(`no ${table}.${column}`);
  const identity =
    found.primaryKey?.columns.includes(column) || found.uniques.some((u) => u.columns.includes(column));
  const id = createHash('sha256').update(`${world.letter} ${table} ${column} ${variant}`).digest('hex');
  switch (own.type.kind) {
    case 'integer':
    case 'bigint':
      return identity ? (world.letter === 'a' ? 1000 : 2000) + variant : own.nullable ? null : 1;
    case 'boolean':
      return false;
    case 'float':
      return own.nullable ? null : 1.5;
    case 'date':
      return '2026-01-02';
    case 'json':
      return own.nullable ? null : '{}';
    case 'string':
      return own.nullable && !identity ? null : id.slice(0, Math.min(own.type.length, 32));
    default:
      return own.nullable && !identity ? null : id.slice(0, 20);
  }
}

const owner = (world: World, table: string): World =>
  world.tables.has(table) ? world : { ...world, letter: world.letter === 'a' ? 'b' : 'a' };

/** The rows of a table: one with all links that need no condition, and one for each link that has one. */
export function rowsOf(world: World, table: string): Record<string, Value>[] {
  const found = world.schema.get(table) as Table;
  const has = (name: string, column: string) =>
    world.schema.get(name)?.columns.some((one) => one.name === column) ?? false;
  const mine = world.links.filter(
    (link) =>
      link.table === table &&
      has(table, link.column) &&
      has(link.to, link.toColumn) &&
      (world.tables.has(link.to) || link.onDelete === 'keep'),
  );
  const plain = mine.filter(({ when, json }) => !when && !json);
  const special = mine.filter(({ when, json }) => when || json);
  const base = (variant: number, links: readonly SoftLink[]): Record<string, Value> => {
    const row = Object.fromEntries(
      found.columns.map(({ name }) => [name, cellOf(world, table, name, variant)]),
    );
    for (const { column, to, toColumn, when, json, unless } of links) {
      Object.assign(row, when);
      const id = String(cellOf(owner(world, to), to, toColumn));
      const number = columnOf(found, column)?.type.kind === 'integer';
      row[column] = json ? JSON.stringify({ [json]: id }) : number ? Number(id) : id;
      if (unless) row[unless] = null;
    }
    return row;
  };
  // What hangs on nothing of this world but by such a link has no row without one.
  const rooted = found.foreignKeys.some(({ refTable }) => world.tables.has(refTable)) || plain.length > 0;
  const edgesOnly = special.length > 0 && !rooted;
  const first = edgesOnly ? [] : [base(0, plain)];
  return [...first, ...special.map((link, i) => base(edgesOnly ? i : i + 1, [...plain, link]))];
}

const literal = (kind: ServerKind, value: Value, binary: boolean): string => {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean')
    return kinds[kind].dialect === 'postgresql' ? String(value) : value ? '1' : '0';
  if (typeof value === 'number') return String(value);
  if (binary) return kinds[kind].dialect === 'postgresql' ? "'\\x00'" : "X'00'";
  return `'${value}'`;
};

/** The statements that make a world, parents first. */
export function insertsOf(kind: ServerKind, world: World): string[] {
  const { quote } = kinds[kind];
  return inOrder(world).flatMap((table) =>
    rowsOf(world, table.name).map((row) => {
      const columns = table.columns.filter(({ generated }) => generated === null);
      const values = columns.map(({ name, type }) =>
        literal(kind, row[name] as Value, type.kind === 'binary'),
      );
      return `INSERT INTO ${quote(table.name)} (${columns.map(({ name }) => quote(name)).join(', ')}) VALUES (${values.join(', ')})`;
    }),
  );
}

function inOrder({ schema, tables }: World): Table[] {
  const done = new Set<string>();
  const order: Table[] = [];
  const visit = (name: string): void => {
    const table = schema.get(name);
    if (!table || done.has(name) || !tables.has(name)) return;
    done.add(name);
    for (const { refTable } of table.foreignKeys) visit(refTable);
    order.push(table);
  };
  for (const name of schema.keys()) visit(name);
  return order;
}
