import { columnOf, type Schema } from '../../schema/table.js';
import type { LockedWork } from '../cost.js';

/** Whether the server only notes a new column with a default. */
export type Edition = 'enterprise' | 'other';

/** What the server does for one statement, by the pages of ALTER TABLE and CREATE INDEX. */
export function workOf(sql: string, table: string, live: Schema, edition: Edition): LockedWork {
  if (/^CREATE (UNIQUE )?INDEX/.test(sql)) return 'build';
  if (!sql.startsWith('ALTER TABLE')) return 'metadata';
  // The primary key is clustered: it is the table. Without it the rows become a heap.
  if (/ PRIMARY KEY /.test(sql)) return 'rewrite';
  if (/ DROP CONSTRAINT /.test(sql))
    return sql.endsWith(` ${live.get(table)?.primaryKey?.name}`) ? 'rewrite' : 'metadata';
  if (/ FOREIGN KEY /.test(sql) || / ADD (CONSTRAINT \S+ )?CHECK /.test(sql)) return 'scan';
  if (/ ADD (CONSTRAINT \S+ )?UNIQUE /.test(sql)) return 'build';
  const altered = /^ALTER TABLE \S+ ALTER COLUMN \[?(\w+)\]? (.*)$/s.exec(sql);
  if (altered) return alteredBy(altered[1] as string, altered[2] as string, table, live);
  if (/ ADD DEFAULT /.test(sql) || / DROP COLUMN /.test(sql)) return 'metadata';
  const isFilled = / NOT NULL/.test(sql) && edition === 'other';
  return / PERSISTED/.test(sql) || isFilled ? 'rewrite' : 'metadata';
}

/** A VARCHAR that grows is noted; NOT NULL is checked row by row; everything else may change how rows are stored. */
function alteredBy(column: string, words: string, table: string, live: Schema): LockedWork {
  const found = live.get(table);
  const old = found && columnOf(found, column);
  const from = /^(n?varchar|varbinary)\((\d+)\)$/i.exec(old?.type.kind === 'native' ? old.type.text : '');
  const to = /^(n?varchar|varbinary)\((\d+)\)( COLLATE \S+)?( NOT)? NULL$/i.exec(words);
  if (old?.type.kind === 'string' && to)
    return grew(String(old.type.length), 'varchar', to, old.nullable, to[3] === undefined);
  if (from && to) return grew(from[2] as string, from[1] as string, to, old?.nullable ?? true, true);
  return 'rewrite';
}

function grew(
  length: string,
  base: string,
  to: RegExpExecArray,
  wasNullable: boolean,
  sameCollation: boolean,
): LockedWork {
  const [, type, size, , not] = to;
  if (!sameCollation || type?.toLowerCase() !== base.toLowerCase() || Number(size) < Number(length))
    return 'rewrite';
  return not && wasNullable ? 'scan' : 'metadata';
}
