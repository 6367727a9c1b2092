import { ExitCode, lockedError, MltrackError } from '../../errors.js';
import type { RowCounts } from './delete-rows-walk.js';
import type { Kept } from './eligible-rules.js';
import type { RemovedOrphans } from './orphan-artifacts-remove.js';
import type { Chosen, PlanKind } from './plan-select.js';

/** An item that stayed because something failed. */
export interface Failed {
  readonly item: Chosen;
  readonly why: string;
  /** Another session kept its rows. */
  readonly locked?: true;
}

/** What a collection did: what is gone, what stayed, and why. */
export interface GcReport {
  /** Items that are gone whole. */
  readonly gone: Readonly<Record<PlanKind, number>>;
  /** How many they are. */
  readonly done: number;
  /** Rows that went, by table. */
  readonly rows: ReadonlyMap<string, number>;
  readonly artifacts: { readonly files: number; readonly bytes: number };
  readonly failed: readonly Failed[];
  /** What was chosen and stayed all the same. */
  readonly kept: readonly Kept[];
  /** What stayed from the start. */
  readonly left: readonly Kept[];
  /** How many items were chosen. */
  readonly total: number;
  /** Rows that pointed nowhere, by table; null where none were looked for. */
  readonly orphans: ReadonlyMap<string, number> | null;
  /** Folders that belong to nothing; null where none were looked for. */
  readonly orphanArtifacts: RemovedOrphans | null;
  /** What giving back the space did; null where it was not asked for. */
  readonly vacuumed: string | null;
  /** Why space was not given back, where that failed. */
  readonly notVacuumed: readonly string[];
}

/** The same, as it goes on. */
export class Report implements GcReport {
  readonly gone: Record<PlanKind, number> = { run: 0, model: 0, experiment: 0, job: 0 };
  readonly rows: RowCounts = new Map();
  readonly artifacts = { files: 0, bytes: 0 };
  readonly failed: Failed[] = [];
  /** What was chosen and stayed all the same. */
  readonly kept: Kept[] = [];
  /** Rows that pointed nowhere, by table; null where none were looked for. */
  orphans: RowCounts | null = null;
  /** What giving back the space did; null where it was not asked for. */
  vacuumed: string | null = null;
  /** Why space was not given back, where that failed. */
  notVacuumed: readonly string[] = [];

  /** Folders that belong to nothing; null where none were looked for. */
  orphanArtifacts: RemovedOrphans | null = null;

  constructor(
    /** What stayed from the start. */
    readonly left: readonly Kept[],
    readonly total: number,
  ) {}

  get done(): number {
    return Object.values(this.gone).reduce((sum, n) => sum + n, 0);
  }

  addRows(rows: ReadonlyMap<string, number>): void {
    for (const [table, n] of rows) this.rows.set(table, (this.rows.get(table) ?? 0) + n);
  }

  addArtifacts({ files, bytes }: { readonly files: number; readonly bytes: number }): void {
    this.artifacts.files += files;
    this.artifacts.bytes += bytes;
  }

  keep(item: Chosen, reason: string): void {
    this.kept.push({ item, reason });
  }

  fail(item: Chosen, why: string, more: { readonly locked?: true } = {}): void {
    this.failed.push({ item, why, ...more });
  }

  /** For the message of a stop. */
  get progress(): string {
    const rest = this.failed.length + this.kept.length;
    const also = rest > 0 ? `, ${rest} stayed` : '';
    return `${this.done} of ${this.total} items are gone whole${also}; the next run takes the rest`;
  }
}

/** The end of a collection in which something failed. @throws exit 8; 7 where other sessions were all that was in the way */
export function refuseFailed({ failed, done }: Report): void {
  if (failed.length === 0) return;
  const [first] = failed;
  if (failed.every(({ locked }) => locked))
    throw lockedError(
      `${failed.length} of the items stayed, because another session keeps their rows (${first?.why}); ${done} are gone`,
      'run the same command again when that session has ended; `mltrack db status` names the open ones',
    );
  throw new MltrackError(
    ExitCode.partial,
    `${failed.length} of the items stayed, because their artifacts could not be removed (${first?.why}); ${done} are gone`,
    { hints: ['run the same command again when that is mended', '--keep-artifacts deletes the rows alone'] },
  );
}
