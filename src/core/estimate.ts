import type { Cost, Deed, LockClaim, Locks, Probe, Sample, TableSize } from '../dialects/cost.js';
import type { RowWork } from '../schema/row-work.js';
import type { Step } from './steps.js';

/** How long an upgrade will take. */
export interface Estimate {
  /** Seconds; `high` is four times `low`. */
  readonly low: number;
  readonly high: number;
  /** What it rests on, for people: what was measured here, and what was assumed. */
  readonly basis: string;
}

/**
 * The truth lies between half and double (bench/plan-results.md says how often): what writing costs beside reading
 * depends on disks and caches, which no read tells.
 */
const margin = 2;

/** Reading the schema, looking for obstacles, the stamp: what an upgrade does beside its steps, in round trips. */
const aroundTrips = 40;

/**
 * The statements and row works of an upgrade with their locks, in order. Tables that the upgrade itself has created
 * keep nobody waiting where nobody sees them before its end.
 */
export function deedsOf(locks: Locks, steps: readonly Step[], transactional: boolean): Deed[] {
  const deeds: Deed[] = [];
  const own = new Set<string>();
  const hidden = (claims: readonly LockClaim[]): LockClaim[] =>
    claims.map((claim) => (own.has(claim.table) ? { ...claim, blocks: 'nothing' } : claim));
  for (const step of steps) {
    if (step.kind === 'rows') deeds.push({ claims: hidden(locks.rowClaims(step.work)), of: step.work });
    if (step.kind !== 'change') continue;
    if (transactional) for (const name of step.after.keys()) if (!step.before.has(name)) own.add(name);
    const claims = locks.claims(step);
    for (const [i, statement] of step.statements.entries())
      deeds.push({ claims: hidden(claims[i] ?? []), of: statement });
  }
  return deeds;
}

/** The time that `deeds` take, from the sizes of the tables and the speed that was measured. */
export function estimate(
  { weights, spills }: Cost,
  deeds: readonly Deed[],
  sizes: readonly TableSize[],
  probe: Probe,
): Estimate {
  const { average, of: speed } = speeds(probe, weights.assumed);
  const rows = new Map(sizes.map((size) => [size.table, size.rows]));
  const slower = new Map(sizes.map((size) => [size.table, spills(size)]));
  const scanned = (table: string) => (rows.get(table) ?? 0) * speed(table).scan;
  const sorted = (table: string) => (rows.get(table) ?? 0) * speed(table).sort;
  const locked = ({ table, work, blocks }: LockClaim): number => {
    if (work === 'scan') return weights.scan * scanned(table);
    if (work === 'rewrite') return (blocks === 'nothing' ? weights.rewrite : weights.copy) * scanned(table);
    return work === 'build' || work === 'online' ? weights.build * sorted(table) : 0;
  };
  const rowWork = (work: RowWork): number =>
    sum(work.reads, (table) =>
      work.streams?.includes(table)
        ? weights.stream * scanned(table)
        : weights.inside * sorted(table) * (slower.get(table) ?? 1),
    );
  const seconds =
    weights.fixed +
    (aroundTrips + deeds.length) * probe.roundTripSeconds +
    deeds.length * weights.statement +
    weights.check * probe.checkedRows * average.scan +
    sum(deeds, ({ of, claims }) => ('sql' in of ? sum(claims, locked) : rowWork(of)));
  return { low: seconds / margin, high: seconds * margin, basis: basisOf(probe, sizes) };
}

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);

interface Speed {
  readonly scan: number;
  readonly sort: number;
}

/** Seconds to read and to sort a row of a table: its own where it was looked at, else those of all samples. */
function speeds({ samples }: Probe, assumed: Speed): { average: Speed; of(table: string): Speed } {
  const mean = (some: readonly Sample[]): Speed => {
    const rows = sum(some, (sample) => sample.rows);
    return {
      scan: sum(some, (sample) => sample.scanSeconds) / rows,
      sort: sum(some, (sample) => sample.sortSeconds) / rows,
    };
  };
  const average = samples.length > 0 ? mean(samples) : assumed;
  return {
    average,
    of: (table) => {
      const own = samples.filter((sample) => sample.table === table);
      return own.length > 0 ? mean(own) : average;
    },
  };
}

function basisOf({ samples, roundTripSeconds }: Probe, sizes: readonly TableSize[]): string {
  const trip = `${(roundTripSeconds * 1000).toFixed(1)} ms to the server and back`;
  const guessed = sizes.filter((size) => !size.exact).length;
  const read = samples.map(
    ({ table, rows, scanSeconds, sortSeconds }) =>
      `${table} ${whole(rows / scanSeconds)} read and ${whole(rows / sortSeconds)} sorted`,
  );
  const measured =
    read.length > 0
      ? `measured here: rows a second of ${read.join(', ')}; ${trip}`
      : `measured here: ${trip}; no table has rows enough to measure more`;
  const weights =
    'what writing costs beside reading is known from other servers, as is the time to wait for the disk';
  return `${measured}; ${weights}${guessed > 0 ? `; ${guessed} tables were not counted` : ''}`;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
