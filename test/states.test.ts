import { afterEach, describe, expect, it } from 'vitest';
import { availableServers, type Database, databaseAt } from './support/databases.js';
import { goldenAt, revisionAt, stateCount } from './support/fixtures.js';
import { goldenOf } from './support/golden.js';
import { longRunners, shareOf } from './support/share.js';
import { schemaOf, upgradeDatabase } from './support/upgrade.js';

const head = stateCount - 1;
const ordinals = Array.from({ length: stateCount }, (_, i) => i);

describe.each(availableServers())('%s: every state against the goldens of real MLflow', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it.each(shareOf(kind, ordinals))('from state %i to the head', async (ordinal) => {
    database = await databaseAt(kind, ordinal);
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(ordinal, kind));
    const { to } = await upgradeDatabase(database);
    expect(to).toBe(revisionAt(head));
    expect(goldenOf(await schemaOf(database))).toEqual(goldenAt(head, kind));
    expect(await database.rows('SELECT version_num FROM alembic_version')).toEqual([{ version_num: to }]);
  });
});

describe.each(longRunners())('%s: every state against the goldens of real MLflow', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it('step by step, each state equal', async () => {
    database = await databaseAt(kind, 0);
    for (const ordinal of ordinals.slice(1)) {
      await upgradeDatabase(database, '+1');
      expect(goldenOf(await schemaOf(database)), `after ${revisionAt(ordinal)}`).toEqual(
        goldenAt(ordinal, kind),
      );
    }
  });
});
