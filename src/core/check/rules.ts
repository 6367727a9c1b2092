import type { RuleId } from '../../dialects/check.js';

export type { NotChecked, RuleId, Severity } from '../../dialects/check.js';

/** What a rule looks for, and what to do about a finding. */
export interface Rule {
  readonly title: string;
  readonly help: string;
}

const additions = 'It is not MLflow’s. Nothing has to be done; list it in the ignore file to hide it.';
const repaired = 'mltrack db repair puts it back.';

/** All rules, for SARIF viewers, JUnit and docs/check.md. A rule without an entry does not compile. */
export const rules: Readonly<Record<RuleId, Rule>> = {
  'table-missing': {
    title: 'A table of MLflow is missing',
    help: `MLflow fails where it reads or writes the table. ${repaired} Its rows come back from a backup only.`,
  },
  'table-extra': { title: 'A table that MLflow does not have', help: additions },
  'table-scratch': {
    title: 'A scratch table of an upgrade that died',
    help: 'Alembic copies SQLite tables into _alembic_tmp_*; a later upgrade fails on one that is left. mltrack db upgrade removes it where its rows are elsewhere.',
  },
  'table-unreadable': {
    title: 'A table whose definition cannot be read',
    help: 'Nothing can be said about the table. Compare its definition by hand with that of a new MLflow database.',
  },
  'column-missing': {
    title: 'A column of MLflow is missing',
    help: `MLflow fails where it reads or writes the column. ${repaired} Its values come back from a backup only.`,
  },
  'column-extra': {
    title: 'A column that MLflow does not have',
    help: `${additions} One that is NOT NULL and has no default is an error: every insert of MLflow fails on it.`,
  },
  'column-type': {
    title: 'A column has another type',
    help: 'Values may be cut, compared otherwise or refused. mltrack db repair changes the type where every value fits.',
  },
  'column-length': {
    title: 'A column has another length',
    help: 'Where it is shorter, MLflow’s values are refused or cut. mltrack db repair changes the length where every value fits.',
  },
  'column-collation': {
    title: 'A column has another collation or character set',
    help: 'Names that MLflow tells apart may be equal, joins may fail, and text may be refused. mltrack db repair changes it.',
  },
  'column-nullable': {
    title: 'A column takes NULL and should not, or the other way round',
    help: 'Where MLflow writes NULL, the insert fails. mltrack db repair changes it where no row stands in the way.',
  },
  'column-default': {
    title: 'A column has another default',
    help: `Rows that do not name the column get another value. ${repaired}`,
  },
  'column-generated': {
    title: 'A column is computed and should not be, or otherwise',
    help: 'Its values are not those that MLflow expects. See the finding for what can be done.',
  },
  'column-identity': {
    title: 'A column counts up and should not, or the other way round',
    help: 'Without it the inserts of MLflow fail for want of a key. See the finding for what can be done.',
  },
  'primary-key': {
    title: 'The primary key is missing or differs',
    help: 'Rows may be there twice, and lookups scan the table. mltrack db repair makes it where no row stands in the way.',
  },
  'unique-missing': {
    title: 'A unique constraint is missing',
    help: 'Rows that MLflow takes for one may be there twice. mltrack db repair makes it where no row stands in the way.',
  },
  'unique-extra': { title: 'A unique constraint that MLflow does not have', help: additions },
  'foreign-key-missing': {
    title: 'A foreign key is missing',
    help: 'Rows may point nowhere, and deleting leaves rows behind. mltrack db repair makes it; rows that point nowhere are reported first and never deleted.',
  },
  'foreign-key-action': {
    title: 'A foreign key acts otherwise on delete or update',
    help: 'A delete in MLflow fails, or leaves rows behind. mltrack db repair makes the key anew.',
  },
  'foreign-key-extra': { title: 'A foreign key that MLflow does not have', help: additions },
  'check-missing': {
    title: 'A check constraint is missing',
    help: 'Values that MLflow does not know may come in. mltrack db repair makes it where no row stands in the way.',
  },
  'check-differs': {
    title: 'A check constraint differs',
    help: 'Values of MLflow may be refused, or others let in. mltrack db repair makes it anew.',
  },
  'check-extra': { title: 'A check constraint that MLflow does not have', help: additions },
  'index-missing': {
    title: 'An index is missing',
    help: `Queries read the whole table, which takes long once it is large. ${repaired}`,
  },
  'index-differs': {
    title: 'An index has other columns, another order or another condition',
    help: 'Queries may not use it, and a later upgrade may fail on it. mltrack db repair makes it anew.',
  },
  'index-extra': { title: 'An index that MLflow does not have', help: additions },
  'trigger-missing': {
    title: 'A trigger of MLflow is missing',
    help: `What the trigger refuses comes in. ${repaired}`,
  },
  'trigger-differs': {
    title: 'A trigger of MLflow has another body',
    help: 'It may not refuse what it should. mltrack db repair makes it anew.',
  },
  'trigger-extra': { title: 'A trigger that MLflow does not have', help: additions },
  'constraint-unchecked': {
    title: 'A constraint is there but was not checked, or is not enforced',
    help: 'Rows that break it may be there, or may come in. mltrack db repair validates it where no row stands in the way.',
  },
  'index-unusable': {
    title: 'An index is there but the server does not use it',
    help: 'Queries read the whole table. mltrack db repair makes it anew.',
  },
  'trigger-disabled': {
    title: 'A trigger of MLflow is switched off',
    help: 'What the trigger refuses comes in. mltrack db repair switches it on.',
  },
  'table-engine': {
    title: 'A table has another storage engine',
    help: 'MyISAM and its like have no transactions and no foreign keys. See the finding for the statement that converts it.',
  },
  'table-collation': {
    title: 'A table has another default collation or character set',
    help: 'Columns that a later upgrade adds get it, and foreign keys between them may fail. mltrack db repair changes it.',
  },
  'database-charset': {
    title: 'The database has another character set',
    help: 'Tables that a later upgrade makes get it. See the finding for what can be done.',
  },
  'table-owner': {
    title: 'A table belongs to another role',
    help: 'Only the owner may alter a table, so a later upgrade fails. Let the owner or a superuser run the statement.',
  },
  'sequence-owner': {
    title: 'A sequence is not tied to its column, or belongs to another role',
    help: 'A later upgrade may fail, or drop the column and leave the sequence. Let the owner run the statement.',
  },
  'sequence-behind': {
    title: 'A sequence is behind the keys in its table',
    help: 'The next insert of MLflow fails on a key that is there. mltrack db repair moves it on.',
  },
  'rows-damaged': {
    title: 'The server finds the file or a table damaged',
    help: 'Take a copy of it as it is, then restore a backup, or save what can be read.',
  },
  'rows-orphaned': {
    title: 'Rows whose foreign key points nowhere',
    help: 'MLflow may fail on them, and a repair of the key is refused. Look at them; mltrack never deletes them silently.',
  },
  'hot-journal': {
    title: 'A write died in the middle',
    help: 'The SQLite file holds half of a transaction; whoever opens it next to write rolls it back. The check leaves it alone.',
  },
  'revision-behind': {
    title: 'The database is behind the newest MLflow',
    help: 'mltrack db upgrade brings it to the head. An error only with --require-head.',
  },
  'revision-half-applied': {
    title: 'A revision is done in part',
    help: 'An upgrade died in it. mltrack db upgrade does the rest.',
  },
  'stamp-wrong': {
    title: 'The stamp names another revision than the schema has',
    help: 'MLflow will not start, or will run a migration twice. See the finding for the revision that fits.',
  },
  'database-empty': {
    title: 'There is nothing of MLflow',
    help: 'mltrack db upgrade creates the tables; check the URI first.',
  },
};

/** Rules in the order of the catalogue. */
export const ruleIds = Object.keys(rules) as readonly RuleId[];

/** What only `--rows` looks at. */
export const rowRules: ReadonlySet<RuleId> = new Set<RuleId>(['rows-damaged', 'rows-orphaned']);
