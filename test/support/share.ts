import { availableServers, type ServerKind } from './server-kinds.js';

/** MLTRACK_TESTS=all: every case on every server, as CI runs them in stages of their own. `npm test` has ten minutes. */
export const thorough = process.env.MLTRACK_TESTS === 'all';
const all = thorough;

/** The servers that come with npm, for what differs little from server to server; `thorough` takes all. */
export const bundled = (): ServerKind[] =>
  availableServers().filter((kind) => thorough || kind === 'sqlite' || kind === 'postgresql');

/** Of a list as long as that, such as all states, MySQL and MariaDB leave every other case to CI. */
const long = 40;

/**
 * MySQL and MariaDB are one dialect: of a list of cases each takes every other one, where both are here, of a long one
 * every fourth. CI runs all of them on both in a stage of its own.
 */
export function shareOf<T>(kind: ServerKind, cases: readonly T[]): readonly T[] {
  const twins: readonly ServerKind[] = availableServers().filter(
    (one) => one === 'mysql' || one === 'mariadb',
  );
  const place = twins.indexOf(kind);
  if (all || twins.length < 2 || place < 0) return cases;
  return cases.length < long ? turnsOf(kind, twins, cases) : cases.filter((_, i) => i % 4 === 2 * place);
}

/** Cases that the given servers take by turns in `npm test`. */
export const turnsOf = <K extends ServerKind, T>(
  kind: K,
  kinds: readonly K[],
  cases: readonly T[],
): readonly T[] => (all ? cases : cases.filter((_, i) => i % kinds.length === kinds.indexOf(kind)));

/** Of cases that are much alike, so many first ones; CI runs all of them in a stage of its own. */
export const fewOf = <T>(cases: readonly T[], count: number): readonly T[] =>
  all ? cases : cases.slice(0, count);

/** The servers for what takes long: MariaDB leaves it to MySQL, where that is here. */
export const longRunners = (): ServerKind[] =>
  availableServers().filter((kind, _, kinds) => all || kind !== 'mariadb' || !kinds.includes('mysql'));
