import type { UpgradeEvent } from '../../src/core/events.js';
import { Stop } from '../../src/core/stop.js';
import { type UpgradeResult, upgrade } from '../../src/core/upgrade.js';
import type { Session } from '../../src/dialects/dialect.js';
import type { Schema } from '../../src/schema/table.js';
import { type Database, openSession } from './databases.js';
import { irreversible } from './irreversible.js';

export interface Upgraded extends UpgradeResult {
  readonly events: readonly UpgradeEvent[];
}

/** Upgrades a database in this process, as the command does; `prepare` may put something before what its session does. */
export async function upgradeDatabase(
  database: Database,
  to?: string,
  yes = false,
  prepare: (session: Session) => unknown = () => undefined,
): Promise<Upgraded> {
  const { session } = await openSession(database);
  const events: UpgradeEvent[] = [];
  try {
    await prepare(session);
    const result = await upgrade(session, {
      ...(to === undefined ? {} : { to }),
      yes,
      confirm: irreversible,
      stop: new Stop(),
      listen: (event) => events.push(event),
    });
    return { ...result, events };
  } finally {
    await session.close();
  }
}

export async function schemaOf(database: Database): Promise<Schema> {
  const { session } = await openSession(database);
  try {
    return await session.introspect();
  } finally {
    await session.close();
  }
}
