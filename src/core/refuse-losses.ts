import { blockedError } from '../errors.js';
import type { Revision } from '../schema/revision.js';
import type { Loss } from './ask-rows.js';
import type { DowngradePlan } from './downgrade-plan.js';

/** @throws exit 10 with everything that would be lost and everything else in the way */
export function refuseLosses({ place, to, downs, reasons }: DowngradePlan): void {
  const all = [...downs.flatMap(({ revision, losses }) => lossLines(revision, losses)), ...reasons];
  if (all.length === 0) return;
  throw blockedError(
    `${place} cannot go back to ${to.revision} without loss:\n  - ${all.join('\n  - ')}`,
    'nothing was changed; take these rows away yourself if they are not needed, or restore the backup from before the upgrade',
  );
}

const lossLines = ({ revision, title }: Revision, losses: readonly Loss[]): string[] =>
  losses.map(({ table, what, rows, examples }) => {
    const many = `${rows} row${rows === 1 ? '' : 's'} of ${table}`;
    const more = rows > examples.length ? '; …' : '';
    return `${revision} (${title}): ${many} would be lost, because they ${what}: ${examples.join('; ')}${more}`;
  });

/** Where nothing keeps writers out, rows may have come since all revisions were asked. */
export function refuseLate(revision: Revision, losses: readonly Loss[]): void {
  if (losses.length === 0) return;
  throw blockedError(
    `somebody has written meanwhile:\n  - ${lossLines(revision, losses).join('\n  - ')}`,
    'stop the MLflow server while its database goes back',
  );
}
