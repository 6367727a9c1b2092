import type { Reported } from '../check/report.js';
import { type DiffEntry, kindOf } from './entry.js';
import { hiddenFrom } from './hidden.js';
import { isExtra } from './schemas.js';
import type { ReadSide } from './side.js';

/** Being behind is told by the stamps. */
const told = new Set<Reported['rule']>(['revision-behind', 'database-empty']);

/**
 * Each database with MLflow's schema at its own revision; what both deviate in alike is no difference.
 *
 * @param sameWords both speak the same dialect, so that texts can be compared
 * @param which of the findings are looked at
 */
export function compareDeviations(
  left: ReadSide,
  right: ReadSide,
  sameWords: boolean,
  which: (finding: Reported) => boolean = () => true,
): DiffEntry[] {
  const isHidden = hiddenFrom(left, right);
  const [one, other] = [left, right].map(({ checked }) =>
    keyed(
      checked.findings.filter(
        (finding) => !told.has(finding.rule) && !isHidden(finding.rule, finding.table) && which(finding),
      ),
    ),
  ) as [Map<string, Reported>, Map<string, Reported>];
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((key): DiffEntry[] => {
    const [here, there] = [one.get(key), other.get(key)];
    if (here && there && isAlike(here, there, sameWords)) return [];
    const finding = (here ?? there) as Reported;
    const { object, table, name } = finding;
    // Who does not deviate has what MLflow has.
    const leftText = here ? textOf(here) : finding.expected;
    const rightText = there ? textOf(there) : finding.expected;
    const mlflow = !isExtra(finding);
    return [
      { kind: kindOf(leftText, rightText), object, table, name, left: leftText, right: rightText, mlflow },
    ];
  });
}

/** Servers name constraints that MLflow left without a name each in its own way: there the columns tell which it is. */
function keyed(findings: readonly Reported[]): Map<string, Reported> {
  const found = new Map<string, Reported>();
  for (const finding of findings) {
    const { rule, object, table, name, expected } = finding;
    const unnamed = object === 'primary key' || object === 'unique constraint' || object === 'foreign key';
    const key = [rule, table, unnamed ? (expected ?? finding.found) : name].join('\0');
    found.set(found.has(key) ? finding.id : key, finding);
  }
  return found;
}

/** Of what is only missing or only added, two servers can say the same; types and expressions each says in its words. */
function isAlike(here: Reported, there: Reported, sameWords: boolean): boolean {
  if (!sameWords && (isExtra(here) || (here.found === null && there.found === null))) return true;
  return here.found === there.found;
}

/** What is only a state of a part that is there has no text of its own. */
const textOf = ({ expected, found, why }: Reported): string | null =>
  expected === null && found === null ? why : found;
