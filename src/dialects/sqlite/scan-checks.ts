import type { Schema } from '../../schema/table.js';
import type { Finding, ServerFacts } from '../check.js';
import type { Session } from '../dialect.js';
import { quote } from './quote.js';

/**
 * Rows that break a check. `PRAGMA integrity_check` would tell them, but on a file that is open to read only SQLite
 * leaves checks out of the schema it reads (build.c, sqlite3AddCheckConstraint). NULL passes a check.
 */
export async function scanChecks(session: Session, expected: Schema, live: Schema): Promise<ServerFacts> {
  const findings: Finding[] = [];
  for (const { name, checks } of live.values()) {
    if (!expected.has(name)) continue;
    for (const check of checks) {
      const from = `${quote(name)} WHERE NOT (${check.expression})`;
      const [row] = await session.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${from}`);
      const count = row?.n ?? 0;
      if (count === 0) continue;
      findings.push({
        ...{ rule: 'rows-damaged', severity: 'error', object: 'check', table: name, name: check.name },
        expected: check.expression,
        found: `${count.toLocaleString('en')} row${count === 1 ? '' : 's'} that break${count === 1 ? 's' : ''} it`,
        why: 'MLflow may not know such a value, and an upgrade that builds the table anew is refused',
        repair: { kind: 'none', reason: `give these rows a value that is allowed: SELECT * FROM ${from}` },
      });
    }
  }
  return { findings, notChecked: [] };
}
