import { randomBytes } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { codeOf } from './file-store.js';

/** Before the name of the process that moved something to its way out. */
export const ownerMark = '@by@';

const host = hostname()
  .replace(/[^A-Za-z0-9-]/g, '-')
  .slice(0, 64);
/** This process; the last part tells it from one that had its number before, as 1 in a container. */
export const ownName = [host, process.pid, randomBytes(4).toString('hex')].join('.');

/** How long what a process on another machine moved is left to it, milliseconds: whether it lives cannot be seen. */
const strangersTurn = 10 * 60_000;

/** Whether what lies on its way out is in the hands of another mltrack that still works on it. */
export async function inOtherHands(path: string, name: string): Promise<boolean> {
  const owner = name.split(ownerMark)[1]?.split('@')[0];
  const [machine, pid] = owner?.split('.') ?? [];
  if (owner === undefined || owner === ownName) return false;
  if (machine === host) return Number(pid) !== process.pid && isAlive(Number(pid));
  const found = await lstat(path).catch(() => null);
  return found !== null && Date.now() - found.ctimeMs < strangersTurn;
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    // A process of another user is one.
    return codeOf(error) === 'EPERM';
  }
}
