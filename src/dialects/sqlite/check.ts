import type { CheckModule, Finding } from '../check.js';
import { scanForeignKeys, together } from '../scan-rows.js';
import { same } from './equivalent.js';
import { scanIntegrity } from './integrity.js';
import { scanChecks } from './scan-checks.js';
import type { SqliteSession } from './session.js';

/** How a database is checked. */
export const check: CheckModule = {
  same,
  enforcesLengths: false,
  facts: async (session) => ({
    findings: (session as SqliteSession).hotJournal ? [hotJournal(session.place)] : [],
    notChecked: [],
  }),
  scanRows: async (session, expected, live) =>
    together(
      await scanIntegrity(session, live),
      await scanChecks(session, expected, live),
      // The file's permission is that of all its tables.
      await scanForeignKeys(session, expected, live, { grantRead: () => `chmod o+r ${session.place}` }),
    ),
  online: () => null,
};

/** Everything else is told as it will be after the rollback; see `Way`. */
const hotJournal = (place: string): Finding => ({
  ...{ rule: 'hot-journal', severity: 'error', object: 'database', table: null, name: null },
  expected: 'no transaction under way',
  found: `${place}-journal, left by a process that died in the middle of a transaction`,
  why: 'whoever opens the file next undoes that transaction; copied or moved without its journal, the file is damaged. The other findings are about the state after it is undone',
  repair: {
    kind: 'command',
    command: `sqlite3 ${/[^\w./-]/.test(place) ? `'${place.replaceAll("'", "'\\''")}'` : place} "PRAGMA schema_version"`,
  },
});
