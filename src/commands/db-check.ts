import { Command, Option } from 'commander';
import { checkTargets, today } from '../api/check.js';
import { endingOf } from '../core/check/ending.js';
import { type FailOn, summaryOf } from '../core/check/exit.js';
import { outcomesOf } from '../core/check/outcomes.js';
import { type Target, type TargetOptions, targetsOf } from '../core/check/targets.js';
import type { DatabaseFacts } from '../core/report-facts.js';
import type { Stop } from '../core/stop.js';
import { usageError } from '../errors.js';
import { type Format, formats } from '../render/check/index.js';
import { outputTo } from '../render/check/output.js';
import { printChecks } from '../render/check/print.js';
import { exit, withTexts } from '../render/help-texts.js';
import { count } from '../render/sentences.js';
import { printSummary } from '../render/summary.js';
import { warningsOnly } from '../render/warnings.js';
import { type ConnectingOptions, connectionOf, uriArgument, withConnecting } from './connecting.js';
import { nextLine } from './next.js';
import { reportingOf, reportOption } from './reporting.js';

interface Options extends ConnectingOptions, TargetOptions {
  passwordFile?: string;
  passwordStdin?: true;
  failOn?: FailOn;
  format?: Format;
  json?: true;
  output?: string;
  report?: string;
  quiet?: true;
}

const texts = {
  examples: [
    'mltrack db check sqlite:///mlflow.db',
    'mltrack db check postgresql://mlflow@db.example/mlflow --for 3.16 --require-head',
    'mltrack db check --config checks.yml --ignore ignores.yml --format sarif --output mltrack.sarif',
    'mltrack db check sqlite:///a.db sqlite:///b.db --report check.html',
  ],
  exits: [
    ['0', 'no drift'],
    exit.usage,
    ['3', 'drift'],
    ['4', 'behind'],
    ['5', "ahead of --for, or not MLflow's"],
    exit.unreachable,
    ['10', 'not everything could be checked (--require-complete)'],
  ],
  docs: ['docs/check.md', 'docs/ci.md', 'docs/report.md'],
} as const;

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
      new Option('--fail-on <severity>', 'exit 3 from this severity on')
        .choices(['error', 'warning', 'note'])
        .default(undefined, 'warning'),
    )
    .option('--require-complete', 'exit 10 where the role may not see everything')
    .addOption(new Option('--format <format>', 'how to print it').choices(formats).default(undefined, 'text'))
    .option('--json', 'the same as --format json')
    .option('--output <file>', 'write the report to a file')
    .option(...reportOption)
    .option('--config <file>', 'check the databases that a YAML file lists')
    .option('--ignore <file>', 'leave out what a YAML file lists, each with a reason')
    .option('-q, --quiet', 'print nothing but what fails the check');
  return withTexts(withConnecting(command), texts).action((uris: string[], options: Options, self: Command) =>
    run(uris, options, stop, versionOf(self)),
  );
}

async function run(uris: readonly string[], options: Options, stop: Stop, version: string): Promise<void> {
  const format = formatOf(options);
  const connection = connectionOf(options, stop);
  const output = options.output === undefined ? null : outputTo(options.output);
  const report = await reportingOf(options.report, {
    beside: [options.output, options.config, options.ignore],
    silent: format !== 'text' || (options.quiet ?? false),
  });
  const { targets, ...strictness } = await targetsOf(uris, options, process.env, stop);
  const known = new Map<Target, DatabaseFacts>();
  const results = await checkTargets(
    targets,
    { ...connection, listen: warningsOnly },
    async (session, target, revision) => {
      if (report) known.set(target, await report.facts(session, { from: revision }));
    },
  );
  const facts = targets.map((target) => known.get(target) ?? null);
  const outcomes = outcomesOf(results, strictness, today());
  const summary = summaryOf(outcomes);
  const repair = nextLine('db repair', uris[0], options, { keep: ['rows'], own: ['--dry-run'] });
  const line = nextLine('db plan', uris[0], options);
  const ending = endingOf(
    results,
    outcomes,
    summary,
    targets.length === 1 && !options.config ? { repair, plan: line } : undefined,
  );
  // The one database that failed is told by its error, once.
  const isToldAnyway =
    format === 'text' && !output && outcomes.every(({ event }) => event === 'check-failed');
  if (!(isToldAnyway && outcomes.length === 1))
    await printChecks(
      { outcomes, summary, ...strictness, origins: targets.map(({ origin }) => origin), version },
      { format, output, quiet: options.quiet ?? false, stepSummary: process.env.GITHUB_STEP_SUMMARY },
    );
  if (report)
    await report.write((await import('../render/html/check.js')).checkPage({ outcomes, summary }, facts));
  if (ending) throw ending;
  const behind = outcomes.some((outcome) => outcome.event === 'check' && outcome.behind > 0);
  printSummary(
    {
      did: `${count(targets.length, 'database')} checked, and nothing was changed`,
      next:
        behind && targets.length === 1 && !options.config
          ? [{ why: 'to see what an upgrade does', line }]
          : [],
    },
    { ...options, format },
  );
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
