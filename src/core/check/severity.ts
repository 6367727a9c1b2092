import type { RuleId, Severity } from '../../dialects/check.js';
import type { Difference } from '../../schema/diff.js';
import { type Column, needsValue } from '../../schema/table.js';

/** What is said of a difference: its rule, how bad it is, and why it matters to MLflow. */
export interface Judgement {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly why: string;
}

const say = (rule: RuleId, severity: Severity, why: string): Judgement => ({ rule, severity, why });

const own = (what: string): string => `not MLflow's: it stays, and mltrack leaves ${what} alone`;

/** @param enforcesLengths whether the server refuses what is too long */
export function judge(difference: Difference, enforcesLengths: boolean): Judgement {
  const isMissing = difference.found === null;
  const isExtra = difference.wanted === null;
  switch (difference.part) {
    case 'table':
      return judgeTable(difference.table, isMissing, difference.facet === 'unreadable');
    case 'column':
      return judgeColumn(difference.wanted, difference.found, difference.facet, enforcesLengths);
    case 'primaryKey':
      return isExtra
        ? say(
            'primary-key',
            'warning',
            'MLflow has no primary key here; it may refuse rows that MLflow writes',
          )
        : say('primary-key', 'error', 'without it rows can be there twice, and MLflow writes by this key');
    case 'unique':
      return isExtra
        ? say('unique-extra', 'note', `${own('it')}; it refuses rows of MLflow's that repeat these columns`)
        : say('unique-missing', 'error', 'names and keys that must be unique can be written twice');
    case 'foreignKey':
      if (isExtra) return say('foreign-key-extra', 'note', `${own('it')}; it refuses rows without a parent`);
      return isMissing
        ? say('foreign-key-missing', 'error', 'rows are left behind when what they belong to is deleted')
        : say(
            'foreign-key-action',
            'error',
            'a delete or change that MLflow leaves to the server fails, or leaves rows behind',
          );
    case 'check':
      if (isExtra) return say('check-extra', 'note', `${own('it')}; it may refuse rows of MLflow's`);
      return isMissing
        ? say('check-missing', 'warning', 'values that MLflow does not know can be written')
        : say('check-differs', 'warning', 'it allows, or refuses, other values than MLflow writes');
    case 'index':
      if (isExtra) return say('index-extra', 'note', own('it'));
      if (difference.wanted?.unique && (isMissing || difference.facet === 'unique'))
        return say(
          isMissing ? 'index-missing' : 'index-differs',
          'error',
          'what must be unique can be written twice',
        );
      if (isMissing)
        return say('index-missing', 'warning', 'queries of MLflow that use it read the whole table');
      if (difference.facet === 'name')
        return say('index-differs', 'warning', 'a later upgrade looks for it by its name');
      return say('index-differs', 'warning', 'queries of MLflow that use it may read the whole table');
    case 'trigger':
      if (isExtra) return say('trigger-extra', 'note', `${own('it')}; it acts on what MLflow writes`);
      return say(
        isMissing ? 'trigger-missing' : 'trigger-differs',
        'error',
        'values that MLflow relies on never to change can be changed',
      );
  }
}

function judgeTable(name: string, isMissing: boolean, isUnreadable: boolean): Judgement {
  if (isUnreadable)
    return say('table-unreadable', 'warning', 'it cannot be compared, and no upgrade can change it');
  if (isMissing) return say('table-missing', 'error', 'MLflow fails where it reads or writes it');
  if (name.startsWith('_alembic_tmp_'))
    return say('table-scratch', 'warning', 'an upgrade of MLflow died here, and the next one fails on it');
  return say('table-extra', 'note', own('it'));
}

function judgeColumn(
  wanted: Column | null,
  found: Column | null,
  facet: Difference['facet'],
  enforcesLengths: boolean,
): Judgement {
  if (!found) return say('column-missing', 'error', 'MLflow fails where it reads or writes it');
  if (!wanted)
    return !needsValue(found)
      ? say('column-extra', 'note', own('it'))
      : say(
          'column-extra',
          'error',
          'it is NOT NULL and has no default, so every row that MLflow writes is refused',
        );
  switch (facet) {
    case 'nullable':
      return wanted.nullable
        ? say('column-nullable', 'error', 'MLflow writes NULL there, which is refused')
        : say(
            'column-nullable',
            'warning',
            'NULL can be written where MLflow expects a value; a later upgrade may fail on it',
          );
    case 'default':
      return say('column-default', 'warning', 'rows that leave the column out get another value, or none');
    case 'generated':
      return say('column-generated', 'error', 'its values are not those that MLflow reads');
    case 'identity':
      return say('column-identity', 'error', 'MLflow inserts rows without this key');
    case 'collation':
      return say(
        'column-collation',
        'warning',
        'text is compared and sorted in another way, and a foreign key of a later upgrade can be refused',
      );
    case 'length':
      return judgeLength(wanted, found, enforcesLengths);
    default:
      return say('column-type', 'error', 'values are stored, compared or refused in another way');
  }
}

function judgeLength(wanted: Column, found: Column, enforcesLengths: boolean): Judgement {
  const isShorter = lengthOf(found) < lengthOf(wanted);
  if (isShorter && enforcesLengths)
    return say('column-length', 'error', 'longer values, which MLflow writes, are refused or cut');
  return say('column-length', 'warning', 'a later upgrade expects the other length');
}

/** How much text such a type holds, where a server has several. */
const rooms: Readonly<Record<string, number>> = {
  tinytext: 255,
  text: 65_535,
  mediumtext: 2 ** 24 - 1,
  longtext: 2 ** 32 - 1,
};

/** The declared length; without one as long as may be. */
export function lengthOf({ type }: Column): number {
  if (type.kind === 'string') return type.length;
  if (type.kind === 'text') return rooms[`${type.size ?? ''}text`] as number;
  if (type.kind !== 'native') return Number.POSITIVE_INFINITY;
  const [, length] = /\((\d+)/.exec(type.text) ?? [];
  return length === undefined ? (rooms[type.text.toLowerCase()] ?? Number.POSITIVE_INFINITY) : Number(length);
}
