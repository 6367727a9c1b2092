import { availableServers, type ServerKind } from './server-kinds.js';

/** MLTRACK_TESTS=all: every case on every server, as CI runs them in stages of their own. `npm test` has ten minutes. */
export const thorough = process.env.MLTRACK_TESTS === 'all';
const all = thorough;

/** The servers that come with npm, for what differs little from server to server; `thorough` takes all. */
export const bundled = (): ServerKind[] =>
  availableServers().filter((kind) => thorough || kind === 'sqlite' || kind === 'postgresql');

/**
 * MySQL and MariaDB are one dialect: of a long list of cases each takes every other one, where both are here. CI runs
 * all of them on both in a stage of its own.
 */
export function shareOf<T>(kind: ServerKind, cases: readonly T[]): readonly T[] {
  const twins = availableServers().filter((one) => one === 'mysql' || one === 'mariadb');
  const place = twins.indexOf(kind as (typeof twins)[number]);
  return all || twins.length < 2 || place < 0 ? cases : cases.filter((_, i) => i % 2 === place);
}

/** The servers for what takes long: MariaDB leaves it to MySQL, where that is here. */
export const longRunners = (): ServerKind[] =>
  availableServers().filter((kind, _, kinds) => all || kind !== 'mariadb' || !kinds.includes('mysql'));
