import chalk from 'chalk';
import type { GcPlan } from '../core/gc/plan.js';
import type { GcReport } from '../core/gc/report.js';
import { visible } from './check/visible.js';
import { orphanDoneLines, orphanEvent, orphanQuestion } from './gc-orphan-artifacts.js';
import { keptLine } from './gc-plan.js';
import { kindsOf, nameOf, sumOf } from './gc-words.js';
import { printEvent } from './json.js';
import { printText } from './print.js';
import { count } from './sentences.js';
import { bytes, duration } from './units.js';

/** How many that stayed are listed for people; `--json` lists all. */
const mostListed = 20;

/** What was collected: a database, or a file store, which has no revision. */
export interface Collected {
  readonly place: string;
  readonly server: string;
  readonly revision: string | null;
  readonly report: GcReport;
  readonly seconds: number;
}

interface Options {
  readonly json?: true;
  readonly quiet?: true;
}

/** What is asked about, in one sentence. */
export function summaryOf(
  { identity, items, rows, orphanArtifacts }: GcPlan,
  choices: { readonly keepArtifacts: boolean },
): string {
  const counts = { run: 0, model: 0, experiment: 0, job: 0 };
  for (const { kind } of items) counts[kind]++;
  const artifacts = choices.keepArtifacts ? 'artifacts are kept' : 'with all their artifacts';
  const tables = identity.revision === null ? '' : `${count(sumOf(Object.values(rows)), 'row')}, `;
  return `${kindsOf(counts)} would be deleted for good, ${tables}${artifacts}${orphanQuestion(orphanArtifacts ?? null)}`;
}

/** What a collection did, and what stayed. */
export function printCollected(collected: Collected, options: Options): void {
  if (options.json) {
    printEvent(eventOf(collected));
    return;
  }
  const text = textOf(collected, options.quiet ?? false);
  if (text !== '') printText(`${text}\n`);
}

const eventOf = ({ report, place, server, revision, seconds }: Collected) => ({
  ...{ event: 'gc', database: place, server, revision },
  gone: report.gone,
  rows: Object.fromEntries([...report.rows].sort()),
  artifacts: report.artifacts,
  orphans: report.orphans && Object.fromEntries([...report.orphans].sort()),
  orphanArtifacts: orphanEvent(report.orphanArtifacts),
  failed: report.failed.map(({ item, why }) => ({ ...brief(item), reason: why })),
  kept: [...report.kept, ...report.left].map(({ item, reason }) => ({ ...brief(item), reason })),
  ...{ vacuumed: report.vacuumed, notVacuumed: report.notVacuumed },
  seconds: Math.round(seconds * 100) / 100,
});

const brief = ({ kind, id, name }: { kind: string; id: string; name: string | null }) => ({ kind, id, name });

function textOf({ report, revision, seconds }: Collected, quiet: boolean): string {
  const { gone, rows, artifacts, failed, kept, left, orphans, vacuumed } = report;
  const stayed = [
    ...failed.map(({ item, why }) => chalk.red(`  ${item.kind} ${nameOf(item)}: ${visible(why)}`)),
    ...kept.map((one) => chalk.yellow(keptLine(one))),
  ];
  const lines = stayed.slice(0, mostListed);
  if (stayed.length > mostListed)
    lines.push(chalk.dim(`  … and ${stayed.length - mostListed} more; --json lists all`));
  if (lines.length > 0) lines.unshift('chosen, and still there:');
  const folders = orphanDoneLines(report.orphanArtifacts, quiet);
  if (quiet) return [...lines, ...folders].join('\n');
  // A file store has files alone.
  const tables = revision === null ? [] : [count(sumOf(rows.values()), 'row')];
  const files = artifacts.files > 0 ? [`${count(artifacts.files, 'file')} (${bytes(artifacts.bytes)})`] : [];
  const mark = failed.length > 0 ? chalk.red('✘') : chalk.green('✔');
  lines.push(
    report.total === 0
      ? 'nothing to collect'
      : `${mark} ${kindsOf(gone)} collected in ${duration(seconds)}: ${[...tables, ...files].join(', ') || 'no files'}`,
  );
  if (orphans) lines.push(`${count(sumOf(orphans.values()), 'row')} that pointed nowhere deleted`);
  lines.push(...folders);
  if (vacuumed !== null) lines.push(vacuumed);
  if (left.length > 0) lines.push(`${count(left.length, 'item')} not chosen; --dry-run says why`);
  return lines.join('\n');
}
