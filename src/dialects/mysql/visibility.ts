import { ExitCode, MltrackError } from '../../errors.js';
import type { Schema } from '../../schema/table.js';
import type { NotChecked, RuleId } from '../check.js';
import { quote } from './quote.js';
import { has, type Rights, readRights, showsTables } from './rights.js';
import type { MysqlSession } from './session.js';

const ofTriggers: readonly RuleId[] = ['trigger-missing', 'trigger-differs', 'trigger-extra'];

/** What is hidden of a table of which a user may read some columns only. */
const ofTables: readonly RuleId[] = [
  ...ofTriggers,
  ...(['table-missing', 'table-unreadable', 'table-engine', 'table-collation'] as const),
  ...(['column-missing', 'column-type', 'column-length', 'column-collation', 'column-nullable'] as const),
  ...(['column-default', 'column-generated', 'column-identity', 'primary-key', 'unique-missing'] as const),
  ...(['unique-extra', 'foreign-key-missing', 'foreign-key-action', 'foreign-key-extra'] as const),
  ...(['check-missing', 'check-differs', 'check-extra', 'constraint-unchecked'] as const),
  ...(['index-missing', 'index-differs', 'index-extra', 'index-unusable'] as const),
];

/**
 * What the connected user may not see. information_schema leaves out what a user has no right on, without a word: a
 * table without any right on it, the triggers of a table without TRIGGER (MySQL manual, 28.3.45 "The
 * INFORMATION_SCHEMA TRIGGERS Table"; MariaDB alike), the other columns where a right is on some of them.
 */
export async function findHidden(
  session: Pick<MysqlSession, 'query' | 'database'>,
  expected: Schema,
  live: Schema,
): Promise<NotChecked[]> {
  const rights = await readRights(session);
  const names = [...expected.keys()];
  if (rights === null)
    return [
      {
        what: 'what is not there',
        why: 'the server does not tell the rights of this user (SHOW GRANTS)',
        remedy: 'check as a user of the server itself, or as the user that MLflow connects as',
        hides: { rules: ofTables },
      },
    ];
  const hidden = names.filter((name) => !showsTables(rights.on(name)));
  const shown = names.filter((name) => live.has(name) && !hidden.includes(name));
  const withoutTriggers = shown.filter((name) => !has(rights.on(name), 'TRIGGER'));
  const wanted = withoutTriggers.filter((name) => expected.get(name)?.triggers.length);
  return [
    ...(hidden.length > 0 ? [tables(hidden, rights, session.database)] : []),
    ...(withoutTriggers.length > 0 ? [triggers(withoutTriggers, wanted, rights, session.database)] : []),
  ];
}

const all = (database: string): string => `${quote(database)}.*`;

const tables = (hidden: readonly string[], { user, onAll }: Rights, database: string): NotChecked => ({
  what: `the table${hidden.length === 1 ? '' : 's'} ${hidden.join(', ')}`,
  why: `${user} has no right on ${hidden.length === 1 ? 'it' : 'them'} as a whole, and sees nothing of what it has no right on`,
  remedy:
    hidden.length === 1 && !showsTables(onAll)
      ? `GRANT SELECT, TRIGGER ON ${quote(database)}.${quote(hidden[0] as string)} TO ${user}`
      : `GRANT SELECT, TRIGGER ON ${all(database)} TO ${user}`,
  hides: { rules: ofTables, tables: hidden },
});

function triggers(
  hidden: readonly string[],
  wanted: readonly string[],
  { user }: Rights,
  database: string,
): NotChecked {
  return {
    what: `the triggers of ${wanted.length > 0 && wanted.length < 4 ? `${wanted.join(', ')} and of other tables` : `${hidden.length} tables`}`,
    why: `${user} has no right TRIGGER, without which the server shows none`,
    remedy: `GRANT TRIGGER ON ${all(database)} TO ${user}`,
    hides: { rules: ofTriggers, tables: hidden },
  };
}

/**
 * Whether the table of the stamp is not there or only not shown: a user without a right on it is refused, whichever.
 *
 * @throws exit 10 where that cannot be told
 */
export async function refuseHiddenStamp(session: Pick<MysqlSession, 'query'>): Promise<void> {
  try {
    await session.query('SELECT 1 FROM alembic_version LIMIT 0');
  } catch (error) {
    if (error instanceof MltrackError && error.exitCode === ExitCode.blocked) throw error;
  }
}
