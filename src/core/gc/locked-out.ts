import type { MltrackError } from '../../errors.js';
import { isBusy } from '../step-back.js';
import type { Chosen } from './plan-select.js';
import type { Report } from './report.js';

/** So many items in a row that other sessions keep are no single rows any more: a whole table is locked. */
const mostInARow = 3;

/** Where another session keeps single items, the others go on; what it keeps is named, and stays for the next run. */
export class LockedOut {
  private inARow = 0;

  /** @param single rows are locked alone; on SQLite whoever writes has the whole file */
  constructor(
    private readonly report: Report,
    private readonly single: boolean,
  ) {}

  /**
   * Works on a group; where another session keeps something of it, on each of its items alone.
   *
   * @param before called before each of those; it throws to stop
   * @throws exit 7 when item after item is kept
   */
  async group<T>(
    items: readonly Chosen[],
    work: (items: readonly Chosen[]) => Promise<T>,
    before: () => void,
  ): Promise<T | undefined> {
    try {
      const result = await work(items);
      this.inARow = 0;
      return result;
    } catch (error) {
      if (!this.single || !isBusy(error)) throw error;
      if (items.length === 1) this.note(items[0] as Chosen, error);
    }
    if (items.length > 1)
      for (const item of items.filter((one) => !this.settled(one))) {
        before();
        await this.group([item], work, before);
      }
    return undefined;
  }

  /** What the group's own attempt has said something about already. */
  private settled(item: Chosen): boolean {
    const { failed, kept } = this.report;
    return [...failed, ...kept].some((one) => one.item.id === item.id);
  }

  private note(item: Chosen, error: MltrackError): void {
    if (++this.inARow > mostInARow) throw error;
    this.report.fail(item, error.message, { locked: true });
  }
}
