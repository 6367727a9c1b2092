import type { Links, OnDelete } from '../../schema/link.js';
import { columnOf, type ForeignKey, type Schema, type Table } from '../../schema/table.js';

/** A link from a child's columns to its parent's, by a foreign key or by MLflow's word alone. */
export interface Edge {
  readonly table: string;
  readonly columns: readonly string[];
  readonly to: string;
  readonly toColumns: readonly string[];
  readonly when?: Readonly<Record<string, string>>;
  readonly unless?: string;
  readonly json?: string;
  readonly action: Exclude<OnDelete, 'keep'>;
}

/** Rows that go, or change, with a row they hang on: those whose `column` is one of the keys at hand. */
export interface Node {
  readonly table: string;
  readonly column: string;
  readonly when?: Readonly<Record<string, string>>;
  readonly unless?: string;
  readonly json?: string;
  readonly action: Edge['action'];
  /** The keys are those of the parent, and several columns together say which rows hang on it. */
  readonly through?: { readonly edge: Edge; readonly via: string };
  readonly children: readonly Child[];
}

/** `via` is the column of the parent that the child names: its own keys, or others that must be read first. */
export interface Child {
  readonly via: string;
  readonly node: Node;
}

const actionOf = ({ foreignKeyRules }: Links, table: Table, key: ForeignKey): Edge['action'] => {
  const rule = foreignKeyRules.find((one) => one.table === table.name && key.columns.includes(one.column));
  if (rule) return rule.onDelete as Edge['action'];
  if (key.onDelete === 'SET NULL' || key.onDelete === 'SET DEFAULT') return 'clear';
  return key.onDelete === 'RESTRICT' ? 'hold' : 'delete';
};

/** Every link of a schema that a collection follows: its foreign keys, and the soft links whose columns are there. */
export function edgesOf(schema: Schema, links: Links): Edge[] {
  const keys = [...schema.values()].flatMap((table) =>
    table.foreignKeys.map(
      (key): Edge => ({
        ...{ table: table.name, columns: key.columns, to: key.refTable, toColumns: key.refColumns },
        action: actionOf(links, table, key),
      }),
    ),
  );
  const has = (table: string, column: string): boolean => {
    const found = schema.get(table);
    return found !== undefined && columnOf(found, column) !== undefined;
  };
  const soft = links.softLinks.flatMap(
    ({ table, column, to, toColumn, when, unless, json, onDelete }): Edge[] =>
      onDelete === 'keep' || !has(table, column) || !has(to, toColumn)
        ? []
        : [
            {
              ...{ table, columns: [column], to, toColumns: [toColumn], action: onDelete },
              ...(when ? { when } : {}),
              ...(unless ? { unless } : {}),
              ...(json ? { json } : {}),
            },
          ],
  );
  return [...keys, ...soft];
}

/**
 * What goes with the rows of `table` whose `column` is a key, children and theirs.
 *
 * @param hold tables whose rows are not taken along but keep the parent: they are collected by themselves
 * @throws Error when a revision brings links in a circle, or a key of several columns with more below it: a defect of mltrack
 */
export function nodeOf(
  edges: readonly Edge[],
  root: { table: string; column: string } & Partial<Omit<Node, 'children'>>,
  hold: readonly string[] = [],
  path: readonly string[] = [],
): Node {
  const { table, column, action = 'delete' } = root;
  const place = `${table}.${column}`;
  if (path.includes(place))
    throw new Error(`links in a circle: ${[...path.slice(path.indexOf(place)), place].join(' ← ')}`);
  const children = action === 'delete' ? edges.filter((edge) => edge.to === table) : [];
  return {
    ...{ table, column, action },
    ...(root.when ? { when: root.when } : {}),
    ...(root.unless ? { unless: root.unless } : {}),
    ...(root.json ? { json: root.json } : {}),
    children: children.map((edge) => childOf(edges, edge, column, hold, [...path, place])),
  };
}

function childOf(
  edges: readonly Edge[],
  edge: Edge,
  column: string,
  hold: readonly string[],
  path: readonly string[],
): Child {
  const at = placeOf(edge, column);
  const { table, when, unless, json } = edge;
  const action = hold.includes(table) ? 'hold' : edge.action;
  if (at === undefined) {
    const further = edges.find(({ to }) => to === table);
    if (further && action === 'delete')
      throw new Error(`${further.table} cannot be followed from ${edge.to}.${column} through ${table}`);
    const [first] = edge.columns as [string];
    return {
      via: column,
      node: { table, column: first, action, through: { edge, via: column }, children: [] },
    };
  }
  const root = {
    ...{ table, column: edge.columns[at] as string, action },
    ...(when ? { when } : {}),
    ...(unless ? { unless } : {}),
    ...(json ? { json } : {}),
  };
  return { via: edge.toColumns[at] as string, node: nodeOf(edges, root, hold, path) };
}

/** Of a key of several columns, the one by which the parent's rows were chosen says enough. */
function placeOf(edge: Edge, column: string): number | undefined {
  const at = edge.toColumns.indexOf(column);
  if (at >= 0) return at;
  return edge.columns.length === 1 ? 0 : undefined;
}
