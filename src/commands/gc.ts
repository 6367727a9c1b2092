import type { Command } from 'commander';
import { gc } from '../api/gc.js';
import type { GcCollected, GcPlanned } from '../api/gc-result.js';
import { fileStoreOf } from '../core/gc/file-store-default.js';
import type { GcPlan } from '../core/gc/plan.js';
import type { DatabaseFacts } from '../core/report-facts.js';
import type { Stop } from '../core/stop.js';
import { usageError } from '../errors.js';
import { printCollected, summaryOf } from '../render/gc.js';
import { printGcPlan } from '../render/gc-plan.js';
import { gcReporterFor } from '../render/gc-progress.js';
import { exit, withTexts } from '../render/help-texts.js';
import { agreement } from './agreeing.js';
import { changingOf, uriOf } from './connecting.js';
import { endCollection, endPlan } from './gc-next.js';
import { backendUri, type GcOptions, gcOptions, withArgument } from './gc-options.js';
import { type Reporting, reportingOf, writeAfter } from './reporting.js';

const texts = {
  notes: [
    '--undated and --delete-orphan-artifacts go with --older-than, whose age may be 1d2h3m4s or P30D too. Lists of ids are parted by commas.',
  ],
  examples: [
    'mltrack gc sqlite:///mlflow.db --older-than 30d --dry-run',
    'mltrack gc postgresql://mlflow@db.example/mlflow --older-than 30d --plan gc.json',
    'mltrack gc postgresql://mlflow@db.example/mlflow --apply-plan gc.json --yes',
    'mltrack gc --older-than 2w --max-fraction 20% --yes --json',
  ],
  exits: [
    exit.done,
    exit.usage,
    exit.ahead,
    exit.confirmation,
    exit.locked,
    ['8', 'some artifacts could not be removed and their items stay'],
    exit.unreachable,
    [
      '10',
      "refused: another database's plan, --max-delete, a schema that is not whole, a registry that cannot be read, artifact directories that are not here",
    ],
    exit.stopped,
  ],
  docs: ['docs/gc.md'],
} as const;

/** `mltrack gc`. */
export function gcCommand(stop: Stop): Command {
  return withTexts(gcOptions('gc'), texts).action((uri: string | undefined, options: GcOptions) =>
    run(withArgument(uri, options), stop),
  );
}

async function run(options: GcOptions, stop: Stop): Promise<void> {
  const connection = changingOf(options, stop);
  const report = await reportingOf(options.report, {
    beside: [options.plan, options.applyPlan],
    silent: (options.json ?? false) || (options.quiet ?? false),
  });
  const text = backendUri(options, process.env);
  const directory = fileStoreOf(text, process.cwd());
  if (directory !== null) refusePassword(options);
  const database = directory === null ? await uriOf(text, options, stop) : text;
  const place = typeof database === 'string' ? { database: directory ?? '' } : database;
  const { yes, ask } = agreement({ ...options }, place, stop);
  const dry = options.dryRun !== undefined || options.plan !== undefined;
  const reporter = await gcReporterFor(dry ? { quiet: true } : options);
  let facts: Promise<DatabaseFacts> | null = null;
  const asked = {
    ...{ ...options, ...connection, yes, listen: reporter.listen },
    agree: ask && ((plan: GcPlan) => ask([{ key: 'gc', meaning: summaryOf(plan, plan.choices) }])),
  };
  try {
    const result = await gc(database, asked, async (session, revision) => {
      facts = report?.facts(session, { from: revision }) ?? null;
      // Whether they can be told is asked when the page is written.
      await facts?.catch(() => undefined);
    });
    reporter.close();
    await ('plan' in result
      ? endOfPlan(result, options, report, facts)
      : endOf(result, options, report, facts));
  } finally {
    reporter.close();
  }
}

/** The plan and its page are shown, also where a limit then refuses it. */
async function endOfPlan(
  result: GcPlanned,
  options: GcOptions,
  report: Reporting | null,
  facts: Promise<DatabaseFacts> | null,
): Promise<void> {
  const { plan, server, revision, goes, error } = result;
  printGcPlan(plan, result, options);
  if (report) {
    const { gcPlanPage } = await import('../render/html/gc.js');
    await report.write(gcPlanPage(plan, revision === null ? '' : server, await facts));
  }
  if (error) throw error;
  endPlan(options, goes);
}

async function endOf(
  result: GcCollected,
  options: GcOptions,
  report: Reporting | null,
  facts: Promise<DatabaseFacts> | null,
): Promise<void> {
  printCollected(result, options);
  await writeAfter(result.error, async () => {
    if (!report) return;
    const { gcDonePage } = await import('../render/html/gc.js');
    await report.write(gcDonePage(result, await facts));
  });
  if (!result.nothing && result.revision !== null) endCollection(options);
}

/** A file store has none. @throws exit 2 */
function refusePassword({ passwordFile, passwordStdin }: GcOptions): void {
  if (passwordFile === undefined && passwordStdin === undefined) return;
  throw usageError(
    `${passwordFile === undefined ? '--password-stdin' : '--password-file'} says nothing of a file store: it has no rows, jobs or password`,
    'leave it out',
  );
}
