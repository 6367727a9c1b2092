import type { Schema } from '../../schema/table.js';
import type { Finding, NotChecked, ServerFacts } from '../check.js';
import type { Session } from '../dialect.js';
import { scanForeignKeys, together } from '../scan-rows.js';
import { readCounters } from './facts-sequences.js';
import { quote, quoteAll } from './quote.js';

/** Rows that point nowhere, and sequences that will give a number away twice. */
export async function scanRows(session: Session, expected: Schema, live: Schema): Promise<ServerFacts> {
  const [who] = await session.query<{ role: string }>('SELECT current_user::text AS role');
  const role = quote(who?.role ?? '');
  return together(
    await scanForeignKeys(session, expected, live, {
      grantRead: (tables) => `GRANT SELECT ON ${quoteAll(tables)} TO ${role}`,
    }),
    await scanSequences(session, expected, role),
  );
}

async function scanSequences(session: Session, expected: Schema, role: string): Promise<ServerFacts> {
  const findings: Finding[] = [];
  const unread: { readonly table: string; readonly sequence: string; readonly rows: boolean }[] = [];
  for (const { tbl, col, used, owned, readable } of await readCounters(session, expected)) {
    const sequence = used ?? owned;
    if (sequence === null) continue;
    const [may] = await session.query<{ rows: boolean }>(
      "SELECT pg_catalog.has_table_privilege(?::text::regclass, 'SELECT') AS rows",
      [quote(tbl)],
    );
    const finding = may?.rows && readable ? await behind(session, tbl, col, sequence) : null;
    if (finding) findings.push(finding);
    if (!may?.rows || !readable) unread.push({ table: tbl, sequence, rows: may?.rows ?? false });
  }
  return { findings, notChecked: notRead(unread, role) };
}

function notRead(
  unread: readonly { readonly table: string; readonly sequence: string; readonly rows: boolean }[],
  role: string,
): NotChecked[] {
  if (unread.length === 0) return [];
  const tables = unread.map(({ table }) => table);
  const rows = unread.filter(({ rows }) => !rows).map(({ table }) => table);
  const grants = [
    ...(rows.length > 0 ? [`GRANT SELECT ON ${quoteAll(rows)} TO ${role}`] : []),
    `GRANT SELECT ON SEQUENCE ${unread.map(({ sequence }) => sequence).join(', ')} TO ${role}`,
  ];
  return [
    {
      what: `whether the sequences of ${tables.join(', ')} are behind their rows`,
      why: `${role} may not read both`,
      remedy: grants.join('; '),
      hides: { rules: ['sequence-behind'], tables },
    },
  ];
}

/** @param sequence as SQL says it */
async function behind(
  session: Session,
  table: string,
  column: string,
  sequence: string,
): Promise<Finding | null> {
  const [row] = await session.query<{ next: string; greatest: string | null }>(
    `SELECT (SELECT CASE WHEN is_called THEN last_value + 1 ELSE last_value END FROM ${sequence})::text AS next,
            (SELECT max(${quote(column)}) FROM ${quote(table)})::text AS greatest`,
  );
  if (!row || row.greatest === null || BigInt(row.greatest) < BigInt(row.next)) return null;
  return {
    ...{ rule: 'sequence-behind', severity: 'error', object: 'sequence', table, name: sequence },
    expected: `the next number is above ${row.greatest}, the greatest ${column} there is`,
    found: `the next number is ${row.next}`,
    why: 'the next row that MLflow adds gets a number that is taken, and is refused',
    repair: {
      kind: 'statements',
      statements: [
        {
          sql: `SELECT pg_catalog.setval('${sequence.replaceAll("'", "''")}'::regclass, (SELECT max(${quote(column)}) FROM ${quote(table)}))`,
          ...{ table, title: `move ${sequence} on` },
        },
      ],
    },
  };
}
