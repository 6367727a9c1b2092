import type { CheckModule } from '../../dialects/check.js';
import { type Difference, diff } from '../../schema/diff.js';
import { kinds, nameOf } from '../check/findings.js';
import type { Reported } from '../check/report.js';
import { judge } from '../check/severity.js';
import { sidesOf } from '../check/words.js';
import { type DiffEntry, kindOf } from './entry.js';
import { hiddenFrom } from './hidden.js';
import type { ReadSide } from './side.js';

/** Both schemas part by part, in the words of their server. */
export function compareSchemas(left: ReadSide, right: ReadSide, module: CheckModule): DiffEntry[] {
  const isHidden = hiddenFrom(left, right);
  return diff(left.checked.live, right.checked.live, module.same)
    .filter((difference) => !isHidden(judge(difference, module.enforcesLengths).rule, difference.table))
    .map((difference) => entryOf(difference, left, right));
}

function entryOf(difference: Difference, left: ReadSide, right: ReadSide): DiffEntry {
  const { expected, found } = sidesOf(difference);
  const object = kinds[difference.part];
  const name = nameOf(difference);
  const isOwn = [...left.checked.findings, ...right.checked.findings].some(
    (finding) => isExtra(finding) && finding.table === difference.table && isAbout(finding, object, name),
  );
  return {
    ...{ kind: kindOf(expected, found), object, table: difference.table, name },
    ...{ left: expected, right: found, mlflow: !isOwn },
  };
}

/** What the user added: MLflow has nothing there. */
export const isExtra = ({ rule }: Pick<Reported, 'rule'>): boolean => rule.endsWith('-extra');

/** What is in a table of the user's own is the user's own. */
const isAbout = (finding: Reported, object: string, name: string | null): boolean =>
  finding.rule === 'table-extra' || (finding.object === object && finding.name === name);
