import type { Summary } from '../../core/check/exit.js';
import { type CheckReport, countOf } from '../../core/check/report.js';
import { count } from '../sentences.js';

type Counts = Pick<Summary, 'errors' | 'warnings' | 'notes' | 'ignored' | 'notChecked' | 'failed'>;

/** "1 error, 2 warnings, 0 notes; 1 ignored; 1 part not checked". */
export function countsOf(what: CheckReport | Counts): string {
  const { errors, warnings, notes, ignored, notChecked, failed } = 'findings' in what ? countsIn(what) : what;
  return [
    [count(errors, 'error'), count(warnings, 'warning'), count(notes, 'note')].join(', '),
    ...(ignored > 0 ? [`${ignored} ignored`] : []),
    ...(notChecked > 0 ? [`${count(notChecked, 'part')} not checked`] : []),
    ...(failed > 0 ? [`${count(failed, 'database')} not checked at all`] : []),
  ].join('; ');
}

const countsIn = ({ findings, ignored, notChecked }: CheckReport): Counts => ({
  errors: countOf(findings, 'error'),
  warnings: countOf(findings, 'warning'),
  notes: countOf(findings, 'note'),
  ignored: ignored.length,
  notChecked: notChecked.length,
  failed: 0,
});

/** "revision f4a9b2c7d1e6, written by MLflow 3.18; at the head". */
export const standsIn = ({ revision, written, behind }: CheckReport): string =>
  `${revision === null ? written : `revision ${revision}, ${written}`}; ${behind === 0 ? 'at the head' : `${count(behind, 'revision')} behind the head`}`;
