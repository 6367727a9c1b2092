import type { CheckFailure, CheckOutcome, CheckReport } from '../../core/check/report.js';
import type { DatabaseFacts } from '../../core/report-facts.js';
import { countsOf, standsIn } from '../check/counts.js';
import { ended, labelOf, type Printed, repairOf, sorted } from '../check/printed.js';
import { count } from '../sentences.js';
import { sizesSection } from './chart.js';
import { type Html, html, type Part } from './html.js';
import type { Content, Tone } from './page.js';
import { badge, code, facts, list, name, section, table, tiles } from './parts.js';
import { timelineSection } from './timeline.js';

/** The page of a check. @param facts of each database, in the order of the outcomes; null where it could not be read */
export function checkPage(
  { outcomes, summary }: Pick<Printed, 'outcomes' | 'summary'>,
  known: readonly (DatabaseFacts | null)[],
): Content {
  const [only] = outcomes;
  const one = outcomes.length === 1 ? only : undefined;
  const parts = outcomes.map((outcome, i) => bodyOf(outcome, known[i] ?? null));
  return {
    title: 'Schema check',
    verdict: verdictOf(summary, outcomes),
    facts: [
      ...(one ? factsOf(one) : [['Databases', String(outcomes.length)] as const]),
      ['Exit code', String(summary.exitCode)],
    ],
    body: one
      ? parts
      : [
          overview(outcomes),
          outcomes.map(
            (outcome, i) =>
              html`<section id="db${i + 1}"><h2>${i + 1}. ${name(labelOf(outcome))}</h2>${facts(factsOf(outcome))}${parts[i]}</section>`,
          ),
        ],
  };
}

function verdictOf(summary: Printed['summary'], outcomes: readonly CheckOutcome[]): Content['verdict'] {
  const rowsToo = outcomes.every((outcome) => outcome.event === 'check' && outcome.rows);
  const { errors, warnings, notes, ignored, notChecked, failed, exitCode } = summary;
  const found = countsOf(summary);
  if (exitCode !== 0) return { tone: 'bad', text: `The check fails (exit ${exitCode}): ${found}` };
  if (errors + warnings + notes + ignored + notChecked + failed === 0)
    return { tone: 'good', text: rowsToo ? 'Clean, rows too' : 'Clean; the rows were not read' };
  return {
    tone: errors + warnings + notChecked > 0 ? 'attention' : 'good',
    text: `The check passes: ${found}`,
  };
}

const toneOf = ({ exitCode }: CheckOutcome): Tone => (exitCode === 0 ? 'good' : 'bad');

const overview = (outcomes: readonly CheckOutcome[]): Part =>
  table(
    'Databases of this check',
    [{ title: 'Database' }, { title: 'Result' }, { title: 'Exit code', number: true }],
    outcomes.map((outcome, i) => [
      html`<a href="#db${i + 1}">${name(labelOf(outcome))}</a>`,
      outcome.event === 'check' ? countsOf(outcome) : 'could not be checked',
      badge(toneOf(outcome), String(outcome.exitCode)),
    ]),
  );

function factsOf(outcome: CheckOutcome): (readonly [string, Part])[] {
  const { name: own, database } = outcome;
  if (outcome.event === 'check-failed')
    return [
      ['Name', own && name(own)],
      ['Database', name(database)],
    ];
  const { server, mlflow, seconds } = outcome;
  return [
    ['Name', own && name(own)],
    ['Database', name(database)],
    ['Server', server],
    ['Stands at', standsIn(outcome)],
    ['MLflow asked for', mlflow && `${mlflow.sentence}${mlflow.todo ? `: ${mlflow.todo}` : ''}`],
    ['Rows', outcome.rows ? 'were read too' : 'were not read (--rows)'],
    ['Took', `${seconds} s`],
  ];
}

const bodyOf = (outcome: CheckOutcome, known: DatabaseFacts | null): Part =>
  outcome.event === 'check-failed' ? failure(outcome) : report(outcome, known);

const failure = ({ message, hints }: CheckFailure): Html =>
  html`<article class="error"><h3>Could not be checked</h3><p>${message}</p>${list(hints)}</article>`;

function report(outcome: CheckReport, known: DatabaseFacts | null): Part {
  const { findings, ignored, staleIgnores, notChecked } = outcome;
  const of = (severity: string) => findings.filter((one) => one.severity === severity).length;
  const tile = (n: number, label: string, tone?: 'bad' | 'attention') =>
    [String(n), n === 1 ? label.replace(/s$/, '') : label, n > 0 ? tone : undefined] as const;
  return [
    tiles([
      tile(of('error'), 'errors', 'bad'),
      tile(of('warning'), 'warnings', 'attention'),
      tile(of('note'), 'notes'),
      [String(ignored.length), 'ignored'],
      tile(notChecked.length, 'not checked', 'attention'),
      [String(outcome.behind), 'revisions behind the head'],
    ]),
    section('Findings', findings.length === 0 ? html`<p>None.</p>` : sorted(findings).map(finding)),
    section(
      'Not checked',
      list(
        notChecked.map(
          ({ what, why, remedy }) =>
            html`<strong>${what}</strong>: ${why}<br><span class="dim">to see it: ${remedy}</span>`,
        ),
      ),
    ),
    ignored.length > 0 &&
      section(
        'Ignored',
        table(
          `${count(ignored.length, 'finding')} that the ignore file covers`,
          [{ title: 'Finding' }, { title: 'Severity' }, { title: 'Reason' }, { title: 'Until' }],
          ignored.map(({ finding: { id, severity }, reason, expires }) => [
            name(id),
            severity,
            reason,
            expires ?? 'for ever',
          ]),
        ),
      ),
    section('Ignore file', list(staleIgnores)),
    known && timelineSection(known.timeline, false),
    known && sizesSection(known.tables),
  ];
}

function finding(one: CheckReport['findings'][number]): Html {
  const { severity, id, message, why, sql } = one;
  return html`<article class="${severity}"><h3>${badge(severity, severity)} ${name(id)}</h3><p>${message}</p><p><span class="dim">Why it matters:</span> ${why}</p><p><span class="dim">Repair:</span> ${repairOf(one)}</p>${
    sql.length > 0 && code(sql.map(ended).join('\n'))
  }</article>\n`;
}
