import type { Schema } from '../../schema/table.js';
import type { Finding, ServerFacts } from '../check.js';
import type { Session } from '../dialect.js';
import { quote } from './quote.js';

/**
 * Tables of other owners than the most. Who changes a table must be its owner or of its owner's role, so that no role
 * but a superuser could run the next upgrade. The role that checks need be neither.
 */
export async function ownerFacts(session: Session, expected: Schema): Promise<ServerFacts> {
  const rows = await session.query<{ name: string; owner: string }>(
    `SELECT relname AS name, pg_catalog.pg_get_userbyid(relowner)::text AS owner FROM pg_catalog.pg_class
     WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind IN ('r', 'p') ORDER BY relname`,
  );
  const tables = rows.filter(({ name }) => expected.has(name));
  const counts = new Map<string, number>();
  for (const { owner } of tables) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  if (!most || counts.size === 1) return { findings: [], notChecked: [] };
  const [owner] = most;
  const strangers = await session.query<{ name: string }>(
    `SELECT r.rolname AS name FROM pg_catalog.pg_roles r
     WHERE r.rolname = ANY(?::text[]) AND NOT pg_catalog.pg_has_role(?::name, r.oid, 'USAGE')`,
    [[...counts.keys()], owner],
  );
  const names = new Set(strangers.map(({ name }) => name));
  return {
    findings: tables.filter((table) => names.has(table.owner)).map((table) => otherOwner(table, owner)),
    notChecked: [],
  };
}

const otherOwner = ({ name, owner }: { name: string; owner: string }, most: string): Finding => ({
  ...{ rule: 'table-owner', severity: 'warning', object: 'table', table: name, name: null },
  ...{ expected: `owned by ${most}, as most of MLflow's tables are`, found: `owned by ${owner}` },
  why: `an upgrade changes these tables, which only their owner may: ${most} may not change this one, nor ${owner} the others`,
  repair: {
    kind: 'statements',
    statements: [
      {
        sql: `ALTER TABLE ${quote(name)} OWNER TO ${quote(most)}`,
        ...{ table: name, title: `give ${name} to ${most}` },
      },
    ],
  },
});
