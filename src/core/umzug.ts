import type { Chain } from './revisions.js';

/**
 * Lets Umzug call `up` for each revision after `current` up to `target`, in the chain's order. It keeps no journal:
 * the stamp in `alembic_version` is the only record, written in the transaction of the changes themselves, whereas
 * Umzug would log a migration after it ran. Loaded late, because its own command line comes along (about 130 ms).
 */
export async function inOrder(
  chain: Chain,
  current: number,
  target: number,
  up: (ordinal: number) => Promise<void>,
): Promise<void> {
  const { Umzug } = await import('umzug');
  const names = chain.revisions.map(({ revision }) => revision ?? 'base');
  const umzug = new Umzug({
    migrations: names.map((name, ordinal) => ({ name, up: () => up(ordinal) })),
    storage: {
      executed: async () => names.slice(0, current + 1),
      logMigration: async () => undefined,
      unlogMigration: async () => undefined,
    },
    context: {},
    logger: undefined,
  });
  try {
    await umzug.up({ to: names[target] as string });
  } catch (error) {
    // Umzug wraps what a migration threw in words of its own; the cause is what happened.
    throw (error as { cause?: unknown }).cause ?? error;
  }
}
