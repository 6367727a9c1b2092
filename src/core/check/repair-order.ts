import type { Statement } from '../../dialects/dialect.js';
import type { Operation } from '../../schema/operation.js';
import type { Schema } from '../../schema/table.js';
import { parentsFirst } from '../order.js';
import type { Reported } from './report.js';

/** One operation of a repair, with the findings it is for. */
export interface Ordered {
  readonly operation: Operation;
  readonly owners: readonly string[];
}

/** Statements of a finding that revisions have no words for. */
export interface Loose {
  readonly statements: readonly Statement[];
  readonly owner: string;
  /** Before the operations: what they need. */
  readonly first: boolean;
}

/** Engines, collations and owners decide what else can be done; the rest looks at what is there in the end. */
const early = new Set(['table-engine', 'table-collation', 'database-charset', 'table-owner']);

/** What of findings revisions have no words for. */
export const looseOf = (findings: readonly Reported[]): Loose[] =>
  findings.flatMap(({ id, rule, repair }) =>
    repair.kind === 'statements'
      ? [{ statements: repair.statements, owner: id, first: early.has(rule) }]
      : [],
  );

/**
 * The operations of many findings in the order in which they can be done: foreign keys come off before the keys and
 * columns under them change; columns, then keys, then tables, then indexes, and foreign keys again; triggers last. An
 * operation that several findings need is done once.
 *
 * @param tablesFirst everything about one table stands together, where the order of tables is free
 */
export function orderOf(
  findings: readonly Reported[],
  expected: Schema,
  tablesFirst: boolean,
): readonly Ordered[] {
  const parts = new Map<string, { operation: Operation; owners: string[]; rank: number; place: number }>();
  const places = new Map([...parentsFirst(expected).keys()].map((name, i) => [name, i]));
  for (const { id, repair } of findings) {
    if (repair.kind !== 'operations') continue;
    for (const operation of repair.operations) {
      const key = JSON.stringify(operation);
      const known = parts.get(key);
      if (known) {
        known.owners.push(id);
        // Of an index that another finding replaces: what is there under its name goes first.
        if (parts.delete(key)) parts.set(key, known);
      } else
        parts.set(key, {
          ...{ operation, owners: [id], place: places.get(tableOf(operation)) ?? places.size },
          rank: rankIn(operation, repair.operations),
        });
    }
  }
  const inOrder = [...parts.values()];
  return tablesFirst
    ? inOrder.sort((a, b) => a.place - b.place || a.rank - b.rank)
    : inOrder.sort((a, b) => a.rank - b.rank || a.place - b.place);
}

export const tableOf = (operation: Operation): string => {
  if (operation.kind === 'createTable') return operation.table.name;
  return 'table' in operation ? operation.table : '';
};

const ranks = {
  keysOff: 0,
  newColumns: 1,
  columns: 2,
  nullable: 3,
  generated: 4,
  primaryKeys: 5,
  uniques: 6,
  tables: 7,
  checks: 8,
  indexes: 9,
  keysOn: 10,
  triggers: 11,
} as const;

/** What a finding takes apart and puts together stays together, so that little can come between. */
function rankIn(operation: Operation, all: readonly Operation[]): number {
  const { kind } = operation;
  const inner = all.some((other) => other.kind === 'dropColumn') ? apart.indexOf(kind) : -1;
  if (inner >= 0) return ranks.generated + inner / apart.length;
  const [first] = all;
  if (kind === 'replacePrimaryKey' && first && first !== operation) return rankOf(first);
  const makesUnique = all.some((other) => other.kind === 'createIndex' && other.index.unique);
  return kind === 'dropIndex' && makesUnique ? ranks.uniques : rankOf(operation);
}

/** The order in which a computed column goes and comes back around the one it is computed from. */
const apart: readonly Operation['kind'][] = [
  'dropIndex',
  'dropColumn',
  'alterColumn',
  'addColumn',
  'createIndex',
];

function rankOf(operation: Operation): number {
  switch (operation.kind) {
    case 'dropForeignKey':
      return ranks.keysOff;
    case 'addColumn':
      return operation.column.generated ? ranks.generated : ranks.newColumns;
    case 'alterColumn':
      return operation.change.nullable === undefined ? ranks.columns : ranks.nullable;
    case 'replacePrimaryKey':
      return ranks.primaryKeys;
    case 'dropUnique':
    case 'addUnique':
      return ranks.uniques;
    case 'createTable':
      return ranks.tables;
    case 'dropCheck':
    case 'addCheck':
      return ranks.checks;
    case 'createIndex':
      return operation.index.unique ? ranks.uniques : ranks.indexes;
    case 'dropIndex':
      return ranks.indexes;
    case 'addForeignKey':
      return ranks.keysOn;
    case 'createTrigger':
    case 'dropTrigger':
      return ranks.triggers;
    default:
      return ranks.columns;
  }
}
