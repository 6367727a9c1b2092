import { describe, expect, it } from 'vitest';
import type { Reported } from '../../src/core/check/report.js';
import { compareDeviations } from '../../src/core/diff/deviations.js';
import type { ReadSide, Side } from '../../src/core/diff/side.js';

const finding = (more: Partial<Reported>): Reported => ({
  ...{ rule: 'index-missing', severity: 'warning', object: 'index', table: 'runs', name: 'ix' },
  ...{ expected: '(name)', found: null, why: 'slow', repair: { kind: 'none', reason: '' } },
  ...{ id: JSON.stringify(more), message: '', sql: [] },
  ...more,
});

const side = (findings: readonly Reported[], notChecked: Side['notChecked'] = []): ReadSide =>
  ({ side: { notChecked }, checked: { findings } }) as unknown as ReadSide;

const compare = (left: Reported[], right: Reported[], sameWords = true) =>
  compareDeviations(side(left), side(right), sameWords).map(({ kind, left: one, right: other }) => [
    kind,
    one,
    other,
  ]);

describe('what two databases deviate in', () => {
  it('who does not deviate has what MLflow has', () => {
    expect(compare([finding({})], [])).toEqual([['only-right', null, '(name)']]);
    expect(compare([], [finding({})])).toEqual([['only-left', '(name)', null]]);
    const type = finding({ rule: 'column-type', object: 'column', expected: 'VARCHAR(250)', found: 'INT' });
    expect(compare([type], [])).toEqual([['differs', 'INT', 'VARCHAR(250)']]);
    const extra = finding({ rule: 'index-extra', expected: null, found: '(a)' });
    expect(compare([], [extra])).toEqual([['only-right', null, '(a)']]);
  });

  it('both in the same is none, both in another way is one', () => {
    const type = (found: string) =>
      finding({ rule: 'column-type', object: 'column', expected: 'VARCHAR(250)', found });
    expect(compare([type('INT')], [type('INT')])).toEqual([]);
    expect(compare([type('INT')], [type('BLOB')])).toEqual([['differs', 'INT', 'BLOB']]);
  });

  it('two servers: an addition is the same whatever its words, a foreign key whatever its name', () => {
    const extra = (found: string) =>
      finding({ rule: 'column-extra', object: 'column', name: 'mine', expected: null, found });
    expect(compare([extra('INTEGER NULL')], [extra('int NULL')], false)).toEqual([]);
    expect(compare([extra('INTEGER NULL')], [extra('int NULL')])).toHaveLength(1);
    const key = (name: string) =>
      finding({ rule: 'foreign-key-missing', object: 'foreign key', name, expected: '(a) → t(a)' });
    expect(compare([key('runs_ibfk_1')], [key('runs_a_fkey')], false)).toEqual([]);
  });

  it('being behind is told by the stamps; a state without words by why it matters', () => {
    const behind = finding({ rule: 'revision-behind', object: 'revision', expected: 'b', found: 'a' });
    expect(compare([behind], [])).toEqual([]);
    const state = finding({ rule: 'trigger-disabled', object: 'trigger', expected: null, found: null });
    expect(compare([state], [])).toEqual([['only-left', 'slow', null]]);
  });

  it('what one role may not see is no difference', () => {
    const trigger = finding({ rule: 'trigger-missing', object: 'trigger' });
    const blind = (tables?: string[]): Side['notChecked'] => [
      {
        ...{ what: 'triggers', why: 'hidden', remedy: 'GRANT' },
        hides: { rules: ['trigger-extra'], ...(tables ? { tables } : {}) },
      },
    ];
    expect(compareDeviations(side([trigger]), side([], blind()), true)).toEqual([]);
    expect(compareDeviations(side([trigger]), side([], blind(['runs'])), true)).toEqual([]);
    expect(compareDeviations(side([trigger]), side([], blind(['tags'])), true)).toHaveLength(1);
    expect(compareDeviations(side([finding({})]), side([], blind()), true)).toHaveLength(1);
  });
});
