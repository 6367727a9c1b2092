import { usageError } from '../../errors.js';

const dayMs = 86_400_000;
const units: Readonly<Record<string, number>> = {
  w: 7 * dayMs,
  d: dayMs,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
};

/**
 * The moment that an age goes back to, or that a date names, in milliseconds since the epoch: `30d`, `2w`, `12h30m`,
 * `1.5d`; ISO 8601 `P30D`, `P1Y2M`, `PT12H`; `2026-10-01`, `2026-10-01T12:00:00Z`. Without an offset it is UTC.
 * What was deleted at that moment or before is old enough.
 *
 * @param now milliseconds since the epoch
 * @throws exit 2: a bare number (`mlflow gc` refuses it too), nothing (there it deletes everything), the future
 */
export function cutoffOf(text: string, now: number): number {
  const cutoff = simple(text, now) ?? period(text, now) ?? date(text);
  if (cutoff === null)
    throw usageError(
      text.trim() === ''
        ? '--older-than is empty; to collect whatever its age leave it out'
        : `--older-than ${text} is no age and no date${/^\d+$/.test(text) ? ': a number needs its unit' : ''}`,
      'examples: 30d, 2w, 12h30m, 1d2h, P30D, 2026-10-01',
    );
  if (cutoff > now)
    throw usageError(`--older-than ${text} lies in the future`, 'give an age, or a date that is past');
  if (cutoff < 0) throw usageError(`--older-than ${text} goes back before 1970`, 'examples: 30d, 52w');
  return Math.floor(cutoff);
}

/** `1d2h`: each unit once, the greater before the smaller, as in MLflow; `w` is ours. */
function simple(text: string, now: number): number | null {
  const amount = String.raw`(\d+(?:\.\d+)?)`;
  const match = new RegExp(
    `^(?:${amount}w)?(?:${amount}d)?(?:${amount}h)?(?:${amount}m)?(?:${amount}s)?$`,
  ).exec(text);
  if (!match || text === '') return null;
  const names = ['w', 'd', 'h', 'm', 's'];
  return now - names.reduce((sum, unit, i) => sum + Number(match[i + 1] ?? 0) * (units[unit] ?? 0), 0);
}

/** ISO 8601: `P1Y2M10DT2H30M`. Years and months are the calendar's. */
function period(text: string, now: number): number | null {
  const match =
    /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!match || text === 'P') return null;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const back = new Date(now);
  const day = back.getUTCDate();
  back.setUTCDate(1);
  back.setUTCMonth(back.getUTCMonth() - 12 * years - months);
  // A month before the 31st of March is the last of February.
  const last = new Date(Date.UTC(back.getUTCFullYear(), back.getUTCMonth() + 1, 0)).getUTCDate();
  back.setUTCDate(Math.min(day, last));
  return back.getTime() - (weeks * 7 + days) * dayMs - hours * 3_600_000 - minutes * 60_000 - seconds * 1000;
}

function date(text: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(
    text,
  );
  if (!match) return null;
  const [, day = '', offset] = match;
  // JavaScript makes the 2nd of March of a 30th of February.
  if (new Date(`${day}T00:00:00Z`).toString() === 'Invalid Date') return null;
  if (new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) return null;
  const time = Date.parse(
    text.length === 10 ? `${day}T00:00:00Z` : `${text.replace(' ', 'T')}${offset ? '' : 'Z'}`,
  );
  return Number.isNaN(time) ? null : time;
}
