import type { Session, Statement } from '../dialects/dialect.js';
import { isBusy } from './step-back.js';

/**
 * Carries one statement out with its setting. A setting that cannot be taken back is the error where the upgrade would
 * go on in the same session; else the connection is gone, and the statement's own error says why.
 *
 * @param by runs the statement itself, where that is not simply a query of the session
 */
export async function send(
  session: Session,
  { sql, setting }: Statement,
  by: (sql: string) => Promise<unknown> = (text) => session.query(text),
): Promise<void> {
  if (setting) await session.query(setting.on);
  try {
    await by(sql);
  } catch (error) {
    const takeBack = setting && session.query(setting.off);
    await (isBusy(error) ? takeBack : takeBack?.catch(() => undefined));
    throw error;
  }
  if (setting) await session.query(setting.off);
}
