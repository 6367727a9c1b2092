import type { CheckModule } from '../check.js';
import { scanForeignKeys } from '../scan-rows.js';
import { same } from './equivalent.js';
import { readFacts } from './facts.js';
import { quote } from './quote.js';

/** How a database is checked. */
export const check: CheckModule = {
  same,
  enforcesLengths: true,
  facts: readFacts,
  scanRows: async (session, expected, live) => {
    const [who] = await session.query<{ name: string }>('SELECT USER_NAME() AS name');
    const user = quote(who?.name ?? '');
    return scanForeignKeys(session, expected, live, {
      grantRead: (tables) => tables.map((table) => `GRANT SELECT ON ${quote(table)} TO ${user}`).join('; '),
    });
  },
  // ONLINE = ON is for the Enterprise edition and Azure only.
  online: () => null,
};
