import type { Schema } from '../../schema/table.js';
import type { Finding, ServerFacts } from '../check.js';
import type { Session } from '../dialect.js';
import { quote } from './quote.js';

/** Tables that a crash empties (UNLOGGED), triggers that do not fire, and a database that cannot hold every character. */
export async function tableFacts(session: Session, expected: Schema): Promise<ServerFacts> {
  const tables = await session.query<{ name: string; kept: string; encoding: string }>(
    `SELECT relname AS name, relpersistence::text AS kept, current_setting('server_encoding') AS encoding
     FROM pg_catalog.pg_class
     WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind IN ('r', 'p') ORDER BY relname`,
  );
  const triggers = await session.query<{ tbl: string; name: string; state: string }>(
    `SELECT c.relname AS tbl, t.tgname AS name, t.tgenabled::text AS state
     FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
     WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND NOT t.tgisinternal
       AND t.tgenabled IN ('D', 'R') ORDER BY t.tgname`,
  );
  const encoding = tables[0]?.encoding ?? 'UTF8';
  return {
    findings: [
      ...(encoding === 'UTF8' ? [] : [notUtf8(encoding)]),
      ...tables
        .filter(({ name, kept }) => expected.has(name) && kept === 'u')
        .map(({ name }) => unlogged(name)),
      ...triggers
        .filter(({ tbl, name }) => expected.get(tbl)?.triggers.some((trigger) => trigger.name === name))
        .map(({ tbl, name, state }) => disabled(tbl, name, state)),
    ],
    notChecked: [],
  };
}

const notUtf8 = (encoding: string): Finding => ({
  ...{ rule: 'database-charset', severity: 'note', object: 'database', table: null, name: null },
  ...{ expected: 'UTF8', found: encoding },
  why: 'a name or value with a character that this encoding lacks is refused',
  repair: { kind: 'none', reason: 'dump the database and restore it into one made with ENCODING UTF8' },
});

const unlogged = (table: string): Finding => ({
  ...{ rule: 'table-engine', severity: 'error', object: 'table', table, name: null },
  ...{ expected: 'a table that survives a crash', found: 'UNLOGGED' },
  why: 'a crash of the server empties it, and a replica does not have it',
  repair: {
    kind: 'statements',
    statements: [
      { sql: `ALTER TABLE ${quote(table)} SET LOGGED`, table, title: `log ${table}`, scans: true },
    ],
  },
});

const disabled = (table: string, name: string, state: string): Finding => ({
  ...{ rule: 'trigger-disabled', severity: 'error', object: 'trigger', table, name },
  ...{ expected: 'enabled', found: state === 'R' ? 'fires on replicas only' : 'disabled' },
  why: 'what it refuses is not refused',
  repair: {
    kind: 'statements',
    statements: [
      {
        sql: `ALTER TABLE ${quote(table)} ENABLE TRIGGER ${quote(name)}`,
        ...{ table, title: `enable trigger ${name}` },
      },
    ],
  },
});
