import type { ServerKind } from '../support/server-kinds.js';
import { type Edit, type StrangerColumn, strangerName, type Writer } from './edit.js';
import {
  type Golden,
  type GoldenColumn,
  type GoldenForeignKey,
  type GoldenIndex,
  type GoldenTable,
  keysWith,
  madeForKey,
} from './golden.js';

/** Every mutant of a golden schema. */
export function* editsOf(golden: Golden, kind: ServerKind, writer: Writer): Generator<Edit> {
  for (const [table, parts] of Object.entries(golden)) {
    yield { kind: 'drop table', table };
    yield* ofParts(table, parts);
    for (const column of parts.columns) yield* ofColumn(table, column, golden, writer);
    // What the server made for a foreign key may have any shape that serves.
    for (const index of parts.indexes) {
      // What the server made for a foreign key may have any shape that serves.
      if (!kind.startsWith('m') || !(madeForKey(parts, index) || index.name === index.columns[0]?.name))
        yield* ofIndex(table, index);
      yield { kind: 'index unique', table, index, to: { ...index, unique: !index.unique } };
    }
    yield* strangersOn(table, parts, golden);
  }
  yield { kind: 'stranger table', table: 'mutant_plain', parent: null };
  yield { kind: 'stranger table', table: 'mutant_child', parent: 'experiments' };
}

function* ofParts(table: string, parts: GoldenTable): Generator<Edit> {
  if (parts.primaryKey) yield { kind: 'drop primary key', table, key: parts.primaryKey };
  for (const unique of parts.uniques) yield { kind: 'drop unique', table, unique };
  for (const check of parts.checks) yield { kind: 'drop check', table, check };
  for (const index of parts.indexes) yield { kind: 'drop index', table, index };
  for (const trigger of parts.triggers) yield { kind: 'drop trigger', table, trigger };
  for (const key of parts.foreignKeys) {
    yield { kind: 'drop foreign key', table, key };
    yield { kind: 'on delete', table, key, to: key.onDelete === 'CASCADE' ? null : 'CASCADE' };
    yield { kind: 'on update', table, key, to: key.onUpdate === 'CASCADE' ? null : 'CASCADE' };
  }
}

function* ofColumn(table: string, column: GoldenColumn, golden: Golden, writer: Writer): Generator<Edit> {
  yield { kind: 'drop column', table, column };
  const inForeignKey = keysWith(golden, table, column.name).length > 0;
  yield { kind: 'type', table, column, ...writer.otherType(column, inForeignKey) };
  for (const by of ['longer', 'shorter'] as const) {
    const to = writer.otherLength(column, by);
    if (to !== null) yield { kind: by, table, column, to };
  }
  yield { kind: column.nullable ? 'not null' : 'null', table, column };
  if (column.generated) yield { kind: 'generated', table, column, to: `${column.generated.expression} + 1` };
  yield { kind: 'default', table, column, to: writer.otherDefault(column) };
  if (writer.counts(table, column, golden)) yield { kind: 'drop identity', table, column };
  else if (writer.hasDefault(column)) yield { kind: 'default', table, column, to: null };
}

function* ofIndex(table: string, index: GoldenIndex): Generator<Edit> {
  const [first, ...rest] = index.columns as [GoldenIndex['columns'][0], ...GoldenIndex['columns']];
  const turned = [{ ...first, desc: !first.desc }, ...rest];
  yield { kind: 'index columns', table, index, to: { ...index, columns: turned } };
  if (rest.length > 0)
    yield { kind: 'index columns', table, index, to: { ...index, columns: [...rest, first] } };
  if (index.include.length > 0)
    yield { kind: 'index columns', table, index, to: { ...index, include: index.include.slice(1) } };
  if (index.where !== null) yield { kind: 'index columns', table, index, to: { ...index, where: null } };
}

function* strangersOn(table: string, parts: GoldenTable, golden: Golden): Generator<Edit> {
  // Where there is a row a server refuses a column that has nothing for it; MLflow never inserts there.
  const forms = ['nullable', 'with default', ...(table === 'alembic_version' ? [] : ['not null'])];
  for (const form of forms as StrangerColumn[]) yield { kind: 'stranger column', table, form };
  const key = parts.primaryKey?.columns ?? [(parts.columns[0] as GoldenColumn).name];
  const spare = parts.columns.find(
    ({ name, type, generated }) =>
      !key.includes(name) && !generated && /^(big)?int|^double|^float/i.test(type),
  );
  // Not one that any foreign key of MLflow's would want, nor one that is there.
  yield { kind: 'stranger index', table, columns: spare ? [spare.name, ...key] : [...key].reverse() };
  yield { kind: 'stranger unique', table, columns: spare ? [...key, spare.name] : [...key].reverse() };
  const free = parts.columns.filter(
    ({ name, identity, generated }) => !identity && !generated && keysWith(golden, table, name).length === 0,
  );
  if (free[0]) yield { kind: 'stranger check', table, column: free[0].name };
  const foreignKey = strangerKey(table, free, golden);
  if (foreignKey && table !== 'alembic_version')
    yield { kind: 'stranger foreign key', table, key: foreignKey };
  yield { kind: 'stranger trigger', table };
}

/** From a column in no foreign key to a primary key that is declared like it. */
function strangerKey(table: string, free: readonly GoldenColumn[], golden: Golden): GoldenForeignKey | null {
  for (const [refTable, { primaryKey, columns }] of Object.entries(golden)) {
    const target = columns.find(({ name }) => primaryKey?.columns.join() === name);
    const column = free.find(
      ({ name, type, collation }) =>
        type === target?.type &&
        collation === target.collation &&
        (refTable !== table || name !== target.name),
    );
    if (target && column && refTable !== 'alembic_version')
      return {
        ...{ name: strangerName(table), columns: [column.name], refTable, refColumns: [target.name] },
        ...{ onDelete: null, onUpdate: null },
      };
  }
  return null;
}
