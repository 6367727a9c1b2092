import type { CheckModule, Finding, ObjectKind } from '../../dialects/check.js';
import type { Dialect } from '../../dialects/dialect.js';
import type { Difference, PartName } from '../../schema/diff.js';
import type { Schema } from '../../schema/table.js';
import { repairFor } from './repairs.js';
import { judge } from './severity.js';
import { sidesOf } from './words.js';

/** What a difference is seen against. */
export interface Seen {
  readonly expected: Schema;
  readonly live: Schema;
  readonly dialect: Dialect;
  readonly module: CheckModule;
}

export const kinds = {
  table: 'table',
  column: 'column',
  primaryKey: 'primary key',
  unique: 'unique constraint',
  foreignKey: 'foreign key',
  check: 'check',
  index: 'index',
  trigger: 'trigger',
} satisfies Record<PartName, ObjectKind>;

/** A difference as a finding: how bad it is, why, and what repairs it. */
export function findingOf(difference: Difference, seen: Seen): Finding {
  const { rule, severity, why } = judge(difference, seen.module.enforcesLengths);
  const repair =
    difference.part === 'table' && rule === 'table-scratch'
      ? ({ kind: 'command', command: 'mltrack db upgrade' } as const)
      : repairFor(difference, seen);
  return {
    ...{ rule, severity, why, repair, object: kinds[difference.part], table: difference.table },
    name: nameOf(difference),
    ...sidesOf(difference),
  };
}

/** What a part is called: what is there before what should be; a constraint without a name by its columns. */
export function nameOf(difference: Difference): string | null {
  switch (difference.part) {
    case 'table':
      return null;
    case 'column':
    case 'trigger':
      return (difference.wanted ?? difference.found)?.name ?? null;
    case 'index': {
      const part = difference.wanted ?? difference.found;
      return part?.name || (part?.columns.map(({ name }) => name).join('_') ?? null);
    }
    case 'check': {
      const part = difference.wanted ?? difference.found;
      return part?.name ?? part?.expression ?? null;
    }
    case 'primaryKey':
    case 'unique':
    case 'foreignKey': {
      const part = difference.wanted ?? difference.found;
      return part?.name ?? part?.columns.join(', ') ?? null;
    }
  }
}
