import type { Operation } from '../schema/operation.js';
import type { Schema } from '../schema/table.js';

/** A name that an upgrade brings into the database. */
export interface Created {
  readonly kind: 'table' | 'column' | 'index' | 'constraint' | 'trigger';
  readonly name: string;
  readonly table: string;
}

/**
 * The names that are in `after` and were not in `before`. Where one of them belongs to something else already (an
 * index of another table, a view, a column in other case), only the dialect knows, because it knows which of them
 * share a namespace. A trigger that `operations` drop makes room for its successor.
 */
export function createdNames(
  before: Schema,
  after: Schema,
  operations: readonly Operation[] = [],
): Created[] {
  const replaced = new Set(
    operations.flatMap((operation) => (operation.kind === 'dropTrigger' ? [operation.trigger.name] : [])),
  );
  const found: Created[] = [];
  for (const table of after.values()) {
    const old = before.get(table.name);
    if (old === table) continue;
    const add = (kind: Created['kind'], names: readonly (string | null)[], known: readonly unknown[]) => {
      for (const name of names)
        if (name !== null && !known.includes(name)) found.push({ kind, name, table: table.name });
    };
    const named = (parts: readonly { name: string | null }[] = []) => parts.map((part) => part.name);
    if (!old) add('table', [table.name], []);
    if (old) add('column', named(table.columns), named(old.columns));
    add('index', named(table.indexes), named(old?.indexes));
    add('constraint', named(keys(table)), named(old && keys(old)));
    // A trigger is never changed: another object is another trigger, of the same name too.
    const triggers = table.triggers.filter(
      (trigger) => !old?.triggers.includes(trigger) && !replaced.has(trigger.name),
    );
    add('trigger', named(triggers), []);
  }
  return found;
}

const keys = (table: {
  primaryKey: { name: string | null } | null;
  uniques: readonly { name: string | null }[];
}) => (table.primaryKey ? [table.primaryKey, ...table.uniques] : table.uniques);
