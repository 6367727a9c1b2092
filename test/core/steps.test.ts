import { describe, expect, it } from 'vitest';
import { restOf } from '../../src/core/heal.js';
import { type Chain, loadChain } from '../../src/core/revisions.js';
import { type ChangeStep, type Remaining, type Step, stepsOf } from '../../src/core/steps.js';
import type { Dialect } from '../../src/dialects/dialect.js';
import { dialectNames, loadDialect } from '../../src/dialects/index.js';
import { applyAll, type Operation, type Schema } from '../../src/schema/index.js';

const loaded = async () => {
  const chain = await loadChain();
  const dialects = await Promise.all(dialectNames.map(loadDialect));
  return { chain, dialects: dialects.filter(({ transactionalDdl }) => !transactionalDdl) };
};
const schemaAt = (chain: Chain, ordinal: number, { name, traits }: Dialect): Schema =>
  applyAll(new Map(), chain.operations(-1, ordinal, name), traits);
const operationsAt = (chain: Chain, ordinal: number, { name }: Dialect): Operation[] =>
  chain.operations(ordinal - 1, ordinal, name);
const from = (chain: Chain, first: number, last: number, dialect: Dialect): Remaining =>
  new Map(
    Array.from({ length: last - first + 1 }, (_, i) => [first + i, operationsAt(chain, first + i, dialect)]),
  );
const isShared = (step: Step): step is ChangeStep => step.kind === 'change' && step.ends.length > 1;

describe('revisions that share a stamp where DDL commits by itself', () => {
  it('are the two that would each copy metrics for the same check', async () => {
    const { chain, dialects } = await loaded();
    expect(dialects.length).toBeGreaterThan(0);
    for (const dialect of dialects) {
      const last = chain.revisions.length - 1;
      const steps = stepsOf(dialect, from(chain, 1, last, dialect), schemaAt(chain, 0, dialect), 'row');
      const shared = steps.filter(isShared);
      const names = shared.map(({ ends }) => ends.map((at) => chain.revisions[at]?.revision));
      expect(names).toEqual([['39d1c3be5f05', 'c48cb773bb87']]);
      const stamps = steps.flatMap((step) => (step.kind === 'stamp' ? [step.ordinal] : []));
      const first = shared[0]?.ends[0] as number;
      expect(stamps).toEqual(Array.from({ length: last }, (_, i) => i + 1).filter((at) => at !== first));
      const copies = shared[0]?.statements.filter(({ table, scans }) => table === 'metrics' && scans);
      expect(copies?.length).toBe(1);
    }
  });

  it('are left whole after a crash at any statement of them', async () => {
    const { chain, dialects } = await loaded();
    for (const dialect of dialects) {
      const { traits } = dialect;
      const base = schemaAt(chain, 0, dialect);
      const all = stepsOf(dialect, from(chain, 1, chain.revisions.length - 1, dialect), base, 'row');
      for (const step of all.filter(isShared)) {
        // A statement changes its table to what it is in the end, or makes a part of that.
        for (let done = 0; done <= step.operations.length; done++) {
          const some = step.operations.filter((_, i) => i < done);
          for (const live of [applyAll(step.before, some, traits), mixed(step, done)]) {
            const end = heal(chain, dialect, step, live);
            expect(shape(end)).toEqual(shape(step.after));
          }
        }
      }
    }
  });

  it('are only the next one where the upgrade ends between them', async () => {
    const { chain, dialects } = await loaded();
    for (const dialect of dialects) {
      const first = chain.revisions.findIndex(({ revision }) => revision === '39d1c3be5f05');
      const steps = stepsOf(
        dialect,
        from(chain, first, first, dialect),
        schemaAt(chain, first - 1, dialect),
        'row',
      );
      expect(steps.at(-1)).toMatchObject({ kind: 'stamp', ordinal: first });
    }
  });
});

/** The first `count` of a step's tables as they are in the end, the others as they were. */
function mixed({ before, after, statements }: ChangeStep, count: number): Schema {
  const tables = statements.map(({ table }) => table).filter((_, i) => i < count);
  return new Map(
    [...before].map(([name, table]) => [name, (tables.includes(name) ? after.get(name) : table) ?? table]),
  );
}

/** What the next run makes of it, from the stamp before the step on. */
function heal(chain: Chain, dialect: Dialect, { ends }: ChangeStep, found: Schema): Schema {
  const { traits } = dialect;
  const remaining = new Map<number, readonly Operation[]>();
  let live = found;
  for (const ordinal of ends) {
    const operations = operationsAt(chain, ordinal, dialect);
    const rest = restOf(live, operations, schemaAt(chain, ordinal - 1, dialect), traits);
    expect(rest.notes).toEqual([]);
    remaining.set(ordinal, rest.operations);
    live = rest.after;
  }
  const steps = stepsOf(dialect, remaining, found, 'row');
  const last = steps.filter((step): step is ChangeStep => step.kind === 'change').at(-1);
  return last?.after ?? found;
}

const shape = (schema: Schema) =>
  [...schema.values()]
    .map((table) => ({ ...table, checks: [...table.checks].sort((a, b) => order(a, b)) }))
    .sort((a, b) => order(a, b));
const order = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
