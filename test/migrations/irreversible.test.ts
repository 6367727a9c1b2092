import { describe, expect, it } from 'vitest';
import { expectedAt, loadChain, operationsOf } from '../../src/core/revisions.js';
import type { Dialect } from '../../src/dialects/dialect.js';
import { dialectNames, loadDialect } from '../../src/dialects/index.js';
import type { ColumnType } from '../../src/schema/column-type.js';
import { apply, columnOf, irreversibleOn, type Operation, type Schema } from '../../src/schema/index.js';

const chain = await loadChain();
const dialects = await Promise.all(dialectNames.map(loadDialect));

/** What looks like a ground and is none, with the reason. */
const exceptions: Readonly<Record<string, string>> = {
  '90e64c465722 rows tags': 'it inserts tags and changes none',
  '5d2d30f0abce widened jobs': 'MLflow never writes a job without a name',
  '75868b020152 rows trace_info': 'it writes only the columns that it adds',
  '75868b020152 rows assessments': 'it writes only the columns that it adds',
  '8b6ad64cb8f5 rows issues': 'it writes only the column that it adds',
};

const bytes = { plain: 65_535, medium: 16_777_215, long: 4_294_967_295 };
const room = (type: ColumnType): number =>
  type.kind === 'string' ? type.length : type.kind === 'text' ? bytes[type.size ?? 'plain'] : 0;

const isExact = (type: ColumnType): boolean => type.kind === 'string' && type.caseSensitive === true;

/** Why an operation on a table that was there before may keep some database from going back: the kind, or null. */
function groundOf(operation: Operation, state: Schema, { traits }: Dialect): 'widened' | 'rows' | null {
  if (!('table' in operation) || typeof operation.table !== 'string') return null;
  const table = state.get(operation.table);
  // Case matters where a key tells rows apart by it.
  const inKey = (name: string): boolean => table?.primaryKey?.columns.includes(name) ?? false;
  switch (operation.kind) {
    case 'alterColumn': {
      const column = table && columnOf(table, operation.column);
      const { type, nullable } = operation.change;
      if (!column) throw new Error(`no column ${operation.column}`);
      const wider =
        type !== undefined &&
        !traits.sameType(type, column) &&
        (room(type) > room(column.type) ||
          (isExact(type) !== isExact(column.type) && inKey(operation.column)) ||
          (type.kind === 'float' && type.precision === 53));
      return wider || (nullable === true && !column.nullable) ? 'widened' : null;
    }
    case 'replacePrimaryKey':
      return operation.columns.some((name) => !table?.primaryKey?.columns.includes(name)) ? 'widened' : null;
    case 'dropUnique':
    case 'dropCheck':
      return 'widened';
    case 'dropIndex':
      return table?.indexes.find(({ name }) => name === operation.name)?.unique ? 'widened' : null;
    case 'dropColumn':
      return 'rows';
    default:
      return null;
  }
}

/** `<kind> <table>` for each ground of a revision. */
function groundsOf(ordinal: number, dialect: Dialect): Set<string> {
  const revision = chain.revisions[ordinal] as (typeof chain.revisions)[number];
  const below = expectedAt(chain, ordinal - 1, dialect);
  const found = new Set<string>();
  let state = below;
  for (const operation of operationsOf(revision, dialect.name)) {
    const next = apply(state, operation, dialect.traits);
    if (operation.kind === 'rows')
      for (const table of operation.writes) if (below.has(table)) found.add(`rows ${table}`);
    const ground = next === state ? null : groundOf(operation, state, dialect);
    const table = 'table' in operation && typeof operation.table === 'string' ? operation.table : '';
    if (ground && below.has(table)) found.add(`${ground} ${table}`);
    state = next;
  }
  return found;
}

describe.each(dialects.map((dialect) => [dialect.name, dialect] as const))(
  '%s: what is irreversible is declared, and what is declared has a ground',
  (_name, dialect) => {
    it.each(chain.revisions.slice(1).map(({ revision }, i) => [revision as string, i + 1] as const))(
      '%s',
      (id, ordinal) => {
        const revision = chain.revisions[ordinal] as (typeof chain.revisions)[number];
        const grounds = [...groundsOf(ordinal, dialect)].filter((ground) => !exceptions[`${id} ${ground}`]);
        const declared = irreversibleOn(revision, dialect.name);
        const tables = new Set(grounds.map((ground) => ground.split(' ')[1]));
        const kind = grounds.some((ground) => ground.startsWith('rows')) ? 'rows' : 'widened';
        if (grounds.length === 0) {
          expect(declared).toBeNull();
          return;
        }
        expect(declared?.kind).toBe(kind);
        expect([...(declared?.tables ?? [])].sort()).toEqual([...tables].sort());
        expect(declared?.why).toMatch(/^[A-Za-z].{20,}[^.]$/);
      },
    );
  },
);

it('only 2d6e25af4d3e never goes down', () => {
  const never = chain.revisions.filter(({ irreversible }) => irreversible?.never);
  expect(never.map(({ revision }) => revision)).toEqual(['2d6e25af4d3e']);
});

it('every exception is still one', () => {
  const all = dialects.flatMap((dialect) =>
    chain.revisions
      .slice(1)
      .flatMap(({ revision }, i) => [...groundsOf(i + 1, dialect)].map((ground) => `${revision} ${ground}`)),
  );
  expect(Object.keys(exceptions).filter((name) => !all.includes(name))).toEqual([]);
});
