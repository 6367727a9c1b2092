import type { Reported } from '../../core/check/report.js';
import type { Origin } from '../../core/check/targets.js';
import { countsOf } from './counts.js';
import { labelOf, type Printed, sorted, wholeText } from './printed.js';
import { visible } from './visible.js';

const commands = { error: 'error', warning: 'warning', note: 'notice' } as const;

/**
 * Annotations of a GitHub Actions run. GitHub shows ten of each kind a step and no more; the step summary has all.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function renderGithub({ outcomes, summary, origins }: Printed): string {
  const lines = outcomes.flatMap((outcome, i) => {
    const say = annotate(labelOf(outcome), origins[i] ?? null);
    if (outcome.event === 'check-failed')
      return [say('error', 'could not be checked', [outcome.message, ...outcome.hints].join('\n'))];
    const { mlflow } = outcome;
    return [
      ...(mlflow && mlflow.relation !== 'accepts'
        ? [
            say(
              'error',
              `MLflow ${mlflow.version} does not start`,
              [mlflow.sentence, ...(mlflow.todo ? [mlflow.todo] : [])].join('\n'),
            ),
          ]
        : []),
      ...sorted(outcome.findings).map((finding) => findingLine(finding, say)),
      ...outcome.notChecked.map(({ what, why, remedy }) =>
        say('warning', 'not checked', `${what}: ${why}\n${remedy}`),
      ),
      ...outcome.staleIgnores.map((text) => say('warning', 'ignore file', text)),
    ];
  });
  // Without names: a line that is no annotation is read for other commands.
  return [...lines, `mltrack db check: ${countsOf(summary)}`, ''].join('\n');
}

type Say = (kind: 'error' | 'warning' | 'notice', title: string, message: string) => string;

const findingLine = (finding: Reported, say: Say): string =>
  say(commands[finding.severity], finding.rule, wholeText(finding));

function annotate(label: string, origin: Origin | null): Say {
  return (kind, title, message) => {
    const properties = {
      ...(origin ? { file: origin.file, line: String(origin.line) } : {}),
      title: `${label}: ${title}`,
    };
    const list = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
    return `::${kind} ${list.join(',')}::${data(message)}`;
  };
}

/**
 * What the runner unescapes in a message, and in a property (actions/runner, ActionCommand.cs). Of a name's control
 * characters only the line break is left, and it is escaped: a name cannot begin a command of its own.
 */
const data = (text: string): string => visible(text, '\n').replaceAll('%', '%25').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
