import { fails } from '../../core/check/exit.js';
import type { CheckFailure, CheckOutcome, CheckReport, Reported } from '../../core/check/report.js';
import { rowRules, ruleIds, rules } from '../../core/check/rules.js';
import { labelOf, type Printed, sorted, wholeText } from './printed.js';
import { element, type Xml, xmlDocument } from './xml.js';

interface Case {
  readonly name: string;
  readonly result: 'passed' | 'failure' | 'error' | 'skipped';
  readonly message?: string;
  readonly text?: string;
}

/**
 * JUnit's XML as Jenkins, GitLab and GitHub's test reporters read it: a suite a database, a case a rule that found
 * nothing and a case a finding. CI servers read only the first failure of a case, so no case has two.
 */
export function renderJunit(printed: Printed): string {
  const suites = printed.outcomes.map((outcome) => suiteOf(outcome, printed));
  const all = suites.flatMap(({ cases }) => cases);
  const { tests, failures, errors } = tally(all);
  const time = seconds(suites.reduce((sum, suite) => sum + suite.time, 0));
  return xmlDocument(
    element(
      'testsuites',
      { name: 'mltrack db check', tests, failures, errors, time },
      suites.map(({ xml }) => xml),
    ),
  );
}

function suiteOf(outcome: CheckOutcome, printed: Printed) {
  const cases = outcome.event === 'check' ? casesOf(outcome, printed) : [failedCase(outcome)];
  const name = labelOf(outcome);
  const time = outcome.event === 'check' ? outcome.seconds : 0;
  const stale = outcome.event === 'check' ? outcome.staleIgnores : [];
  const xml = element('testsuite', { name, ...tally(cases), time: seconds(time) }, [
    element('properties', {}, propertiesOf(outcome)),
    ...cases.map((one) => caseXml(one, name)),
    ...(stale.length > 0 ? [element('system-out', {}, stale.join('\n'))] : []),
  ]);
  return { cases, time, xml };
}

const failedCase = ({ message, hints }: CheckFailure): Case => ({
  name: 'can be checked',
  result: 'error',
  message,
  text: [message, ...hints].join('\n'),
});

function casesOf(report: CheckReport, { failOn, requireComplete }: Printed): Case[] {
  const { findings, ignored, notChecked, mlflow, rows } = report;
  const told = new Set([...findings, ...ignored.map(({ finding }) => finding)].map(({ rule }) => rule));
  const hidden = new Set(notChecked.flatMap(({ hides }) => hides.rules));
  const passed = ruleIds.filter(
    (rule) => !told.has(rule) && !hidden.has(rule) && (rows || !rowRules.has(rule)),
  );
  return [
    { name: 'can be checked', result: 'passed' },
    ...(mlflow ? [verdictCase(mlflow)] : []),
    ...sorted(findings).map((finding) => findingCase(finding, fails(finding.severity, failOn))),
    ...ignored.map(
      ({ finding, reason, expires }): Case => ({
        name: finding.id,
        result: 'skipped',
        message: `ignored${expires === null ? '' : ` until ${expires}`}: ${reason}`,
        text: wholeText(finding),
      }),
    ),
    ...notChecked.map(
      ({ what, why, remedy }): Case => ({
        name: `not checked: ${what}`,
        result: requireComplete ? 'failure' : 'skipped',
        message: `${what} cannot be checked: ${why}`,
        text: remedy,
      }),
    ),
    ...passed.map((rule): Case => ({ name: `${rule}: ${rules[rule].title}: none`, result: 'passed' })),
  ];
}

const verdictCase = ({ version, relation, sentence, todo }: NonNullable<CheckReport['mlflow']>): Case => ({
  name: `MLflow ${version} starts`,
  result: relation === 'accepts' ? 'passed' : 'failure',
  message: sentence,
  ...(todo === null ? {} : { text: todo }),
});

const findingCase = (finding: Reported, isFailure: boolean): Case => ({
  name: finding.id,
  result: isFailure ? 'failure' : 'passed',
  message: `${finding.severity}: ${finding.message}`,
  text: wholeText(finding),
});

function caseXml({ name, result, message, text }: Case, database: string): Xml {
  const attributes = { classname: database, name };
  if (result !== 'passed')
    return element('testcase', attributes, [
      element(
        result,
        { message: message ?? '', ...(result === 'skipped' ? {} : { type: 'mltrack' }) },
        text ?? '',
      ),
    ]);
  return element('testcase', attributes, text === undefined ? [] : [element('system-out', {}, text)]);
}

function propertiesOf(outcome: CheckOutcome): Xml[] {
  const pairs =
    outcome.event === 'check'
      ? { database: outcome.database, server: outcome.server, revision: outcome.revision ?? '' }
      : { database: outcome.database };
  return Object.entries(pairs).map(([name, value]) => element('property', { name, value }));
}

function tally(cases: readonly Case[]) {
  const number = (result: Case['result']): string =>
    String(cases.filter((one) => one.result === result).length);
  return {
    tests: String(cases.length),
    failures: number('failure'),
    errors: number('error'),
    skipped: number('skipped'),
  };
}

const seconds = (time: number): string => time.toFixed(3);
