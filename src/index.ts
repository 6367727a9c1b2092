import type { CheckOptions } from './api/check.js';
import type { GcOptions } from './api/gc-options.js';
import type { GcCollected, GcPlanned, GcResult } from './api/gc-result.js';
import type { Database } from './api/options.js';
import type { PlanOptions } from './api/plan.js';
import type { StatusOptions } from './api/status.js';
import type { UpgradeOptions, UpgradeResult } from './api/upgrade.js';
import type { CheckReport } from './core/check/report.js';
import type { Plan } from './core/plan.js';
import type { Status } from './core/status.js';

/*
 * What `import … from 'mltrack'` gives. Each function opens a connection of its own, works and closes it; it prints
 * nothing, asks nobody, reads no standard input, handles no signals and never ends the process. What cannot be done is
 * an MltrackError with the exit code of the command line and its hints. Each is loaded when it is called first.
 */

export type { CheckOptions } from './api/check.js';
export type { GcOptions } from './api/gc-options.js';
export type { GcCollected, GcPlanned, GcResult } from './api/gc-result.js';
export type {
  AgreeingOptions,
  ChangingOptions,
  ConnectingOptions,
  Database,
  OnlineOptions,
  ServerOptions,
} from './api/options.js';
export type { PlanOptions } from './api/plan.js';
export type { StatusOptions } from './api/status.js';
export type { UpgradeOptions, UpgradeResult } from './api/upgrade.js';
export type { CheckReport, Ignored, Reported } from './core/check/report.js';
export type { Listener, UpgradeEvent } from './core/events.js';
export type { GcPlan, PlannedItem } from './core/gc/plan.js';
export type { GcReport } from './core/gc/report.js';
export type { Question } from './core/guard.js';
export type { Plan } from './core/plan.js';
export type { Status } from './core/status.js';
export { type DatabaseUri, parseUri } from './dialects/uri.js';
export { ExitCode, MltrackError } from './errors.js';

/**
 * Brings a database to the schema of an MLflow release, as `mltrack db upgrade` does: one runner at a time, all or
 * nothing where the server can roll DDL back, else revision by revision, each of which the next call completes.
 *
 * @throws MltrackError 2 usage, 5 not MLflow's or too new, 6 something must be agreed to (`yes`, `confirm`, `agree`),
 * 7 locked, 9 cannot connect, 10 cannot proceed and nothing changed, 130 aborted by `signal`
 */
export async function upgrade(database: Database, options?: UpgradeOptions): Promise<UpgradeResult> {
  return (await import('./api/upgrade.js')).upgrade(database, options);
}

/**
 * Works out what `upgrade` would do, in one read-only view of the database, and changes nothing. `exitCode` of the plan
 * is what the upgrade would end with: 0, or 10 with the `reasons`.
 *
 * @throws MltrackError 2 usage, 5 not MLflow's or too new, 9 cannot connect, 130 aborted
 */
export async function plan(database: Database, options?: PlanOptions): Promise<Plan> {
  return (await import('./api/plan.js')).plan(database, options);
}

/**
 * Compares the schema with what MLflow has at the database's revision. Drift is a result and no error: `exitCode` of
 * the report is that of `mltrack db check` (0, 3 drift, 4 behind, 5 ahead, 10 not complete).
 *
 * @throws MltrackError 2 usage, 5 not MLflow's or too new, 9 cannot connect, 10 the stamp may not be read, 130 aborted
 */
export async function check(database: Database, options?: CheckOptions): Promise<CheckReport> {
  return (await import('./api/check.js')).check(database, options);
}

/**
 * Reads where a database stands: its revision, sizes, who uses it, and what the MLflow named does with it.
 *
 * @throws MltrackError 2 usage, 5 not MLflow's or too new, 9 cannot connect, 130 aborted
 */
export async function status(database: Database, options?: StatusOptions): Promise<Status> {
  return (await import('./api/status.js')).status(database, options);
}

/**
 * Deletes for good what is deleted in MLflow, with its artifacts, as `mltrack gc` does; with `dryRun` it only says what
 * would go. A string may also name the directory of a file store. Items that stayed because something failed are no
 * exception: `error` of the result says so.
 *
 * @throws MltrackError 2 usage, 5 not MLflow's or too new, 6 neither `yes` nor `agree`, 7 locked, 9 cannot connect,
 * 10 refused and nothing was deleted, 130 aborted; the next call goes on
 */
export function gc(
  database: Database,
  options: GcOptions & ({ readonly dryRun: true } | { readonly plan: string }),
): Promise<GcPlanned>;
export function gc(
  database: Database,
  options?: GcOptions & { readonly dryRun?: false | undefined; readonly plan?: undefined },
): Promise<GcCollected>;
export function gc(database: Database, options?: GcOptions): Promise<GcResult>;
export async function gc(database: Database, options?: GcOptions): Promise<GcResult> {
  return (await import('./api/gc.js')).gc(database, options);
}
