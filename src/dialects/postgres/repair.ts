import type { Column } from '../../schema/table.js';
import type { RepairModule } from '../repair.js';
import { changedBy, familyOf } from '../retyping.js';
import { lockKey } from './lock.js';
import { quote } from './quote.js';
import type { PostgresSession } from './session.js';
import { typeText } from './types.js';

const isBoolean = (column: Column): boolean => typeText(column.type) === 'boolean';

const changes = changedBy({
  family: (column) => familyOf(typeText(column.type)),
  characters: (name) => `CHAR_LENGTH(${name})`,
  bytes: (name) => `OCTET_LENGTH(${name})`,
  isInteger: (name) => `${name} ~ '^(0|-?[1-9][0-9]{0,17})$'`,
  isDecimal: (name) => `${name} ~ '^-?[0-9]+([.][0-9]+)?$' AND CHAR_LENGTH(${name}) <= 15`,
  // json keeps its text, and what is none is refused.
  isJson: () => null,
  asText: (name) => `${name}::text`,
  asInteger: (name) => `${name}::bigint`,
});

export const repair: RepairModule = {
  changes: (name, from, to) => {
    if (isBoolean(from) && !isBoolean(to)) return changes(`${name}::integer`, from, to);
    return changes(name, from, to);
  },
  uniqueIgnoresNull: true,
  keepLock: async (session) => {
    // Behind a pooler the next transaction may be another server process, which does not hold this one's lock.
    if ((session as PostgresSession).isPooled) return false;
    // The lock of an upgrade is its transaction's; a session's of the same key excludes it (manual, "Advisory Locks").
    const [lock] = await session.query<{ got: boolean }>(`SELECT pg_try_advisory_lock(${lockKey}) AS got`);
    return lock?.got === true;
  },
  releaseLock: async (session) => {
    await session.query(`SELECT pg_advisory_unlock(${lockKey})`);
  },
  dropLeftOver: async (session, { sql }) => {
    const [, verb, quoted] =
      /^(CREATE|REINDEX)(?: UNIQUE)? INDEX CONCURRENTLY ("(?:[^"]|"")+"|\w+)/.exec(sql) ?? [];
    if (!quoted) return;
    const name = quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted;
    // REINDEX builds beside the old one, which stays (manual, "REINDEX").
    const left = verb === 'REINDEX' ? `${name}_ccnew` : name;
    const [row] = await session.query<{ invalid: boolean }>(
      `SELECT NOT i.indisvalid AS invalid FROM pg_catalog.pg_index i
       JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
       WHERE x.relnamespace = quote_ident(current_schema())::regnamespace AND x.relname = ?`,
      [left],
    );
    if (row?.invalid) await session.query(`DROP INDEX CONCURRENTLY ${quote(left)}`);
  },
};
