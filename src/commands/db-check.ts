import { Command, Option } from 'commander';
import { checkDatabase } from '../core/check/check.js';
import { endingOf } from '../core/check/ending.js';
import { type FailOn, summaryOf } from '../core/check/exit.js';
import { type Done, type Failed, outcomesOf } from '../core/check/outcomes.js';
import { type Target, type TargetOptions, targetsOf } from '../core/check/targets.js';
import { withSession } from '../core/connection.js';
import { parseDuration } from '../core/duration.js';
import type { Stop } from '../core/stop.js';
import { usageError } from '../errors.js';
import { type Format, formats } from '../render/check/index.js';
import { outputTo } from '../render/check/output.js';
import { printChecks } from '../render/check/print.js';
import { warningsOnly } from '../render/warnings.js';
import { type ConnectingOptions, openToRead, uriArgument, withConnecting } from './connecting.js';

interface Options extends ConnectingOptions, TargetOptions {
  passwordFile?: string;
  passwordStdin?: true;
  failOn?: FailOn;
  format?: Format;
  json?: true;
  output?: string;
  quiet?: true;
}

const examples = `
Examples:
  mltrack db check sqlite:///mlflow.db
  mltrack db check postgresql://mlflow@db.example/mlflow --for 3.16 --require-head
  mltrack db check --config checks.yml --ignore ignores.yml --format sarif --output mltrack.sarif
  mltrack db check sqlite:///a.db sqlite:///b.db --format github

Exit codes: 0 no drift, 2 usage, 3 drift, 4 behind or 5 ahead of --for, or not MLflow's, 9 cannot connect,
  10 not everything could be checked (--require-complete). All: docs/exit-codes.md. More: docs/check.md`;

/** `mltrack db check [db_uris...]`. */
export function checkCommand(stop: Stop): Command {
  const command = new Command('check')
    .argument('[db_uris...]', uriArgument[1])
    .option(
      '--for <version>',
      'also say whether the server of that MLflow starts on it: exit 4 or 5 where not',
    )
    .option('--require-head', 'being behind the newest MLflow is an error')
    .option('--rows', 'also read the rows: damage, foreign keys that point nowhere')
    .addOption(
      new Option('--fail-on <severity>', 'exit 3 from this severity on (default: warning)').choices([
        'error',
        'warning',
        'note',
      ]),
    )
    .option('--require-complete', 'exit 10 where the role may not see everything')
    .addOption(new Option('--format <format>', 'how to print it (default: text)').choices(formats))
    .option('--json', 'the same as --format json')
    .option('--output <file>', 'write the report to a file')
    .option('--config <file>', 'check the databases that a YAML file lists')
    .option('--ignore <file>', 'leave out what a YAML file lists, each with a reason')
    .option('-q, --quiet', 'print nothing but what fails the check');
  return withConnecting(command)
    .addHelpText('after', examples)
    .action((uris: string[], options: Options, self: Command) => run(uris, options, stop, versionOf(self)));
}

async function run(uris: readonly string[], options: Options, stop: Stop, version: string): Promise<void> {
  const format = formatOf(options);
  parseDuration(options.wait, '--wait');
  const output = options.output === undefined ? null : outputTo(options.output);
  const { targets, ...strictness } = await targetsOf(uris, options, process.env, stop);
  const results: (Done | Failed)[] = [];
  for (const target of targets) results.push(await checkOne(target, options, stop));
  const outcomes = outcomesOf(results, strictness, new Date().toISOString().slice(0, 10));
  const summary = summaryOf(outcomes);
  const ending = endingOf(results, outcomes, summary);
  // The one database that failed is told by its error, once.
  const isToldAnyway =
    format === 'text' && !output && outcomes.every(({ event }) => event === 'check-failed');
  if (!(isToldAnyway && outcomes.length === 1))
    await printChecks(
      { outcomes, summary, ...strictness, origins: targets.map(({ origin }) => origin), version },
      { format, output, quiet: options.quiet ?? false, stepSummary: process.env.GITHUB_STEP_SUMMARY },
    );
  if (ending) throw ending;
}

/** A database that cannot be checked does not keep the others from it; a stop does. */
async function checkOne(target: Target, options: ConnectingOptions, stop: Stop): Promise<Done | Failed> {
  const started = performance.now();
  stop.check();
  try {
    const listen = warningsOnly;
    const { session } = await openToRead(target.uri, options, stop, listen, { untouched: true });
    return await withSession(session, async () => ({
      target,
      checked: await checkDatabase(session, { ...target, stop }),
      server: session.server,
      dialect: session.dialect.name,
      seconds: Math.round(performance.now() - started) / 1000,
    }));
  } catch (error) {
    stop.check();
    return { target, error };
  }
}

function formatOf({ format, json }: Options): Format {
  if (json && format && format !== 'json')
    throw usageError(`--json and --format ${format} exclude each other`, 'leave one of them out');
  return json ? 'json' : (format ?? 'text');
}

/** That of the program. */
function versionOf(command: Command): string {
  return command.parent ? versionOf(command.parent) : (command.version() ?? '');
}
