import type { RuleId } from '../../dialects/check.js';
import { mayHide } from '../check/hidden.js';
import type { ReadSide } from './side.js';

/** `trigger-missing` and `trigger-extra` are about the same thing: what one role does not see is extra with the other. */
const family = (rule: RuleId): string => rule.replace(/-(missing|extra|differs)$/, '');

/** Whether one of the two roles may not see what a rule is about, so that it is no difference. */
export const hiddenFrom =
  (...sides: readonly ReadSide[]) =>
  (rule: RuleId, table: string | null): boolean =>
    sides.some(({ side }) =>
      side.notChecked.some(
        (part) => part.hides.rules.some((hidden) => family(hidden) === family(rule)) && mayHide(part, table),
      ),
    );
