import { native } from '../../schema/column-type.js';
import type { Schema, Table } from '../../schema/table.js';
import { readChecks, readForeignKeys } from './introspect-constraints.js';
import { readIndexes } from './introspect-indexes.js';
import type { MssqlSession } from './session.js';

export type Query = Pick<MssqlSession, 'query'>;
export type MutableTable = {
  -readonly [K in keyof Table]: Table[K] extends readonly (infer U)[] ? U[] : Table[K];
};
export type Tables = ReadonlyMap<string, MutableTable>;

/** Reads the tables of the user's default schema from the catalog views. */
export async function introspect(session: Query): Promise<Schema> {
  const names = await session.query<{ name: string }>(
    'SELECT name FROM sys.tables WHERE schema_id = SCHEMA_ID() AND is_ms_shipped = 0 ORDER BY object_id',
  );
  const tables: Tables = new Map(
    names.map(({ name }) => [
      name,
      {
        ...{ name, columns: [], primaryKey: null, uniques: [], foreignKeys: [], checks: [] },
        ...{ indexes: [], triggers: [] },
      },
    ]),
  );
  await readColumns(session, tables);
  await readIndexes(session, tables);
  await readForeignKeys(session, tables);
  await readChecks(session, tables);
  const triggers = await session.query<{ owner: string; name: string; sql: string | null }>(
    `SELECT t.name AS owner, g.name, OBJECT_DEFINITION(g.object_id) AS sql
     FROM sys.triggers g JOIN sys.tables t ON t.object_id = g.parent_id
     WHERE t.schema_id = SCHEMA_ID() ORDER BY g.name`,
  );
  for (const { owner, name, sql } of triggers)
    tables.get(owner)?.triggers.push({ kind: 'native', name, sql: sql ?? '' });
  return tables as Schema;
}

interface ColumnRow extends Record<string, unknown> {
  readonly owner: string;
  readonly name: string;
  readonly type: string;
  readonly alias: boolean;
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
  readonly nullable: boolean;
  readonly counts: boolean;
  readonly collation: string | null;
  readonly value: string | null;
  readonly expression: string | null;
  readonly stored: boolean | null;
}

async function readColumns(session: Query, tables: Tables): Promise<void> {
  const rows = await session.query<ColumnRow>(
    `SELECT t.name AS owner, c.name, y.name AS type, y.is_user_defined AS alias, c.max_length AS length,
            c.[precision], c.scale, c.is_nullable AS nullable, c.is_identity AS counts,
            NULLIF(c.collation_name, CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128))) AS collation,
            d.[definition] AS value, m.[definition] AS expression, m.is_persisted AS stored
     FROM sys.columns c
     JOIN sys.tables t ON t.object_id = c.object_id
     JOIN sys.types y ON y.user_type_id = c.user_type_id
     LEFT JOIN sys.default_constraints d ON d.object_id = c.default_object_id
     LEFT JOIN sys.computed_columns m ON m.object_id = c.object_id AND m.column_id = c.column_id
     WHERE t.schema_id = SCHEMA_ID() ORDER BY c.object_id, c.column_id`,
  );
  for (const row of rows)
    tables.get(row.owner)?.columns.push({
      name: row.name,
      type: native(nativeType(row)),
      nullable: row.nullable,
      default: row.value === null ? null : { kind: 'native', sql: row.value },
      generated: row.expression === null ? null : { expression: row.expression, stored: row.stored === true },
      identity: row.counts ? 'AUTO_INCREMENT' : null,
      collation: row.collation,
    });
}

/** A type as DDL names it; sys.columns counts bytes, and -1 is (max). */
export function nativeType(
  row: Pick<ColumnRow, 'type' | 'alias' | 'length' | 'precision' | 'scale'>,
): string {
  const { type, alias, length } = row;
  if (alias) return type;
  if (/^n(var)?char$/.test(type)) return `${type}(${length < 0 ? 'max' : length / 2})`;
  if (/^((var)?char|(var)?binary)$/.test(type)) return `${type}(${length < 0 ? 'max' : length})`;
  if (/^(decimal|numeric)$/.test(type)) return `${type}(${row.precision}, ${row.scale})`;
  return /^(datetime2|datetimeoffset|time)$/.test(type) ? `${type}(${row.scale})` : type;
}
