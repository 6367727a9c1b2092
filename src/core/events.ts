import type { BackupRecord } from './backup.js';

/** What an upgrade or a repair tells of its step in hand; null is what nobody knows. */
export interface StepProgress {
  /** Rows that the step goes through: counted, or the server's estimate. */
  readonly total: number | null;
  /** The total was counted; false: it is the server's estimate, which InnoDB's can be wrong by half. */
  readonly exact: boolean;
  /** Rows a second of late; 0 where it stands still. */
  readonly rate: number | null;
  /** Share of the step, 0 to 1. */
  readonly stepShare: number | null;
  /** How long the step has run. */
  readonly seconds: number;
  /** Seconds until the step is through, at its speed of late. */
  readonly stepEtaSeconds: number | null;
  /** Seconds until everything is through; null before there is a base for it. */
  readonly etaSeconds: number | null;
  /** What the server says that it does just now, in its own words. */
  readonly phase: string | null;
  /** Who tells: mltrack's own count and clock, or the server. */
  readonly source: 'client' | 'server';
}

/** What an upgrade tells while it runs; rendered as text, plain lines or JSON. Field names are stable. */
export type UpgradeEvent =
  | {
      readonly event: 'start';
      readonly database: string;
      readonly server: string;
      readonly from: string | null;
      /** Which MLflow wrote the database: "written by MLflow 2.9–2.12". */
      readonly written: string;
      readonly to: string;
      /** "this mltrack knows MLflow up to 3.18". */
      readonly known: string;
      readonly revisions: number;
    }
  /** A backup was taken and checked; the fields are those of its record. */
  | ({ readonly event: 'backup' } & BackupRecord)
  | { readonly event: 'waiting'; readonly reason: string }
  /** A repair begins, under the lock; `findings` is how many it takes on. */
  | {
      readonly event: 'repair-start';
      readonly database: string;
      readonly server: string;
      readonly findings: number;
    }
  /** `db upgrade --prepopulate` begins to work ahead of a revision. */
  | {
      readonly event: 'prepopulate-start';
      readonly database: string;
      readonly server: string;
      /** The revision whose columns are filled; the stamp stays where it is. */
      readonly revision: string;
      /** Where an earlier run stopped, by its state file; null: from the beginning. */
      readonly from: { readonly table: string; readonly after: readonly string[] | null } | null;
    }
  /** It is through. */
  | {
      readonly event: 'prepopulated';
      readonly database: string;
      readonly revision: string;
      /** The columns that were added, as `table.column`. */
      readonly columns: readonly string[];
      /** How many rows were looked at, and how many of them were not yet what they should be. */
      readonly tables: readonly { readonly table: string; readonly rows: number; readonly written: number }[];
      /** Why there was nothing to do, or nothing any more; null where all rows were looked at. */
      readonly why: string | null;
      readonly seconds: number;
    }
  | {
      readonly event: 'revision';
      readonly revision: string;
      readonly title: string;
      readonly release: string;
    }
  | ({
      readonly event: 'progress';
      readonly step: string;
      readonly table: string;
      /** Rows of the step in hand that are done, where it can tell. */
      readonly rows: number | null;
      /** Share of the whole, 0 to 1, by the estimated cost of the steps; it never goes back. */
      readonly share: number;
    } & Partial<StepProgress>)
  | { readonly event: 'warning'; readonly message: string }
  | {
      readonly event: 'done';
      readonly from: string | null;
      readonly to: string;
      readonly release: string;
      readonly applied: readonly string[];
      readonly created: boolean;
      readonly seconds: number;
    };

export type Listener = (event: UpgradeEvent) => void;
