import chalk from 'chalk';
import type { Kept } from '../core/gc/eligible-rules.js';
import type { GcPlan, PlannedItem } from '../core/gc/plan.js';
import { planJson } from '../core/gc/plan-file.js';
import { planKinds } from '../core/gc/plan-select.js';
import { visible } from './check/visible.js';
import { orphanPlanLines } from './gc-orphan-artifacts.js';
import { countOf, nameOf, sumOf } from './gc-words.js';
import { printEvent } from './json.js';
import { printText } from './print.js';
import { count } from './sentences.js';
import { bytes, rows } from './units.js';
import { wrapped } from './wrap.js';

/** How many of a kind are listed for people; `--json` and `--plan` list all. */
const mostListed = 20;

interface Options {
  readonly json?: true;
  readonly quiet?: true;
  readonly plan?: string;
}

/** What a collection would do, for people or as one JSON event. */
export function printGcPlan(plan: GcPlan, server: { readonly server: string }, options: Options): void {
  if (options.json) printEvent(planJson(plan));
  else if (!options.quiet) printText(`${textOf(plan, server.server, options.plan)}\n`);
}

function textOf(plan: GcPlan, server: string, file: string | undefined): string {
  const { identity, items, kept, orphans, madeAt } = plan;
  const revision = identity.revision === null ? '' : `: revision ${identity.revision}`;
  const lines = [`${identity.place} (${server})${revision}`];
  for (const kind of planKinds) {
    const some = items.filter((item) => item.kind === kind);
    if (some.length === 0) continue;
    lines.push('', chalk.bold(`${countOf(kind, some.length)} would go`));
    lines.push(...listed(some.map((item) => itemLine(item, madeAt))));
  }
  if (items.length === 0) lines.push('', plan.orphanArtifacts ? 'no item would go' : 'nothing would go');
  lines.push(...totals(plan));
  if (orphans) {
    const all = orphans.reduce((sum, one) => sum + one.rows, 0);
    lines.push('', chalk.bold(`${count(all, 'row')} that point nowhere`));
    lines.push(...orphans.map((one) => `  ${one.link}: ${rows(one.rows)}`));
  }
  lines.push(...orphanPlanLines(plan.orphanArtifacts ?? null));
  if (kept.length > 0) {
    lines.push('', chalk.bold(`${count(kept.length, 'item')} would stay`));
    lines.push(...listed(kept.map(keptLine)));
  }
  const where = file === undefined ? '' : `; the plan is in ${visible(file)}`;
  lines.push('', `nothing was deleted${where}`);
  return lines.join('\n');
}

const listed = (lines: readonly string[]): string[] => [
  ...lines.slice(0, mostListed).flatMap((line) => wrapped(line, 4)),
  ...(lines.length > mostListed
    ? [chalk.dim(`  … and ${rows(lines.length - mostListed)} more; --json and --plan list all`)]
    : []),
];

function itemLine(item: PlannedItem, now: number): string {
  const age =
    item.deletedAt === null ? '' : ` (${count(Math.floor((now - item.deletedAt) / 86_400_000), 'day')} ago)`;
  const parts = [`${item.reason}${age}`];
  if (item.traces) parts.push(count(item.traces.count, 'trace'));
  if (item.artifacts)
    parts.push(
      'why' in item.artifacts
        ? chalk.yellow(`artifacts not counted: ${visible(item.artifacts.why)}`)
        : `${count(item.artifacts.files, 'file')}, ${bytes(item.artifacts.bytes)}`,
    );
  return `  ${nameOf(item)}: ${parts.join(', ')}`;
}

/** One that stays, and why. */
export const keptLine = ({ item, reason }: Kept): string =>
  `  ${item.kind} ${nameOf(item)}: ${visible(reason)}`;

function totals({ identity, rows: tables, artifacts, items }: GcPlan): string[] {
  if (items.length === 0) return [];
  const list = Object.entries(tables).map(([table, n]) => `${table} ${rows(n)}`);
  const files = artifacts
    ? `${count(artifacts.files, 'file')}, ${bytes(artifacts.bytes)}${artifacts.unknown > 0 ? `; those of ${count(artifacts.unknown, 'item')} could not be counted` : ''}`
    : 'kept';
  // A file store has no rows, and its files are not artifacts alone.
  if (identity.revision === null) return ['', `files: ${files}`];
  const all = `rows: ${rows(sumOf(Object.values(tables)))} (${list.join(', ')})`;
  return ['', ...wrapped(all, 2), `artifacts: ${files}`];
}
