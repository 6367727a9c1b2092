import type { Session } from '../dialects/dialect.js';
import type { Ready } from './prepopulate-where.js';
import { readStamps, versionTable } from './state.js';
import type { Stop } from './stop.js';

/** An upgrade has come by: nothing more is to be done ahead of it. */
export class Moved extends Error {}

/** Opens a transaction under the lock of an upgrade, so that no other mltrack's runs beside it. */
export async function openWrite(session: Session): Promise<void> {
  await session.begin();
  // Where DDL commits by itself, the lock is the session's, and there is no transaction yet.
  if (!session.inTransaction) await session.beginWrite();
}

/** Commits; whoever stops from now on is told how it is left. */
export async function commit(session: Session, stop: Stop): Promise<void> {
  await session.commit();
  stop.cannotUndo('what is filled stays, and the stamp is as it was');
}

/** That the stamp is where it was. @throws Moved where an upgrade has come by */
export async function requireStamp(session: Session, { stamp }: Ready): Promise<void> {
  const stamps = await readStamps(session, [versionTable]);
  if (stamps?.length !== 1 || stamps[0] !== stamp)
    throw new Moved(
      `the database was taken to ${stamps?.join(', ')} meanwhile; what is left is the upgrade's`,
    );
}

/**
 * That what was read in this transaction was all there: an upgrade that heeds no lock of ours, MLflow's, may have
 * begun. It creates tables before it deletes the sources, so that whoever has read too little sees them here.
 *
 * @throws Moved where it may be so
 */
export async function requireSources(session: Session, found: Ready): Promise<void> {
  await requireStamp(session, found);
  const names = new Set(await session.tableNames());
  if (found.later.some((name) => names.has(name)))
    throw new Moved(`${found.revision} was begun meanwhile; what is left is the upgrade's`);
}
