import { check } from './check.js';
import type { Database } from './databases.js';
import { openToCheck } from './roles.js';

/** What a check has to say of a database that MLflow made, a line each; being behind the head is no alarm. */
export async function alarmsIn(database: Database): Promise<string[]> {
  const session = await openToCheck(database);
  try {
    const { findings, notChecked } = await check(session);
    return [
      ...findings
        .filter(({ rule }) => rule !== 'revision-behind')
        .map(({ severity, message }) => `${severity}: ${message}`),
      ...notChecked.map(({ what, why }) => `not checked: ${what}: ${why}`),
    ];
  } finally {
    await session.close();
  }
}
