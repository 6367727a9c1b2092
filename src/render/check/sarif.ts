import { createHash } from 'node:crypto';
import type { CheckOutcome, CheckReport, Ignored, Reported } from '../../core/check/report.js';
import { ruleIds, rules } from '../../core/check/rules.js';
import type { Origin } from '../../core/check/targets.js';
import { labelOf, type Printed, repairOf, sorted, wholeText } from './printed.js';

/**
 * SARIF 2.1.0 (OASIS). One run for all databases: GitHub refuses a file with several runs of one tool. Databases that
 * could not be checked and what a role may not see are notifications of their invocation.
 */
export function renderSarif(printed: Printed): string {
  const results = printed.outcomes.flatMap((outcome, i) =>
    outcome.event === 'check' ? resultsOf(outcome, printed.origins[i] ?? null) : [],
  );
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'mltrack', semanticVersion: printed.version, rules: ruleIds.map(ruleOf) } },
        invocations: printed.outcomes.map(invocationOf),
        results,
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function ruleOf(id: (typeof ruleIds)[number]) {
  const { title, help } = rules[id];
  return {
    id,
    shortDescription: { text: `${title}.` },
    fullDescription: { text: `${title}. ${help}` },
    help: { text: help },
    defaultConfiguration: { level: 'warning' },
  };
}

const resultsOf = (report: CheckReport, origin: Origin | null) => [
  ...sorted(report.findings).map((finding) => resultOf(finding, report, origin)),
  ...report.ignored.map((ignored) => ({
    ...resultOf(ignored.finding, report, origin),
    suppressions: [suppressionOf(ignored)],
  })),
];

function resultOf(finding: Reported, report: CheckReport, origin: Origin | null) {
  const { rule, severity, id, table, name, object, expected, found, why, sql } = finding;
  const label = labelOf(report);
  const print = createHash('sha256').update(`${label}\0${id}`).digest('hex');
  const path = [label, table, name].filter((part) => part !== null);
  return {
    ruleId: rule,
    ruleIndex: ruleIds.indexOf(rule),
    level: severity,
    message: { text: wholeText(finding) },
    locations: [
      {
        physicalLocation: placeOf(label, origin),
        logicalLocations: [
          {
            name: path.at(-1),
            fullyQualifiedName: path.map((part) => part.replace(/[\\/]/g, '\\$&')).join('/'),
            kind: object,
          },
        ],
      },
    ],
    // GitHub knows a result again by the second alone.
    partialFingerprints: { 'mltrackFinding/v1': print, primaryLocationLineHash: `${print.slice(0, 16)}:1` },
    properties: {
      id,
      database: report.database,
      table,
      name,
      expected,
      found,
      why,
      repair: repairOf(finding),
      sql,
    },
  };
}

/** A database is no file, and GitHub wants one: the line of the config file, or a name that stands for it. */
const placeOf = (label: string, origin: Origin | null) => ({
  artifactLocation: {
    uri: origin ? origin.file.split(/[\\/]/).map(encoded).join('/') : `mltrack/${encoded(label)}`,
  },
  region: { startLine: origin?.line ?? 1 },
});

/** A lone surrogate has no encoding. */
const encoded = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));

const suppressionOf = ({ reason, expires }: Ignored) => ({
  kind: 'external',
  status: 'accepted',
  justification: expires === null ? reason : `${reason} (until ${expires})`,
});

function invocationOf(outcome: CheckOutcome) {
  const { name, database, exitCode } = outcome;
  const isChecked = outcome.event === 'check';
  const notifications = isChecked
    ? notificationsOf(outcome)
    : [{ level: 'error', message: { text: [outcome.message, ...outcome.hints].join('\n') } }];
  const facts = isChecked
    ? { server: outcome.server, revision: outcome.revision, behind: outcome.behind, rows: outcome.rows }
    : {};
  return {
    executionSuccessful: isChecked,
    exitCode,
    toolExecutionNotifications: notifications,
    properties: { name, database, ...facts },
  };
}

const notificationsOf = ({ mlflow, notChecked, staleIgnores }: CheckReport) => [
  ...(mlflow
    ? [
        {
          level: mlflow.relation === 'accepts' ? 'note' : 'error',
          message: { text: mlflow.todo === null ? mlflow.sentence : `${mlflow.sentence}: ${mlflow.todo}` },
        },
      ]
    : []),
  ...notChecked.map(({ what, why, remedy }) => ({
    level: 'warning',
    message: { text: `not checked: ${what}: ${why}\n${remedy}` },
  })),
  ...staleIgnores.map((text) => ({ level: 'warning', message: { text } })),
];
