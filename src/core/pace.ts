/** How far back, in seconds, the speed of a step is looked at, so that a stall shows. */
const windowSeconds = 20;
/** A speed over less time than this is noise. */
const leastSeconds = 2;
const moment = 0.2;

/** How fast one step goes: amounts done (rows, or a share) at their times. */
export class Pace {
  private readonly seen: { readonly at: number; readonly amount: number }[] = [];

  /** @param at seconds of any clock that never goes back */
  note(at: number, amount: number): void {
    // Two looks within a moment are one: pages of rows may come by the thousand.
    const before = this.seen.at(-2);
    if (before && at - before.at < moment) this.seen.pop();
    this.seen.push({ at, amount });
    while (this.seen.length > 2 && at - (this.seen[1] as { at: number }).at >= windowSeconds)
      this.seen.shift();
  }

  /** Amount a second of late; null before there is a base for it, and 0 where it stands still. */
  get rate(): number | null {
    const [first, last] = [this.seen[0], this.seen.at(-1)];
    if (!first || !last || last.at - first.at < leastSeconds) return null;
    return Math.max(last.amount - first.amount, 0) / (last.at - first.at);
  }
}

/** Where a whole upgrade stands, in weights (`weigh.ts`) and seconds. */
export interface Standing {
  readonly total: number;
  /** Weight of the steps that are through, and the seconds they took. */
  readonly done: number;
  readonly doneSeconds: number;
  /** Weight of the step in hand, its seconds so far, and what is left of it where it can tell. */
  readonly step: number;
  readonly stepSeconds: number;
  readonly stepShare: number | null;
  readonly stepLeft: number | null;
}

/** So much of the whole must be through before the rest is told from it. */
const leastShare = 0.05;

/**
 * Seconds that are left of everything, or null: before there is a base, and when a step that cannot tell takes longer
 * than its weight let expect.
 */
export function secondsLeft(at: Standing): number | null {
  const rest = Math.max(at.total - at.done - at.step, 0);
  if (at.stepLeft !== null && at.stepShare !== null) {
    if (rest <= at.total * 0.01) return at.stepLeft;
    const worked = at.done + at.step * at.stepShare;
    if (worked < at.total * leastShare) return null;
    return at.stepLeft + (rest * (at.doneSeconds + at.stepSeconds)) / worked;
  }
  if (at.done < at.total * leastShare || at.doneSeconds < leastSeconds) return null;
  const pace = at.doneSeconds / at.done;
  const left = at.step * pace - at.stepSeconds;
  return left < 0 ? null : left + rest * pace;
}
