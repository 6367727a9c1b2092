import type { Schema, Table } from '../../src/schema/table.js';

/**
 * What introspection found, in the words of the fixtures: plain values, sorted where order means nothing.
 */
export const goldenOf = (schema: Schema): Record<string, unknown> =>
  Object.fromEntries(
    [...schema].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, table]) => [name, describe(table)]),
  );

function describe(table: Table): Record<string, unknown> {
  return {
    columns: table.columns.map(
      ({ name, type, nullable, default: value, generated, identity, collation }) => ({
        name,
        type: type.kind === 'native' ? type.text : type.kind,
        nullable,
        default: value?.kind === 'native' ? value.sql : value,
        generated,
        identity,
        collation,
      }),
    ),
    primaryKey: table.primaryKey && { name: table.primaryKey.name, columns: table.primaryKey.columns },
    uniques: sorted(table.uniques.map(({ name, columns }) => ({ name, columns }))),
    foreignKeys: sorted(
      table.foreignKeys.map(({ name, columns, refTable, refColumns, onDelete, onUpdate }) => ({
        ...{ name, columns, refTable, refColumns, onDelete, onUpdate },
      })),
    ),
    checks: sorted(table.checks.map(({ name, expression }) => ({ name, expression }))),
    indexes: sorted(
      table.indexes.map(({ name, columns, unique, include, where }) => ({
        name,
        columns,
        unique,
        include,
        where,
      })),
    ),
    triggers: table.triggers.map((trigger) => ({
      name: trigger.name,
      sql: trigger.kind === 'native' ? trigger.sql : trigger.kind,
    })),
  };
}

/** By name, then by whatever else they hold, as the fixtures are sorted. */
function sorted<T extends { name: string | null }>(parts: T[]): T[] {
  const key = (part: T) => `${part.name ?? ''} ${JSON.stringify(Object.values(part).slice(1))}`;
  return parts.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
