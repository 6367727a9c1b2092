import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '../dialects/dialect.js';
import { ExitCode, MltrackError } from '../errors.js';
import type { Listener } from './events.js';

/** Whether somebody else's lock ended an attempt, so that another one may go through. */
export const isBusy = (error: unknown): error is MltrackError =>
  error instanceof MltrackError && error.exitCode === ExitCode.locked;

/** Somebody held a table for too long: lets them and all who wait behind go on, and says who it is. */
export async function stepBack(
  session: Session,
  listen: Listener,
  error: Error,
  attempt: number,
  until: number,
): Promise<void> {
  const blockers = await session.blockers();
  const who = blockers.length > 0 ? `; open: ${blockers.slice(0, 3).join('; ')}` : '';
  listen({ event: 'waiting', reason: `${error.message}${who}; trying again` });
  const pause = Math.min(250 * 2 ** attempt, 5000) * (0.75 + Math.random() / 2);
  await sleep(Math.max(Math.min(pause, until - Date.now()), 0));
}
