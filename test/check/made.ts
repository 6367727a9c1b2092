import { summaryOf } from '../../src/core/check/exit.js';
import type { CheckFailure, CheckOutcome, CheckReport, Reported } from '../../src/core/check/report.js';
import type { Printed } from '../../src/render/check/index.js';

/** A name with everything that some format gives a meaning to. */
export const nasty =
  'a"b\'c<d>&e]]>f%0Ag:h,i|j`k``l\nm\r\n::error::n\u001b[31mo\u0000p@team #1 \\*_q_ 🦄 --> ##[error]r é\u202etxt';

export const finding = (more: Partial<Reported> = {}): Reported => ({
  rule: 'index-missing',
  severity: 'warning',
  object: 'index',
  table: 'metrics',
  name: 'index_metrics_run_uuid',
  expected: '(run_uuid)',
  found: null,
  why: 'queries of MLflow that use it read the whole table',
  repair: {
    kind: 'statements',
    statements: [
      {
        sql: 'CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid)',
        table: 'metrics',
        title: 'index metrics',
      },
    ],
  },
  id: 'index-missing:metrics.index_metrics_run_uuid',
  message: 'index metrics.index_metrics_run_uuid: expected (run_uuid), found nothing',
  sql: ['CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid)'],
  ...more,
});

/** A finding about something with a nasty name. */
export const nastyFinding = (more: Partial<Reported> = {}): Reported =>
  finding({
    rule: 'table-extra',
    severity: 'note',
    object: 'table',
    table: nasty,
    name: null,
    id: `table-extra:${nasty}`,
    message: `table ${nasty}: 1 column`,
    repair: { kind: 'none', reason: `it is yours: ${nasty}` },
    sql: [`DROP TABLE "${nasty}"`],
    ...more,
  });

export const report = (more: Partial<CheckReport> = {}): CheckReport => ({
  event: 'check',
  version: 1,
  name: null,
  database: 'postgresql://mlflow@db.example/mlflow',
  server: 'PostgreSQL 15.14',
  dialect: 'postgresql',
  revision: 'f4a9b2c7d1e6',
  written: 'written by MLflow 3.18',
  behind: 0,
  findings: [],
  ignored: [],
  staleIgnores: [],
  notChecked: [],
  rows: false,
  mlflow: null,
  seconds: 0.25,
  exitCode: 0,
  ...more,
});

export const failure = (more: Partial<CheckFailure> = {}): CheckFailure => ({
  event: 'check-failed',
  version: 1,
  name: 'staging',
  database: 'mysql://mlflow@db.example/mlflow',
  exitCode: 9,
  message: 'mysql://mlflow@db.example/mlflow: nobody answers',
  hints: ['check the host and the port'],
  ...more,
});

export const notChecked: CheckReport['notChecked'][number] = {
  what: 'the triggers of secrets',
  why: 'only a role with the right TRIGGER sees them',
  remedy: 'GRANT TRIGGER ON mlflow.* TO mlflow',
  hides: { rules: ['trigger-missing', 'trigger-differs'] },
};

export const printed = (outcomes: readonly CheckOutcome[], more: Partial<Printed> = {}): Printed => ({
  outcomes,
  summary: summaryOf(outcomes),
  origins: outcomes.map(() => null),
  version: '0.1.0',
  failOn: 'warning',
  requireComplete: false,
  ...more,
});

/** One of everything: what each format must bring. */
export const everything = (): readonly CheckOutcome[] => [
  report({
    name: nasty,
    exitCode: 3,
    findings: [
      nastyFinding(),
      finding(),
      finding({
        ...{ rule: 'foreign-key-missing', severity: 'error', object: 'foreign key', table: 'params' },
        ...{ name: null, id: 'foreign-key-missing:params', sql: [], expected: '(run_uuid) → runs(run_uuid)' },
        message: 'foreign key params: expected (run_uuid) → runs(run_uuid), found nothing',
        repair: { kind: 'command', command: 'mltrack db upgrade' },
      }),
    ],
    ignored: [
      {
        finding: finding({ id: 'index-extra:runs.mine', rule: 'index-extra' }),
        reason: nasty,
        expires: '2027-01-31',
      },
      {
        finding: finding({ id: 'index-extra:runs.ours', rule: 'index-extra' }),
        reason: 'ours',
        expires: null,
      },
    ],
    staleIgnores: ['ignores.yml:3: index-missing:x covers nothing: take it out (why)'],
    notChecked: [notChecked],
    mlflow: {
      version: '3.16.0',
      relation: 'ahead',
      migratesByItself: false,
      sentence: 'MLflow 3.16.0 does not start on this database, which is newer',
      todo: 'use that MLflow',
    },
  }),
  report(),
  failure(),
];
