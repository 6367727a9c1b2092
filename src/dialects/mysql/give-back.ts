import type { Session } from '../dialect.js';
import { eachTable, type GivenBack, type GivingBack, kibOf, tablesOf } from '../give-back.js';
import { readBytes } from './disk.js';
import { readFacts } from './server-facts.js';

/** InnoDB builds the table anew in place, beside readers and writers ("OPTIMIZE TABLE Statement", MySQL manual). */
export async function giveBack(
  session: Session,
  tables: readonly string[],
  { checkpoint, lockTimeoutMs }: GivingBack,
): Promise<GivenBack> {
  if (tables.length === 0) return { said: 'no table lost rows', failed: [] };
  const facts = await readFacts(session);
  // MySQL 8 keeps such numbers for a day; MariaDB has no such variable.
  await session.query('SET SESSION information_schema_stats_expiry = 0').catch(() => undefined);
  const before = await readBytes(session, tables, facts);
  const seconds = Math.max(Math.round(lockTimeoutMs / 1000), 1);
  await session.query(`SET SESSION lock_wait_timeout = ${Math.min(seconds, 31_536_000)}`);
  const { done, failed } = await eachTable(tables, checkpoint, async (table) => {
    // An error is a row of the answer, as a rule.
    const rows = await session.query<{ Msg_type: string; Msg_text: string }>(
      `OPTIMIZE TABLE ${session.sql.quote(table)}`,
    );
    const error = rows.find(({ Msg_type }) => /^error$/i.test(Msg_type));
    if (error) throw new Error(error.Msg_text);
  });
  const after = await readBytes(session, tables, facts);
  const [own] = await session.query<{ n: number }>('SELECT @@innodb_file_per_table AS n');
  const shared = own?.n === 0 ? '; innodb_file_per_table is off, so that the common file keeps its size' : '';
  const said = `${tablesOf(done.length)} built anew: ${kibOf(after, done)}, before ${kibOf(before, done)}${shared}`;
  return { said: done.length > 0 ? said : null, failed };
}
