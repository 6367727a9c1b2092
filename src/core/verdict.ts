import type { Server } from './guard.js';
import { jsonFile } from './migration-files.js';
import { compareVersions, type Releases } from './releases.js';
import type { Chain } from './revisions.js';
import { startersOf } from './starters.js';
import type { State } from './state.js';

/** What a server of one MLflow release does with a database as it stands. */
export interface Verdict {
  readonly version: string;
  /** `accepts`: it starts. `behind`, `ahead`: the database is, and it does not. `creates`: there is nothing yet, and it makes its own. */
  readonly relation: 'accepts' | 'behind' | 'ahead' | 'creates' | 'unknown';
  /** It would not refuse but migrate by itself, without a plan, a lock or a backup. */
  readonly migratesByItself: boolean;
  /** For people, with what to do. */
  readonly sentence: string;
  readonly todo: string | null;
}

type Rule = 'none' | 'missing' | 'differ' | 'always';
interface Start {
  readonly from: string;
  readonly rule: Rule;
  readonly tables: readonly string[];
}

/** When a server migrates by itself, by release; from `migrations/starts.json` (made by fixtures/tools/starts.py). */
async function loadStarts(): Promise<readonly Start[]> {
  return ((await jsonFile('starts')) as { starts: Start[] }).starts;
}

/** A database as far as a server looks at it. */
export interface Seen {
  readonly state: State;
  readonly current: number;
  readonly tables: readonly string[];
}

/**
 * What an MLflow server would do with this database: it compares the stamp with its own head, but looks at the tables
 * before, and migrates by itself where they are not what it expects.
 */
export async function verdictOn(
  { state, current, tables }: Seen,
  { version, where }: Server,
  chain: Chain,
  releases: Releases,
): Promise<Verdict> {
  const mlflow = `MLflow ${version}`;
  const say = (
    relation: Verdict['relation'],
    sentence: string,
    todo: string | null = null,
    migratesByItself = false,
  ): Verdict => ({ version, relation, migratesByItself, sentence, todo });
  const head = chain.ordinalOf(releases.get(version) ?? '');
  if (head === undefined)
    return say(
      'unknown',
      `${mlflow} (${where}) is not a release that this mltrack knows`,
      'use a newer mltrack',
    );
  const upgrade = `mltrack db upgrade --to ${version}`;
  if (state.kind === 'empty' || state.kind === 'others')
    return say('creates', `${mlflow} would create its tables here when it starts`, upgrade, true);
  if (current === head && state.kind === 'revision')
    return say('accepts', `${mlflow} starts on this database`);
  if (current > head)
    return say(
      'ahead',
      `${mlflow} does not start on this database, which is newer: ${startersOf(chain, releases, current)}`,
      `use that MLflow; or restore the backup from before the upgrade; or, where no row would be lost, mltrack db downgrade --to ${version}`,
    );
  const reason = migrates(await loadStarts(), version, tables);
  if (reason === null)
    return say(
      'behind',
      `${mlflow} does not start on this database, which is behind: it says so and stops`,
      upgrade,
    );
  return say(
    'behind',
    `${mlflow} would migrate this database by itself when it starts (${reason}), without a plan, a lock or a question`,
    upgrade,
    true,
  );
}

/** Why the server would migrate by itself; null where it would refuse. */
function migrates(starts: readonly Start[], version: string, found: readonly string[]): string | null {
  const start = starts.filter(({ from }) => compareVersions(from, version) <= 0).at(-1);
  if (!start) return null;
  const tables = new Set(found);
  const missing = start.tables.filter((name) => !tables.has(name));
  const some = (names: readonly string[]): string =>
    names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
  switch (start.rule) {
    case 'none':
      return missing.length === start.tables.length ? 'none of its tables is there' : null;
    case 'missing':
      return missing.length > 0 ? `it misses ${some(missing)}` : null;
    case 'differ': {
      const known = new Set(start.tables);
      const more = found.filter((name) => !known.has(name) && !name.startsWith('alembic_'));
      if (missing.length > 0) return `it misses ${some(missing)}`;
      return more.length > 0 ? `it does not expect ${some(more)}` : null;
    }
    case 'always':
      return 'it always does';
  }
}
