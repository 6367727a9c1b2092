import { availableServers, type ServerKind } from './server-kinds.js';

/**
 * MLTRACK_TESTS=all: every case, as CI runs them in stages of their own (`npm test` has ten minutes); full: also what differs
 * little from server to server, on every server (`npm run test:full`).
 */
const full = process.env.MLTRACK_TESTS === 'full';
export const thorough = full || process.env.MLTRACK_TESTS === 'all';

/**
 * The servers for what differs little from server to server: those that come with npm; on CI MariaDB too, since MySQL, of
 * the same dialect, takes twice as long; or MySQL, where that is alone.
 */
export const bundled = (): ServerKind[] =>
  availableServers().filter((kind, _, kinds) => {
    if (kind === 'sqlite' || kind === 'postgresql' || full) return true;
    return thorough && (kind === 'mariadb' || !kinds.includes('mariadb'));
  });

/** Of a list as long as that, such as all states, no server takes all cases in `npm test`. */
const long = 40;

/**
 * MySQL and MariaDB are one dialect: of a list of cases each takes every other one, where both are here, of a long one
 * every fourth; of a long one SQLite and PostgreSQL take every other one. CI runs all of them in stages of their own, of
 * a long one each on MySQL or on MariaDB.
 */
export function shareOf<T>(kind: ServerKind, cases: readonly T[]): readonly T[] {
  const twins: readonly ServerKind[] = availableServers().filter(
    (one) => one === 'mysql' || one === 'mariadb',
  );
  const place = twins.indexOf(kind);
  if (place < 0) return cases.length < long ? cases : turnsOf(kind, bundled(), cases);
  if (full || twins.length < 2) return cases;
  if (cases.length < long) return turnsOf(kind, twins, cases);
  return cases.filter((_, i) => i % (thorough ? 2 : 4) === place);
}

/** Cases that the given servers take by turns in `npm test`. */
export const turnsOf = <K extends ServerKind, T>(
  kind: K,
  kinds: readonly K[],
  cases: readonly T[],
): readonly T[] => (thorough ? cases : cases.filter((_, i) => i % kinds.length === kinds.indexOf(kind)));

/** Of cases that are much alike, so many first ones; CI runs all of them in a stage of its own. */
export const fewOf = <T>(cases: readonly T[], count: number): readonly T[] =>
  thorough ? cases : cases.slice(0, count);

/** The servers for what takes long: MariaDB leaves it to MySQL, where that is here. */
export const longRunners = (): ServerKind[] =>
  availableServers().filter((kind, _, kinds) => thorough || kind !== 'mariadb' || !kinds.includes('mysql'));
