import { afterEach, describe, expect, it } from 'vitest';
import { availableServers, createDatabase, type Database } from './support/databases.js';
import { goldenAt, revisionAt, stateCount } from './support/fixtures.js';
import { goldenOf } from './support/golden.js';
import { shareOf } from './support/share.js';
import { schemaOf, upgradeDatabase } from './support/upgrade.js';

const ordinals = Array.from({ length: stateCount - 1 }, (_, i) => i + 1);

describe.each(availableServers())('%s: an empty database against the goldens of real MLflow', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it.each(shareOf(kind, ordinals))('straight from empty to state %i', async (ordinal) => {
    database = await createDatabase(kind);
    await upgradeDatabase(database, revisionAt(ordinal) as string);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(ordinal, kind));
  });
});
