import type { Strictness, Summary } from '../../core/check/exit.js';
import type { CheckOutcome, Reported } from '../../core/check/report.js';
import { ruleIds } from '../../core/check/rules.js';
import type { Origin } from '../../core/check/targets.js';

/** What a format is given. */
export interface Printed extends Strictness {
  readonly outcomes: readonly CheckOutcome[];
  readonly summary: Summary;
  /** Where the config file names each of them; null without one. */
  readonly origins: readonly (Origin | null)[];
  /** Of mltrack. */
  readonly version: string;
}

/** What people call a database. */
export const labelOf = ({ name, database }: Pick<CheckOutcome, 'name' | 'database'>): string =>
  name ?? database;

const bySeverity = ['error', 'warning', 'note'];

/** By severity, then table, then rule. */
export const sorted = (findings: readonly Reported[]): Reported[] =>
  [...findings].sort(
    (a, b) =>
      bySeverity.indexOf(a.severity) - bySeverity.indexOf(b.severity) ||
      compare(a.table ?? '', b.table ?? '') ||
      ruleIds.indexOf(a.rule) - ruleIds.indexOf(b.rule) ||
      compare(a.id, b.id),
  );

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What can be done about a finding, one sentence; its SQL stands beside it. */
export function repairOf({ repair, sql }: Reported): string {
  switch (repair.kind) {
    case 'operations':
    case 'statements':
      return sql.length > 0
        ? 'mltrack db repair, which runs:'
        : 'mltrack db repair, after what it depends on';
    case 'command':
      return `run ${repair.command}`;
    case 'none':
      return `none: ${repair.reason}`;
  }
}

/** A finding in full, on lines of its own, for formats without parts. */
export function wholeText(finding: Reported): string {
  const { message, why, sql } = finding;
  return [
    message,
    `why it matters: ${why}`,
    `repair: ${repairOf(finding)}`,
    ...sql.map((one) => `  ${ended(one)}`),
  ].join('\n');
}

/** A statement with its semicolon. */
export const ended = (sql: string): string => (/;\s*$/.test(sql) ? sql.trimEnd() : `${sql};`);
