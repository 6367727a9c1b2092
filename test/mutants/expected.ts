import type { Finding, RuleId, Severity } from '../../src/dialects/check.js';
import type { ServerKind } from '../support/server-kinds.js';
import { kinds } from '../support/server-kinds.js';
import { type Edit, objectOf, strangerName } from './edit.js';
import {
  type Golden,
  type GoldenTable,
  indexSpeaksOf,
  keysTo,
  keysWith,
  madeForKey,
  speaksOf,
} from './golden.js';

export type Found = Pick<Finding, 'rule' | 'severity' | 'table' | 'name'>;

/** What a check must say of a mutant. */
export interface Expected {
  readonly rules: readonly RuleId[];
  /** More than one only where the severity is a matter of taste: docs/mutation.md says which. */
  readonly severities: readonly Severity[];
  readonly table: string;
  /** Whether a finding names the object. */
  readonly named: (name: string | null) => boolean;
  /** What may be reported beside it, because it went too. */
  readonly entailed: (finding: Found) => boolean;
}

interface Verdict {
  readonly rules: readonly RuleId[];
  readonly severities: readonly Severity[];
}

const one = (severity: Severity, ...rules: RuleId[]): Verdict => ({ rules, severities: [severity] });

/** By issue 6: error where MLflow breaks or data is at risk, warning for every other difference, note for additions. */
function verdictOf(edit: Edit, kind: ServerKind): Verdict {
  switch (edit.kind) {
    case 'drop table':
      return one('error', 'table-missing');
    case 'drop column':
      return one('error', 'column-missing');
    case 'drop primary key':
      return one('error', 'primary-key');
    case 'drop unique':
      return one('error', 'unique-missing');
    case 'drop foreign key':
      return one('error', 'foreign-key-missing');
    case 'drop check':
      return one('warning', 'check-missing');
    case 'drop index':
      return edit.index.unique
        ? one('error', 'unique-missing', 'index-missing')
        : // On MySQL the server makes another for a foreign key at once: MLflow's is there, under another name.
          one('warning', 'index-missing', ...(kind.startsWith('m') ? (['index-differs'] as const) : []));
    case 'drop trigger':
      return one('error', 'trigger-missing');
    case 'drop identity':
      return one('error', 'column-identity');
    case 'type':
      return edit.wider
        ? { rules: ['column-type', 'column-length'], severities: ['error', 'warning'] }
        : one('error', 'column-type');
    case 'shorter':
      // MySQL's sizes of TEXT are types of their own.
      if (edit.to.endsWith('text')) return one('error', 'column-length', 'column-type');
      return one(kinds[kind].strict ? 'error' : 'warning', 'column-length');
    case 'longer':
      if (edit.to.endsWith('text'))
        return { rules: ['column-length', 'column-type'], severities: ['error', 'warning'] };
      return one('warning', 'column-length');
    case 'not null':
      return one('error', 'column-nullable');
    case 'null':
      return one('warning', 'column-nullable');
    case 'default':
      // A key that counts by itself and does not any more.
      return edit.column.default?.startsWith('nextval(')
        ? one('error', 'column-identity')
        : one('warning', 'column-default');
    case 'generated':
      return { rules: ['column-generated'], severities: ['error', 'warning'] };
    case 'on delete':
    case 'on update':
      return one('error', 'foreign-key-action');
    case 'index columns':
      return edit.index.unique
        ? { rules: ['index-differs', 'unique-missing'], severities: ['error', 'warning'] }
        : one('warning', 'index-differs');
    case 'index unique':
      return edit.index.unique
        ? one('error', 'index-differs', 'unique-missing')
        : // What the server made for a foreign key has no name that counts: a unique one is somebody's own.
          {
            rules: [
              'index-differs',
              ...(kind.startsWith('m') ? (['index-extra', 'unique-extra'] as const) : []),
            ],
            severities: ['error', 'warning', ...(kind.startsWith('m') ? (['note'] as const) : [])],
          };
    case 'stranger table':
      return one('note', 'table-extra');
    case 'stranger column':
      return one(edit.form === 'not null' ? 'error' : 'note', 'column-extra');
    case 'stranger index':
      return one('note', 'index-extra');
    case 'stranger unique':
      return one('note', 'unique-extra', 'index-extra');
    case 'stranger check':
      return one('note', 'check-extra');
    case 'stranger foreign key':
      return one('note', 'foreign-key-extra');
    case 'stranger trigger':
      return one('note', 'trigger-extra');
  }
}

/**
 * Without a stamp that can be read nobody knows what MLflow should have here: check and repair refuse the database
 * (exit 5), and touch nothing.
 */
export const hidesStamp = (edit: Edit, kind: ServerKind): boolean =>
  edit.table === 'alembic_version' &&
  (edit.kind === 'drop table' ||
    edit.kind === 'drop column' ||
    (edit.kind === 'type' && kind === 'postgresql'));

export function expectedOf(edit: Edit, golden: Golden, kind: ServerKind): Expected {
  const objects = entailedBy(edit, golden, kind);
  return {
    ...verdictOf(edit, kind),
    table: edit.table,
    named: (name) => namesOf(edit, golden).has(plain(name)),
    entailed: (finding) =>
      finding.table !== null && (objects.get(finding.table)?.has(plain(finding.name)) ?? false),
  };
}

const plain = (name: string | null): string => (name ?? '').replace(/[`"\s]/g, '').toLowerCase();

/** How a finding may call the object: by its name, or by its columns where MLflow gave it none. */
function namesOf(edit: Edit, golden: Golden): Set<string> {
  if (edit.kind === 'drop table' || edit.kind === 'stranger table') return new Set(['', plain(edit.table)]);
  const names = [objectOf(edit)];
  if ('key' in edit) names.push(edit.key.columns.join(','));
  if ('unique' in edit) names.push(edit.unique.columns.join(','));
  if ('index' in edit && edit.index.unique) names.push(edit.index.columns.map(({ name }) => name).join(','));
  if (edit.kind === 'stranger unique') names.push(edit.columns.join(','));
  if (edit.kind === 'drop primary key') names.push(null);
  if (edit.kind === 'drop check') {
    const { checks, columns } = golden[edit.table] as GoldenTable;
    // MySQL has one check of metrics twice.
    names.push(
      ...checks.filter(({ expression }) => expression === edit.check.expression).map(({ name }) => name),
    );
    names.push(edit.check.expression);
    if (edit.check.name === null || /_chk_|CONSTRAINT_/.test(edit.check.name))
      names.push(...columns.map(({ name }) => name).filter((name) => speaksOf(edit.check.expression, name)));
  }
  return new Set(names.map(plain));
}

type Objects = Map<string, Set<string>>;

/** What cannot stay as it was once the edit is done: table → names. */
function entailedBy(edit: Edit, golden: Golden, kind: ServerKind): Objects {
  const objects: Objects = new Map();
  const add = (table: string, ...names: (string | null)[]) => {
    const set = objects.get(table) ?? new Set();
    for (const name of names) set.add(plain(name));
    objects.set(table, set);
  };
  const addKeys = (keys: ReturnType<typeof keysTo>) => {
    for (const { table, key } of keys) add(table, key.name, key.columns.join(','));
  };
  const addDependents = (column: string) => {
    const table = golden[edit.table] as GoldenTable;
    addKeys(keysWith(golden, edit.table, column));
    for (const index of table.indexes)
      if (indexSpeaksOf(index, column))
        add(edit.table, index.name, index.columns.map(({ name }) => name).join(','));
    for (const unique of table.uniques)
      if (unique.columns.includes(column)) add(edit.table, unique.name, unique.columns.join(','));
    for (const check of table.checks)
      if (speaksOf(check.expression, column)) add(edit.table, check.name, check.expression, column);
    for (const trigger of table.triggers) if (speaksOf(trigger.sql, column)) add(edit.table, trigger.name);
    if (table.primaryKey?.columns.includes(column))
      add(edit.table, table.primaryKey.name, table.primaryKey.columns.join(','), null);
    return table.columns.filter(({ generated }) => generated && speaksOf(generated.expression, column));
  };
  if (edit.kind === 'drop table') addKeys(keysTo(golden, edit.table));
  if (edit.kind === 'drop column')
    for (const fed of addDependents(edit.column.name)) {
      add(edit.table, fed.name);
      addDependents(fed.name);
    }
  if (edit.kind === 'type') {
    // A foreign key on it goes where it cannot be; a default is said in words of the type; MariaDB's JSON is a check.
    addKeys(keysWith(golden, edit.table, edit.column.name));
    add(edit.table, edit.column.name);
  }
  if (edit.kind === 'drop primary key' || edit.kind === 'drop unique') {
    const columns = 'key' in edit ? edit.key.columns : edit.unique.columns;
    addKeys(
      keysTo(golden, edit.table).filter(
        ({ key }) => [...key.refColumns].sort().join() === [...columns].sort().join(),
      ),
    );
    // It must stop to count where it is no key.
    if (kind.startsWith('m'))
      for (const { name, identity } of (golden[edit.table] as GoldenTable).columns)
        if (identity) add(edit.table, name);
  }
  if (kind.startsWith('m') && edit.kind === 'stranger foreign key') add(edit.table, edit.key.name);
  // Without its index a foreign key makes one of its own.
  if (
    kind.startsWith('m') &&
    (edit.kind === 'drop primary key' || edit.kind === 'drop column' || 'index' in edit)
  )
    for (const key of (golden[edit.table] as GoldenTable).foreignKeys)
      add(edit.table, key.name, key.columns[0] as string, key.columns.join(','));
  return objects;
}

/** The tables that no other mutant may touch at the same time. */
export function touchedBy(edit: Edit, golden: Golden, kind: ServerKind): Set<string> {
  const touched = new Set([edit.table, ...entailedBy(edit, golden, kind).keys()]);
  const own = golden[edit.table]?.foreignKeys ?? [];
  if ('key' in edit && 'refTable' in edit.key) touched.add(edit.key.refTable);
  if (edit.kind === 'drop table') for (const { refTable } of own) touched.add(refTable);
  if ('column' in edit && typeof edit.column !== 'string') {
    const { name } = edit.column;
    for (const { refTable, columns } of own) if (columns.includes(name)) touched.add(refTable);
    for (const { table } of keysTo(golden, edit.table, name)) touched.add(table);
  }
  if (edit.kind === 'stranger table' && edit.parent) touched.add(edit.parent);
  return touched;
}

/** Whether a changed line of the server's own account speaks of the edit or of what it entails. */
export function speaksOfEdit(
  edit: Edit,
  golden: Golden,
  kind: ServerKind,
  table: string,
  line: string,
): boolean {
  const words = plainWords(line);
  if (table === edit.table) {
    if (edit.kind.endsWith('table')) return true;
    const name = edit.kind.startsWith('stranger') ? strangerName(edit.table) : (objectOf(edit) ?? '');
    if ([name, ...namesOf(edit, golden)].some((one) => one !== '' && words.includes(plain(one)))) return true;
    if (edit.kind === 'drop primary key' && /primary key/i.test(line)) return true;
    if ('column' in edit && typeof edit.column !== 'string' && edit.column.generated && /\bAS \(/.test(line))
      return true;
    // An index that serves for a foreign key takes the place of the one that the server made.
    if (edit.kind === 'stranger index' || edit.kind === 'stranger unique')
      return (golden[table] as GoldenTable).indexes.some(
        (index) =>
          madeForKey(golden[table] as GoldenTable, index) && words.includes(`key${plain(index.name)}(`),
      );
  }
  return [...(entailedBy(edit, golden, kind).get(table) ?? [])].some((name) =>
    name === '' ? /primary key/i.test(line) : words.includes(name),
  );
}

const plainWords = (line: string): string => line.replace(/[`"\s]/g, '').toLowerCase();
