import { addCheck, type Operation } from '../../schema/operation.js';
import { type Schema, sameColumns, type Table } from '../../schema/table.js';
import type { Finding, Repair, ServerFacts, Severity } from '../check.js';
import type { Session, Statement } from '../dialect.js';
import { sameKeyIn } from '../scan-rows.js';
import { same } from './equivalent.js';
import { quote, quoteAll } from './quote.js';

interface ConstraintRow extends Record<string, unknown> {
  readonly tbl: string;
  readonly name: string;
  readonly kind: 'p' | 'u' | 'f' | 'c';
  readonly validated: boolean;
  readonly enforced: boolean;
  readonly deferrable: boolean;
  readonly columns: string[] | null;
  /** Tables on which the triggers of a foreign key are switched off. */
  readonly off: string[] | null;
}

/**
 * Constraints that are there and do not hold: NOT VALID (the rows of before were never looked at), NOT ENFORCED
 * (PostgreSQL 18), DEFERRABLE (no ON CONFLICT goes by it, and foreign keys may dangle until COMMIT), or a foreign key
 * whose triggers are switched off, as `pg_restore --disable-triggers` leaves them when it dies.
 */
export async function constraintFacts(
  session: Session,
  expected: Schema,
  live: Schema,
): Promise<ServerFacts> {
  const rows = await session.query<ConstraintRow>(
    `SELECT c.relname AS tbl, k.conname AS name, k.contype::text AS kind, k.convalidated AS validated,
            COALESCE((to_jsonb(k) ->> 'conenforced')::boolean, true) AS enforced, k.condeferrable AS deferrable,
            (SELECT array_agg(a.attname::text ORDER BY n) FROM unnest(k.conkey) WITH ORDINALITY u(num, n)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num) AS columns,
            (SELECT array_agg(DISTINCT t.tgrelid::regclass::text) FROM pg_catalog.pg_trigger t
             WHERE t.tgconstraint = k.oid AND t.tgisinternal AND t.tgenabled IN ('D', 'R')) AS off
     FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
     WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND k.contype IN ('p', 'u', 'f', 'c')
     ORDER BY c.relname, k.conname`,
  );
  const findings: Finding[] = [];
  for (const row of rows) {
    const table = expected.get(row.tbl);
    if (table && isMlflows(row, table, live)) findings.push(...findingsOf(row, live));
  }
  return { findings, notChecked: [] };
}

/** Whether MLflow has such a constraint, by what it does. */
function isMlflows({ kind, name, columns, tbl }: ConstraintRow, table: Table, live: Schema): boolean {
  if (kind === 'p') return true;
  if (kind === 'u')
    return table.uniques.some((unique) =>
      sameColumns([...unique.columns].sort(), [...(columns ?? [])].sort()),
    );
  if (kind === 'f') return table.foreignKeys.some((key) => sameKeyIn(live, tbl, key)?.name === name);
  const found = live.get(tbl)?.checks.find((check) => check.name === name);
  return (
    found !== undefined &&
    table.checks.some((check) => same.sameExpression(check.expression, found.expression))
  );
}

const kinds = { p: 'primary key', u: 'unique constraint', f: 'foreign key', c: 'check' } as const;

function findingsOf(row: ConstraintRow, live: Schema): Finding[] {
  const { tbl, name, kind, columns } = row;
  const [table, constraint] = [quote(tbl), quote(name)];
  const alter = (what: string, title: string): Statement => ({
    ...{ sql: `ALTER TABLE ${table} ${what}`, table: tbl, title: `${title} ${name}`, scans: true },
  });
  const finding = (severity: Severity, found: string, why: string, repair: Repair): Finding => ({
    ...{ rule: 'constraint-unchecked', severity, object: kinds[kind], table: tbl, name },
    ...{ expected: 'checked for every row', found, why, repair },
  });
  const statements = (...list: Statement[]): Repair => ({ kind: 'statements', statements: list });
  if (!row.enforced)
    return [
      finding(
        kind === 'f' ? 'error' : 'warning',
        'NOT ENFORCED',
        'the server keeps it in mind and checks nothing',
        kind === 'f'
          ? statements(alter(`ALTER CONSTRAINT ${constraint} ENFORCED`, 'enforce'))
          : { kind: 'operations', operations: anew(row, live) },
      ),
    ];
  const found: Finding[] = [];
  if (row.off && row.off.length > 0)
    found.push(
      finding(
        'error',
        `its triggers are switched off on ${row.off.join(', ')}`,
        'the server checks nothing, and deletes nothing that belongs to a deleted row',
        // Such triggers are the server's own, so that only a superuser may switch them.
        statements(
          ...row.off.map((other) => ({
            sql: `ALTER TABLE ${other} ENABLE TRIGGER ALL`,
            ...{ table: other, title: `enable the triggers of ${other}` },
          })),
        ),
      ),
    );
  if (!row.validated)
    found.push(
      finding(
        'warning',
        'NOT VALID',
        'rows from before it was added may break it; what relies on it then goes wrong',
        statements(alter(`VALIDATE CONSTRAINT ${constraint}`, 'validate')),
      ),
    );
  if (row.deferrable)
    found.push(
      finding(
        'warning',
        'DEFERRABLE',
        kind === 'f'
          ? 'a transaction may leave rows that point nowhere until it commits'
          : 'INSERT … ON CONFLICT does not go by it and fails',
        kind === 'f'
          ? statements(alter(`ALTER CONSTRAINT ${constraint} NOT DEFERRABLE`, 'make not deferrable'))
          : kind === 'u'
            ? statements(
                alter(
                  `DROP CONSTRAINT ${constraint}, ADD CONSTRAINT ${constraint} UNIQUE (${quoteAll(columns ?? [])})`,
                  'make anew',
                ),
              )
            : {
                kind: 'none',
                reason: 'foreign keys refer to it: they must be dropped and made anew with it',
              },
      ),
    );
  return found;
}

/** A check can be enforced only by making it anew (PostgreSQL 18, ALTER TABLE). */
function anew({ tbl, name }: ConstraintRow, live: Schema): Operation[] {
  const check = live.get(tbl)?.checks.find((one) => one.name === name);
  return check ? [{ kind: 'dropCheck', table: tbl, name }, addCheck(tbl, check)] : [];
}
