import type { CheckModule } from '../check.js';
import { together } from '../scan-rows.js';
import { same } from './equivalent.js';
import { constraintFacts } from './facts-constraints.js';
import { indexFacts } from './facts-indexes.js';
import { ownerFacts } from './facts-owners.js';
import { sequenceFacts } from './facts-sequences.js';
import { tableFacts } from './facts-tables.js';
import { scanRows } from './scan-rows.js';

/** How a database is checked. The catalogs are open to everybody, so that nothing is hidden from a role. */
export const check: CheckModule = {
  same,
  enforcesLengths: true,
  facts: async (session, expected, live) =>
    together(
      await tableFacts(session, expected),
      await ownerFacts(session, expected),
      await sequenceFacts(session, expected, live),
      await indexFacts(session, expected),
      await constraintFacts(session, expected, live),
    ),
  scanRows,
  // A REINDEX too (PostgreSQL 12).
  online: (statement) => {
    const sql = statement.sql.replace(
      /^(CREATE (?:UNIQUE )?INDEX|REINDEX INDEX) (?!CONCURRENTLY\b)/,
      '$1 CONCURRENTLY ',
    );
    return sql === statement.sql ? null : { ...statement, sql };
  },
};
