import chalk from 'chalk';
import { orphanJson, unlistedJson } from '../core/gc/orphan-artifacts-plan.js';
import type { RemovedOrphans } from '../core/gc/orphan-artifacts-remove.js';
import { type FoundOrphans, goingOrphans, type OrphanArtifact } from '../core/gc/orphan-artifacts-types.js';
import { visible } from './check/visible.js';
import { sumOf } from './gc-words.js';
import { count } from './sentences.js';
import { bytes } from './units.js';

/** How many are listed for people; `--json` and `--plan` list all. */
const mostListed = 20;

/** "3 folders that belong to nothing (12 files, 4 kB)". */
export function orphanWords(orphans: readonly OrphanArtifact[]): string {
  const files = count(sumOf(orphans.map((one) => one.files)), 'file');
  const size = bytes(sumOf(orphans.map((one) => one.bytes)));
  return `${count(orphans.length, 'folder')} that belong${orphans.length === 1 ? 's' : ''} to nothing (${files}, ${size})`;
}

/** What a question adds about them; empty where none would go. */
export function orphanQuestion(found: FoundOrphans | null): string {
  const going = goingOrphans(found);
  return going.length === 0 ? '' : `, and ${orphanWords(going)}`;
}

/** A plan's part about them. */
export function orphanPlanLines(found: FoundOrphans | null): string[] {
  if (!found) return [];
  const open = found.orphans.filter(({ keep }) => keep === null);
  const kept = found.orphans.filter(({ keep }) => keep !== null);
  const lines: string[] = [];
  if (open.length > 0)
    lines.push('', chalk.bold(`${orphanWords(open)}${found.delete ? ' would go' : ''}`), ...listed(open));
  if (kept.length > 0)
    lines.push('', chalk.bold(`${orphanWords(kept)}${found.delete ? ' would stay' : ', not to be removed'}`));
  lines.push(...listed(kept));
  if (found.orphans.length === 0) lines.push('', 'no artifacts that belong to nothing');
  if (open.length > 0 && !found.delete)
    lines.push(chalk.dim('  --delete-orphan-artifacts with --older-than removes them'));
  return lines;
}

/** A collection's part about them. */
export function orphanDoneLines(removed: RemovedOrphans | null, quiet: boolean): string[] {
  if (!removed) return [];
  if (!removed.found.delete) return quiet ? [] : orphanPlanLines(removed.found).filter((line) => line !== '');
  const stayed = removed.failed.map(({ orphan, why }) => chalk.red(lineOf({ ...orphan, keep: why })));
  const lines =
    stayed.length > 0 ? ['folders that belong to nothing, and are still there:', ...cut(stayed)] : [];
  if (quiet) return lines;
  lines.push(
    removed.gone.length === 0
      ? 'no folder that belongs to nothing deleted'
      : `${orphanWords(removed.gone)} deleted`,
  );
  if (removed.kept.length > 0)
    lines.push(
      `${count(removed.kept.length, 'folder')} that belong to nothing not removed; --dry-run says why`,
    );
  return lines;
}

/** The same as JSON. */
export const orphanEvent = (removed: RemovedOrphans | null) =>
  removed && {
    delete: removed.found.delete,
    gone: removed.gone.length,
    files: removed.files,
    bytes: removed.bytes,
    failed: removed.failed.map(({ orphan, why }) => ({ ...orphanJson(orphan), reason: why })),
    kept: (removed.found.delete ? removed.kept : removed.found.orphans).map((one) => ({
      ...orphanJson(one),
      reason: one.keep,
    })),
    unlisted: removed.found.unlisted.map(unlistedJson),
  };

const listed = (orphans: readonly OrphanArtifact[]): string[] =>
  cut(orphans.slice(0, mostListed).map(lineOf), orphans.length);

const cut = (lines: readonly string[], all = lines.length): string[] => [
  ...lines.slice(0, mostListed),
  ...(all > mostListed ? [chalk.dim(`  … and ${all - mostListed} more; --json lists all`)] : []),
];

function lineOf({ kind, place, files, bytes: size, newest, keep }: OrphanArtifact): string {
  const dated = newest === null ? '' : `, newest ${new Date(newest).toISOString().slice(0, 10)}`;
  const why = keep === null ? '' : `; ${visible(keep)}`;
  return `  ${kind === 'model' ? 'logged model' : kind} ${visible(place)}: ${count(files, 'file')}, ${bytes(size)}${dated}${why}`;
}
