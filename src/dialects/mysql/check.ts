import type { CheckModule } from '../check.js';
import { scanForeignKeys } from '../scan-rows.js';
import { collationFacts } from './collations.js';
import { comparer } from './compare-keys.js';
import { sameOn } from './equivalent.js';
import { checkFacts, engineFacts, indexFacts } from './facts.js';
import type { Flavour } from './flavour.js';
import { quote } from './quote.js';
import { accountOf } from './rights.js';
import type { MysqlSession } from './session.js';
import { findHidden } from './visibility.js';

/** How a database is checked. */
export const checkOn = (flavour: Flavour): CheckModule => ({
  same: sameOn(flavour),
  enforcesLengths: true,
  facts: async (session, expected, live) => {
    const mysql = session as MysqlSession;
    return {
      findings: [
        ...(await engineFacts(mysql, expected)),
        ...(await collationFacts(mysql, expected, live)),
        ...(await indexFacts(mysql, expected)),
        ...(await checkFacts(mysql, expected, live)),
      ],
      notChecked: await findHidden(mysql, expected, live),
    };
  },
  scanRows: async (session, expected, live) => {
    const mysql = session as MysqlSession;
    const [who] = await session.query<{ user: string }>('SELECT CURRENT_USER() AS user');
    return scanForeignKeys(session, expected, live, {
      equal: await comparer(mysql),
      grantRead: (tables) =>
        tables
          .map(
            (table) =>
              `GRANT SELECT ON ${quote(mysql.database)}.${quote(table)} TO ${accountOf(who?.user ?? '')}`,
          )
          .join('; '),
    });
  },
  // An index is built beside writers as it is: ALGORITHM and LOCK take the least by default ("Online DDL Operations").
  // Said aloud, the table of another engine would refuse it.
  online: () => null,
});
