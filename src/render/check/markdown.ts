import type { CheckOutcome, CheckReport, Reported } from '../../core/check/report.js';
import { count } from '../sentences.js';
import { countsOf, standsIn } from './counts.js';
import { code, fenced, prose } from './markdown-escape.js';
import { ended, labelOf, type Printed, repairOf, sorted } from './printed.js';

/** GitHub takes a comment of so many characters, GitLab more. */
const commentLimit = 65_536;

/** For a comment on a pull request. What does not fit is counted, never cut in the middle. */
export function renderMarkdown({ outcomes, summary }: Printed, limit = commentLimit): string {
  const head = [`## mltrack db check: ${titleOf(outcomes)}`, '', table(outcomes), ''].join('\n');
  const blocks = outcomes.flatMap(blocksOf);
  const tail = (left: number): string =>
    `${left > 0 ? `\n_${count(left, 'entry').replace('entrys', 'entries')} did not fit in here; the other formats have all of them._\n` : ''}\n${countsOf(summary)}\n`;
  const reserve = tail(blocks.length).length;
  let text = head;
  let shown = 0;
  for (const block of blocks) {
    if (text.length + block.length + reserve > limit) break;
    text += block;
    shown++;
  }
  return `${text}${tail(blocks.length - shown)}`;
}

const titleOf = (outcomes: readonly CheckOutcome[]): string =>
  outcomes.every(({ exitCode }) => exitCode === 0) ? 'passed' : 'failed';

function table(outcomes: readonly CheckOutcome[]): string {
  const rows = outcomes.map((outcome) => {
    const label = code(labelOf(outcome), true);
    if (outcome.event === 'check-failed')
      return `| ${label} | | could not be checked | ${outcome.exitCode} |`;
    return `| ${label} | ${prose(standsIn(outcome))} | ${countsOf(outcome)} | ${outcome.exitCode} |`;
  });
  return ['| database | stands | found | exit code |', '|---|---|---|---|', ...rows].join('\n');
}

function blocksOf(outcome: CheckOutcome): string[] {
  const title = `\n### ${code(labelOf(outcome))}\n\n`;
  const entries =
    outcome.event === 'check'
      ? entriesOf(outcome)
      : [`- **could not be checked**: ${[outcome.message, ...outcome.hints].map(prose).join('; ')}\n`];
  const [first, ...rest] = entries;
  return first === undefined ? [] : [title + first, ...rest];
}

function entriesOf(report: CheckReport): string[] {
  const { mlflow } = report;
  return [
    ...(mlflow
      ? [`- ${prose(mlflow.todo === null ? mlflow.sentence : `${mlflow.sentence}: ${mlflow.todo}`)}\n`]
      : []),
    ...sorted(report.findings).map(findingEntry),
    ...report.notChecked.map(
      ({ what, why, remedy }) =>
        `- **not checked**: ${prose(what)}: ${prose(why)}; to see it: ${code(remedy)}\n`,
    ),
    ...report.ignored.map(
      ({ finding, reason, expires }) =>
        `- ignored ${code(finding.id)}: ${prose(reason)}${expires === null ? '' : ` (until ${expires})`}\n`,
    ),
    ...report.staleIgnores.map((text) => `- **ignore file**: ${prose(text)}\n`),
  ];
}

function findingEntry(finding: Reported): string {
  const { severity, id, message, why, sql } = finding;
  const lines = [
    `- **${severity}** ${code(id)}: ${prose(message)}`,
    `  - why: ${prose(why)}`,
    `  - repair: ${prose(repairOf(finding))}`,
  ];
  return `${[...lines, ...(sql.length > 0 ? fenced(sql.map(ended).join('\n'), '    ') : [])].join('\n')}\n`;
}
