import { setTimeout as sleep } from 'node:timers/promises';
import { lockedError } from '../errors.js';
import type { ConnectOptions } from './dialect.js';

/** A lock as its server keeps it. */
interface Lock {
  /** Takes it if nobody has it. */
  take(): Promise<boolean>;
  /** Who has it, for people. */
  holder(): Promise<string>;
}

/**
 * Takes the lock that keeps other runners out. Polled with jitter, so that a stop is honoured while it waits, and
 * nobody sits in the server holding something; the first time in vain it is told who has it.
 *
 * @throws exit 7 when the time is over or a stop was asked for
 */
export async function waitForLock(
  lock: Lock,
  session: { readonly interrupted: boolean },
  options: ConnectOptions,
): Promise<void> {
  const until = Date.now() + options.lockWaitMs;
  for (let told = false; ; told = true) {
    if (await lock.take()) return;
    const expired = Date.now() >= until || session.interrupted;
    if (expired || !told) {
      const reason = `another mltrack is upgrading this database: ${await lock.holder()}`;
      if (expired) throw lockedError(reason, 'wait longer with --lock-wait, or look at that process');
      options.onWait?.(reason);
    }
    await sleep(100 + Math.random() * 200);
  }
}
