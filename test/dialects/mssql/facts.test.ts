import { describe, expect, it } from 'vitest';
import { hiddenFrom, type Idle, idleFinding } from '../../../src/dialects/mssql/facts.js';

const idle = (more: Partial<Idle>): Idle => ({
  ...{ kind: 'foreign key', tbl: 'params', name: 'fk', disabled: true, untrusted: true, uniq: false },
  ...more,
});

const summary = (one: Idle) => {
  const { rule, severity, found, repair } = idleFinding(one);
  return [rule, severity, found, repair.kind === 'statements' ? repair.statements.map(({ sql }) => sql) : []];
};

describe('what SQL Server has and does not use', () => {
  it.each([
    [
      idle({}),
      'constraint-unchecked',
      'error',
      'disabled',
      'ALTER TABLE params WITH CHECK CHECK CONSTRAINT fk',
    ],
    [
      idle({ disabled: false }),
      'constraint-unchecked',
      'warning',
      'not trusted (WITH NOCHECK)',
      'ALTER TABLE params WITH CHECK CHECK CONSTRAINT fk',
    ],
    [
      idle({ kind: 'check' }),
      'constraint-unchecked',
      'warning',
      'disabled',
      'ALTER TABLE params WITH CHECK CHECK CONSTRAINT fk',
    ],
    [idle({ kind: 'index' }), 'index-unusable', 'warning', 'disabled', 'ALTER INDEX fk ON params REBUILD'],
    [
      idle({ kind: 'index', uniq: true }),
      'index-unusable',
      'error',
      'disabled',
      'ALTER INDEX fk ON params REBUILD',
    ],
    [idle({ kind: 'trigger' }), 'trigger-disabled', 'error', 'disabled', 'ENABLE TRIGGER fk ON params'],
  ])('%# is told with what switches it on again', (one, rule, severity, found, sql) => {
    expect(summary(one)).toEqual([rule, severity, found, [sql]]);
  });

  it('says what a user without VIEW DEFINITION does not see, and hides it', () => {
    const reader = hiddenFrom('reader', { all: true, undefinable: ['runs'], missing: ['params'] });
    expect(reader).toMatchObject([
      { remedy: 'GRANT VIEW DEFINITION TO reader', hides: { tables: ['runs'] } },
    ]);
    expect(reader[0]?.hides.rules).toContain('foreign-key-missing');
    expect(reader[0]?.hides.rules).not.toContain('column-missing');
    const stranger = hiddenFrom('stranger', { all: false, undefinable: [], missing: ['params'] });
    expect(stranger).toMatchObject([{ hides: { rules: ['table-missing'], tables: ['params'] } }]);
    expect(hiddenFrom('owner', { all: true, undefinable: [], missing: ['params'] })).toEqual([]);
  });
});
