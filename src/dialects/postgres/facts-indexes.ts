import { createIndex, dropIndex } from '../../schema/operation.js';
import type { Schema } from '../../schema/table.js';
import type { Finding, ServerFacts } from '../check.js';
import type { Session } from '../dialect.js';
import { quote } from './quote.js';

interface IndexRow extends Record<string, unknown> {
  readonly tbl: string;
  readonly name: string;
  readonly usable: boolean;
  readonly keeps: boolean;
  readonly unusual: string | null;
}

/**
 * Indexes that are there and are not used (CREATE INDEX CONCURRENTLY that failed leaves one), or that are made in
 * another way than plain CREATE INDEX makes them: such a one may serve no query of MLflow's.
 * indoption: 0 is ASC NULLS LAST, 3 is DESC NULLS FIRST, the defaults (src/include/catalog/pg_index.h).
 */
export async function indexFacts(session: Session, expected: Schema): Promise<ServerFacts> {
  const rows = await session.query<IndexRow>(
    `SELECT c.relname AS tbl, x.relname AS name, i.indisvalid AND i.indisready AND i.indislive AS usable,
            i.indisunique AS keeps,
            CASE WHEN m.amname <> 'btree'
                   OR EXISTS (SELECT 1 FROM unnest(i.indoption) o WHERE o NOT IN (0, 3))
                   OR EXISTS (SELECT 1 FROM unnest(i.indclass) k JOIN pg_catalog.pg_opclass o ON o.oid = k
                              WHERE NOT o.opcdefault)
                   OR EXISTS (SELECT 1 FROM unnest(i.indkey::int2[], i.indcollation::oid[]) u(num, col)
                              JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.num
                              WHERE u.col <> 0 AND u.col <> a.attcollation)
                   OR COALESCE((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)
                 THEN pg_catalog.pg_get_indexdef(i.indexrelid) END AS unusual
     FROM pg_catalog.pg_index i
     JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
     JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
     JOIN pg_catalog.pg_am m ON m.oid = x.relam
     WHERE c.relnamespace = quote_ident(current_schema())::regnamespace ORDER BY c.relname, x.relname`,
  );
  const findings: Finding[] = [];
  for (const { tbl, name, usable, keeps, unusual } of rows) {
    const table = expected.get(tbl);
    if (!table) continue;
    const index = table.indexes.find((one) => one.name === name);
    const common = { object: 'index', table: tbl, name } as const;
    if (!usable)
      findings.push({
        ...{ ...common, rule: 'index-unusable', severity: keeps ? 'error' : 'warning' },
        expected: 'an index that queries use',
        found: 'invalid: it was never built to the end',
        why: 'no query uses it and every write pays for it; one that shall keep values unique does not',
        repair: {
          kind: 'statements',
          statements: [
            { sql: `REINDEX INDEX ${quote(name)}`, table: tbl, title: `build index ${name}`, scans: true },
          ],
        },
      });
    else if (unusual !== null && index)
      findings.push({
        ...{ ...common, rule: 'index-differs', severity: 'warning' },
        expected: 'a B-tree in the columns’ own order and collation',
        found: unusual,
        why: 'it may serve none of the queries that MLflow has it for',
        repair: { kind: 'operations', operations: [dropIndex(tbl, name), createIndex(tbl, index)] },
      });
  }
  return { findings, notChecked: [] };
}
