import { resolve } from 'node:path';
import { withSession } from '../core/connection.js';
import { optionName } from '../core/option-name.js';
import { prepopulate, requirePlace } from '../core/prepopulate.js';
import { planPrepopulation } from '../core/prepopulate-plan.js';
import { StateFile } from '../core/prepopulate-state.js';
import type { Stop } from '../core/stop.js';
import type { Session } from '../dialects/dialect.js';
import { usageError } from '../errors.js';
import { printPrepopulatePlan } from '../render/prepopulate.js';
import { printSummary } from '../render/summary.js';
import { reporterFor } from '../render/upgrade.js';
import { durationsOf, type LockingOptions, openToChange, openToRead, uriOf } from './connecting.js';
import { nextLine } from './next.js';

/** What `db upgrade --prepopulate` takes. */
export interface PrepopulatingOptions extends LockingOptions {
  state?: string;
  batchSize?: string;
  dryRun?: true;
  quiet?: true;
  json?: true;
}

/** What an upgrade takes and this does not. */
const others = [
  'to',
  'sql',
  'from',
  'backup',
  'requireBackup',
  'mlflowVersion',
  'online',
  'onlineFrom',
] as const;

/**
 * How long a statement waits for a table, where the user does not say: behind an ALTER TABLE that waits the server's
 * own statements wait as well. (MLflow's command takes 5 s, DEFAULT_DDL_LOCK_TIMEOUT_SECONDS.)
 */
const lockTimeout = '2s';

const defaultBatchRows = 1000;
/** A piece is at most so big whatever somebody asks for: its transaction must stay short. */
const mostBatchRows = 10_000;

/** Fills the new columns ahead of an upgrade, or says what that would do. @param sourceOf where an option comes from */
export async function prepopulateOf(
  text: string | undefined,
  given: PrepopulatingOptions & Partial<Record<(typeof others)[number], unknown>>,
  stop: Stop,
  sourceOf: (option: string) => string | undefined,
): Promise<void> {
  const found = others.find((name) => given[name] !== undefined);
  if (found)
    throw usageError(
      `--prepopulate does not go with ${optionName(found)}`,
      'it neither moves the stamp nor deletes anything; give that to the upgrade which follows',
    );
  const options = { ...given, ...(sourceOf('lockTimeout') === 'default' ? { lockTimeout } : {}) };
  const batchRows = rowsOf(options.batchSize);
  durationsOf(options);
  const uri = await uriOf(text, options, stop);
  const stateOf = ({ place }: Session) =>
    options.state === undefined ? {} : { state: new StateFile(resolve(options.state), place) };

  if (options.dryRun) {
    const { listen } = await reporterFor({ quiet: true });
    const { session } = await openToRead(uri, options, stop, listen);
    const plan = await withSession(session, () =>
      planPrepopulation(session, { batchRows, ...stateOf(session), stop, listen }),
    );
    printPrepopulatePlan(plan, options);
    const line = nextLine('db upgrade', text, options, {
      keep: ['state', 'batchSize'],
      own: ['--prepopulate'],
    });
    printSummary(
      {
        did: 'worked out, and nothing was changed',
        next: [plan.why === null ? { why: 'to do it, while the server runs', line } : null],
      },
      options,
    );
    return;
  }
  const reporter = await reporterFor(options);
  try {
    const looking = await openToRead(uri, options, stop, reporter.listen);
    await withSession(looking.session, () => requirePlace(looking.session));
    const { session, lockWaitMs } = await openToChange(uri, options, stop, reporter.listen);
    const { listen } = reporter;
    await withSession(session, () =>
      prepopulate(session, { batchRows, lockWaitMs, ...stateOf(session), stop, listen }),
    );
    reporter.close();
    printSummary(
      { next: [{ why: 'when the server may stand still', line: nextLine('db plan', text, options) }] },
      options,
    );
  } finally {
    reporter.close();
  }
}

function rowsOf(text: string | undefined): number {
  if (text === undefined) return defaultBatchRows;
  const rows = Number(text);
  if (/^\d+$/.test(text) && rows >= 1 && rows <= mostBatchRows) return rows;
  throw usageError(
    `--batch-size ${text} is not a number of rows from 1 to ${mostBatchRows}`,
    `leave it out: ${defaultBatchRows} rows at most, fewer where they take long`,
  );
}
