import { appendFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutantsAt, sampleOf } from '../mutants/batches.js';
import { scoreOf } from '../mutants/run.js';
import { availableServers } from '../support/databases.js';
import { ordinalOf, revisionAt, stateCount } from '../support/fixtures.js';

/**
 * `npm run mutants`: every mutant at four revisions; MLTRACK_MUTANTS=12, as CI has it, every twelfth of them. Else one of
 * each kind at the head. docs/mutation.md tells.
 */
const asked = process.env.MLTRACK_MUTANTS ?? '';
const all = asked !== '';
const step = asked === 'all' ? 1 : Number(asked || 1);
const head = stateCount - 1;
/** Of MLflow 1.30, 2.9 and 3.10, and the newest. */
const ordinals = all ? [...['97727af70f4d', 'acf3f17fdcc7', '1b5f0d9ad7c1'].map(ordinalOf), head] : [head];

const totals = { made: 0, killed: 0, repaired: 0 };

describe('mutants', () => {
  for (const kind of availableServers())
    it.each(ordinals)(
      `of ${kind} at state %i are reported and repaired`,
      async (ordinal) => {
        const mutants = mutantsAt(kind, ordinal);
        const chosen = all ? mutants.mutants.filter((_, i) => i % step === 0) : sampleOf(mutants.mutants);
        expect(new Set(chosen.map(({ edit }) => edit.kind)).size).toBeGreaterThan(all ? 12 : 20);
        const { made, killed, repaired, misses } = await scoreOf(kind, ordinal, mutants, chosen);
        totals.made += made;
        totals.killed += killed;
        totals.repaired += repaired;
        tell(
          `mutants ${kind} at ${revisionAt(ordinal)}: ${killed} of ${made} killed, ${repaired} of ${made} repaired`,
        );
        if (all) tell(`  impossible there: ${count(mutants.impossible)}`);
        expect(misses.map(({ of, mutant, why }) => `${of}: ${mutant}: ${why}`)).toEqual([]);
      },
      1_800_000,
    );

  it('adds up', () => {
    const { made, killed, repaired } = totals;
    tell(`mutants: ${killed} of ${made} killed, ${repaired} of ${made} repaired`);
    expect(made).toBeGreaterThan(all ? 20_000 / step : 80);
    expect([killed, repaired]).toEqual([made, made]);
  });
});

/** On the terminal itself: a reporter may keep what a test prints. CI keeps it in the summary of the step. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
  if (all && process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, `${line}\n\n`);
}

/** "25 a primary key's column is NOT NULL on MySQL, 1 …". */
function count(impossible: readonly string[]): string {
  const reasons = new Map<string, number>();
  for (const line of impossible) {
    const reason = line.slice(line.lastIndexOf(': ') + 2);
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return [...reasons].map(([reason, times]) => `${times} × ${reason}`).join(', ');
}
