import chalk from 'chalk';
import type { GcPlan } from '../core/gc/plan.js';
import type { KnownAt } from '../core/gc/plan-known.js';
import type { Selected } from '../core/gc/plan-select.js';
import { Report } from '../core/gc/report.js';
import { visible } from './check/visible.js';
import { keptLine } from './gc-plan.js';
import { kindsOf, nameOf, sumOf } from './gc-words.js';
import { withoutSecrets } from './secrets.js';
import { count } from './sentences.js';
import { bytes, duration } from './units.js';

/** How many that stayed are listed for people; `--json` lists all. */
const mostListed = 20;

interface Options {
  readonly json?: true;
  readonly quiet?: true;
}

/** What is asked about, in one sentence. */
export function summaryOf({ items, rows }: GcPlan, choices: { readonly keepArtifacts: boolean }): string {
  const counts = { run: 0, model: 0, experiment: 0, job: 0 };
  for (const { kind } of items) counts[kind]++;
  const artifacts = choices.keepArtifacts ? 'artifacts are kept' : 'with all their artifacts';
  return `${kindsOf(counts)} go for good, ${count(sumOf(Object.values(rows)), 'row')}, ${artifacts}`;
}

/** A collection that found nothing to do. */
export const printNothing = ({ kept }: Selected, known: KnownAt, options: Options): void =>
  printCollected(new Report(kept, 0), known, 0, options);

/** What a collection did, and what stayed. */
export function printCollected(report: Report, known: KnownAt, seconds: number, options: Options): void {
  const text = options.json
    ? JSON.stringify(eventOf(report, known, seconds))
    : textOf(report, seconds, options.quiet ?? false);
  if (text !== '') process.stdout.write(withoutSecrets(`${text}\n`));
}

const eventOf = (report: Report, { session, revision }: KnownAt, seconds: number) => ({
  ...{ event: 'gc', version: 1, database: session.place, server: session.server, revision },
  gone: report.gone,
  rows: Object.fromEntries([...report.rows].sort()),
  artifacts: report.artifacts,
  orphans: report.orphans && Object.fromEntries([...report.orphans].sort()),
  failed: report.failed.map(({ item, why }) => ({ ...brief(item), reason: why })),
  kept: [...report.kept, ...report.left].map(({ item, reason }) => ({ ...brief(item), reason })),
  vacuumed: report.vacuumed,
  seconds: Math.round(seconds * 100) / 100,
});

const brief = ({ kind, id, name }: { kind: string; id: string; name: string | null }) => ({ kind, id, name });

function textOf(report: Report, seconds: number, quiet: boolean): string {
  const { gone, rows, artifacts, failed, kept, left, orphans, vacuumed } = report;
  const stayed = [
    ...failed.map(({ item, why }) => chalk.red(`  ${item.kind} ${nameOf(item)}: ${visible(why)}`)),
    ...kept.map((one) => chalk.yellow(keptLine(one))),
  ];
  const lines = stayed.slice(0, mostListed);
  if (stayed.length > mostListed)
    lines.push(chalk.dim(`  … and ${stayed.length - mostListed} more; --json lists all`));
  if (lines.length > 0) lines.unshift('chosen, and still there:');
  if (quiet) return lines.join('\n');
  const files = artifacts.files > 0 ? `, ${count(artifacts.files, 'file')} (${bytes(artifacts.bytes)})` : '';
  const mark = failed.length > 0 ? chalk.red('✘') : chalk.green('✔');
  lines.push(
    report.total === 0
      ? 'nothing to collect'
      : `${mark} ${kindsOf(gone)} collected in ${duration(seconds)}: ${count(sumOf(rows.values()), 'row')}${files}`,
  );
  if (orphans) lines.push(`${count(sumOf(orphans.values()), 'row')} that pointed nowhere deleted`);
  if (vacuumed !== null) lines.push(vacuumed);
  if (left.length > 0) lines.push(`${count(left.length, 'item')} not chosen; --dry-run says why`);
  return lines.join('\n');
}
